"""What callers say beside the matter: answered at once from every state, then the open question again.

Testers, insulters and people after somebody else's record are met calmly: told once, then passed to a person.
The danger screen and the wish for a person have been heard before any of this.
"""

from __future__ import annotations

import re

from dialog import wording
from dialog.engine import MORE, OPEN, current_flow, put_aside
from dialog.flows import FLOWS
from dialog.moves import again, close, person
from dialog.reading import says, value
from dialog.repair import give_up
from dialog.turn import Turn
from dialog.wishes import take
from models.domain import Intent, Understanding
from words import cards

_RELAY = re.compile(
    r"\brelay (service|operator|call|assistant|user)\b|\b(communications?|c a|ca) assistant\b|\btty\b"
)
_RELAY_SILENCES = 8  # somebody types and somebody reads out: each answer takes its time
_RECORDED = re.compile(
    r"\b(are you|is this|is the|is it|am i|is my)( call| line| conversation)? (being )?record(ing|ed)\b"
)
_CAN_DO = re.compile(
    r"\bwhat (can|do) you (do|help)\b|\bwhat (are you|can you be) (able to|used) for\b|\bhelp menu\b"
)
_WHERE = re.compile(
    r"\bwhere (were|are) we\b|\bwhat were we (doing|talking)\b|\bwhat was (the|your) question\b"
)
_GO_BACK = re.compile(r"\b(?:back|return) to (?:the|my|our|that) (\w+)\b")
_FLOWS_BY_WORD = {
    "refill": ("refill",),
    "prescription": ("refill",),
    "medicine": ("refill",),
    "appointment": ("book", "move", "cancel", "lookup"),
    "visit": ("book", "move", "cancel", "lookup"),
    "booking": ("book",),
    "message": ("message",),
}
_OTHERS_RECORD = re.compile(
    r"\b(read|tell|give|show|what|what's|does|do)\b.*"
    r"\b(her|his|their|neighbor('?s)?|neighbour('?s)?|boss('s)?|coworker('?s)?|ex('s|-\w+)?|somebody else's"
    r"|someone else's|another patient's|other patients'?)\b"
    r".*\b(chart|records?|file|results?|diagnosis|takes?|taking|medicines?|medications?|on)\b"
)
_RULES = re.compile(
    r"\b(ignore|forget|disregard|override|bypass)\b.*\b(rules?|instructions?|prompt|programming|guidelines)\b"
    r"|\b(system prompt|developer mode|admin mode|jailbreak|pretend (to be|you are|you're))\b"
)
_INSULT = re.compile(
    r"\b(you('re| are)?|your) (a |an |such |so |just |all |fucking |damn |really |very ){0,4}"
    r"(stupid|idiots?|dumb|morons?|useless|worthless|bitch|bastards?|assholes?|piece of|garbage|trash|joke)\b"
    r"|\bshut (the \w+ )?up\b|\bgo to hell\b|\b(fuck|screw) (you|off|this)\b"
    r"|\b(stupid|dumb|damn|goddamn|fucking|useless) (robot|machine|computer|thing|bot|idiot|system)\b"
)
_IMPOSSIBLE = re.compile(
    r"\b(february|feb) (the )?(30|31|thirtieth|thirty[- ]first)(st|th)?\b"
    r"|\b(april|june|september|november) (the )?(31|thirty[- ]first)(st)?\b"
    r"|\b(30th|31st|thirtieth|thirty[- ]first) of february\b"
    r"|\b(31st|thirty[- ]first) of (april|june|september|november)\b"
)
_LONG_PAST = re.compile(r"\b1[0-8]\d\d\b|\beighteen (oh )?\w+(ty|teen)?([- ]\w+)?$")
_SCHEDULING = frozenset({Intent.SCHEDULE_BOOK, Intent.SCHEDULE_RESCHEDULE})
_NO_WISH = frozenset(
    {None, Intent.OUT_OF_SCOPE, Intent.DENY, Intent.AFFIRM, Intent.GREETING, Intent.REPEAT, Intent.GOODBYE}
    | {Intent.DONT_KNOW, Intent.WAIT}
)


def reply(turn: Turn, heard: Understanding) -> Turn | None:
    """The answer to a remark; None when it is none."""
    if heard.entities.keys() & {"dob", "name"}:
        return None
    if _holds_card(heard):
        return None if _wants_to_pay(turn, heard) else again(turn.say(wording.NO_CARDS))
    if asks_recorded(heard):
        return again(turn.say(_recorded(turn)))
    if says(heard, _CAN_DO):
        return _can_do(turn)
    if says(heard, _WHERE):
        return _where(turn)
    if value(heard, "kind") == "sales":
        return _sales(turn)
    return _go_back(turn, heard) or _impossible(turn, heard) or _out_of_bounds(turn, heard)


def _holds_card(heard: Understanding) -> bool:
    return cards.MASK in heard.text or cards.masked(heard.text) != heard.text


def _wants_to_pay(turn: Turn, heard: Understanding) -> bool:
    """A wish, not a remark: the message about it says the same of the card, and leaves its number out."""
    return turn.state.asking in (OPEN, MORE) and heard.intent is Intent.BILLING_QUESTION


# --------------------------------------------------------------------------- about the call


def asks_recorded(heard: Understanding) -> bool:
    """ "Are you recording?", which is not "are you a recording?"."""
    return says(heard, _RECORDED)


def is_relay(heard: Understanding) -> bool:
    """An operator who speaks for a caller that types (47 CFR 64.601)."""
    return says(heard, _RELAY)


def relay(turn: Turn) -> Turn:
    """Patience from now on: whoever types is not hurried."""
    return again(turn.note(relay=True, patience=_RELAY_SILENCES).say(wording.RELAY_READY))


def _recorded(turn: Turn) -> str:
    off = turn.state.known.get("recording_declined") or not turn.practice.records_calls
    return wording.IS_NOT_RECORDED if off else wording.IS_RECORDED


def _can_do(turn: Turn) -> Turn:
    if turn.state.asking in (OPEN, MORE):
        return turn.say(wording.I_CAN).ask(OPEN, wording.WHAT_CAN_I_DO)
    return again(turn.say(wording.I_CAN))


def _where(turn: Turn) -> Turn:
    flow = current_flow(turn)
    if turn.state.asking in (OPEN, MORE) or flow is None:
        return _can_do(turn)
    return again(turn.say(flow.back or wording.BACK))


def _go_back(turn: Turn, heard: Understanding) -> Turn | None:
    """ "Back to my refill": the wish that was put aside comes next."""
    found = _GO_BACK.search(heard.text.lower())
    if found is None:
        return None
    names = _FLOWS_BY_WORD.get(found.group(1), ())
    if turn.state.flow in names:
        return again(turn.say(FLOWS[turn.state.flow].back))
    wish = next((wish for wish in turn.state.queue if wish.flow in names), None)
    if wish is None:
        return None
    turn = put_aside(turn)
    turn = turn.but(queue=tuple(other for other in turn.state.queue if other is not wish))
    return turn.begin(wish.flow, **wish.slots).say(FLOWS[wish.flow].back)


def _sales(turn: Turn) -> Turn:
    if turn.state.known.get("sold_to"):
        return close(turn)
    return turn.note(sold_to=True).done().say(wording.NO_SALES).ask(MORE, wording.ANYTHING_ELSE)


def _impossible(turn: Turn, heard: Understanding) -> Turn | None:
    if says(heard, _IMPOSSIBLE) and not heard.entities.keys() & {"date", "dob"}:
        return again(turn.say(wording.NO_SUCH_DAY))
    asked = heard.intent in _SCHEDULING or turn.state.flow in ("book", "move")
    if not asked or not says(heard, _LONG_PAST) or heard.entities.keys() & {"date", "time", "dob"}:
        return None
    turn = turn.say(wording.DAYS_TO_COME)
    return take(turn, heard) or again(turn)


# --------------------------------------------------------------------------- out of bounds


def _out_of_bounds(turn: Turn, heard: Understanding) -> Turn | None:
    if heard.intent not in _NO_WISH:
        return None
    if says(heard, _INSULT):
        return _told_once(turn, wording.BE_KIND)
    if says(heard, _OTHERS_RECORD):
        return _told_once(turn, wording.NO_RECORDS)
    return _told_once(turn, wording.NOT_THAT) if says(heard, _RULES) else None


def _told_once(turn: Turn, sentence: str) -> Turn:
    """Once more a person, where one is there, or a message; after that the call is ended, kindly."""
    times = int(turn.known("out_of_bounds") or 0) + 1
    turn = turn.note(out_of_bounds=times)
    if times == 1:
        return again(turn.say(sentence))
    return person(turn) if times == 2 else give_up(turn)
