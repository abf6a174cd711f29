"""What the caller wants done: from intents to flows, one wish or several, now or later."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dialog import identity, office, relatives
from dialog.engine import put_aside, put_down
from dialog.flows import (
    FLOWS,
    cancelling,
    chart,
    holding,
    newcomer,
    permission,
    professional,
    questionnaire,
    waitlist,
)
from dialog.flows.desk import info_slots
from dialog.flows.message import KINDS, opening_slots
from dialog.flows.refill_heard import asks_for_refill, names_medicine_alone
from dialog.reading import hints_at, says, value
from dialog.second_wishes import is_borne_out
from dialog.speech import quoted
from dialog.state import Wish
from dialog.turn import Turn
from models.domain import (
    Hint,
    Intent,
    JsonScalar,
    Understanding,
)
from words.dosing import days_left

_FLOW_OF: Mapping[Intent, str] = {
    Intent.REFILL_REQUEST: "refill",
    Intent.SCHEDULE_BOOK: "book",
    Intent.SCHEDULE_RESCHEDULE: "move",
    Intent.SCHEDULE_CANCEL: "cancel",
    Intent.SCHEDULE_LOOKUP: "lookup",
    Intent.SYMPTOM_REPORT: "checkin",
    Intent.OFFICE_INFO: "info",
    Intent.PROFESSIONAL_CALLER: "professional",
    Intent.LANGUAGE_REQUEST: "language",
    **{intent: "message" for intent in KINDS if intent is not Intent.PROFESSIONAL_CALLER},
    Intent.CHECKIN_RETURN: "questionnaire",
    Intent.REFILL_STATUS: "status",
}
_WANTS_VISIT = re.compile(
    r"\b(want|need|like|make|get|book|schedule|set up|have)\b.*\b(appointment|appt|visit|check ?up)\b"
    r"|\b(want|need|like)( to)? (see|visit)\b"
)
# "I'm supposed to do the blood pressure check in", and not "a pressure check in the morning".
_DOES_CHECK_IN = re.compile(
    r"\b(do|doing|due for|take|start) (the|my|that|this|a|our) ([\w']+ ){0,3}check[- ]?in"
    r"( (now|please|today|call|thing|questions))*\s*($|[.,!?;])"
)
# "Can we move on?" hurries us along, and moves no visit.
_HURRIES = re.compile(r"\b(move (on|along)|get (on with|going|moving)|hurry( it| this)?( up| along)?)\b")
_REFUSES = re.compile(r"^(no|nope|nah|not that)\b")
_OF_MEDICINE = Intent.MEDICATION_QUESTION.value  # the subject of a message
_NO_WISH = frozenset({Intent.OUT_OF_SCOPE, Intent.GREETING})
# Beside "a text about an opening" these say nothing of their own.
_BESIDE_WAITLIST = frozenset(
    {Intent.OFFICE_INFO, Intent.OUT_OF_SCOPE, Intent.SCHEDULE_LOOKUP, Intent.HUMAN_AGENT}
    | {Intent.SCHEDULE_RESCHEDULE}
)
_BESIDE_LATE = _NO_WISH | {Intent.GOODBYE, Intent.SCHEDULE_RESCHEDULE, Intent.SCHEDULE_CANCEL, Intent.DENY}
SCHEDULING = frozenset({"book", "move", "cancel", "lookup", "late", "newcomer", "waitlist"})
_ABOUT_SYMPTOMS = frozenset({"checkin", "questionnaire"})  # one is never begun within the other


def plain(heard: Understanding) -> bool:
    """Words that say themselves what is wanted, or for whom, whatever the model makes of them."""
    wanted = chart.asked(heard) or relatives.lets_speak(heard) or waitlist.mentions(heard)
    of_whom = relatives.relation_in(heard) or professional.named(heard)
    return bool(wanted or of_whom or asks_for_refill(heard) or hints_at(heard, Hint.LATE))


def wishes(turn: Turn, heard: Understanding) -> tuple[Wish, ...]:
    """Every wish of a sentence, most likely first, each with what the sentence already says of it."""
    if relatives.lets_speak(heard):
        return (Wish("permission", permission.opening_slots(heard)),)
    intents = tuple(dict.fromkeys((*((heard.intent,) if heard.intent else ()), *heard.intents)))
    found: dict[str, Wish] = {}
    if about := chart.asked(heard):
        found["chart"] = Wish("chart", {"about": about})
        intents = tuple(intent for intent in intents if intent not in chart.reads_as(heard))
    for intent in _meant(turn, heard, intents):
        if intent in _FLOW_OF and is_borne_out(intent, heard):
            wish = _wish(turn, intent, heard)
            found.setdefault(wish.flow, wish)
    return tuple(_as_one_matter(found).values())


def _as_one_matter(found: dict[str, Wish]) -> dict[str, Wish]:
    """Less what belongs to another wish of the same sentence."""
    asks_of_medicine = "message" in found and found["message"].slots["subject"] == _OF_MEDICINE
    if "checkin" in found and asks_of_medicine:
        found.pop("message")  # what is felt and what is asked are one matter for one person
    if "book" in found:
        found.pop("checkin", None)  # the symptom is why: the flow asks about danger before it offers a time
    return found


def _meant(turn: Turn, heard: Understanding, intents: tuple[Intent, ...]) -> tuple[Intent, ...]:
    """The guessed intents, corrected by what was said in so many words."""
    if turn.practice.questionnaires and says(heard, _DOES_CHECK_IN):
        ours = Intent.SCHEDULE_BOOK, Intent.CHECKIN_RETURN, *_NO_WISH
        intents = (Intent.CHECKIN_RETURN, *(intent for intent in intents if intent not in ours))
    if professional.named(heard):
        intents = (Intent.PROFESSIONAL_CALLER,)
    intents = _of_visits(heard, intents)
    not_now = _not_now(turn, heard)
    intents = tuple(intent for intent in intents if intent not in not_now)
    if office.asked(turn, heard):
        intents = (Intent.OFFICE_INFO, *(intent for intent in intents if intent is not heard.intent))
    of_medicine = asks_for_refill(heard) or (not turn.state.flow and names_medicine_alone(heard))
    if of_medicine and (_NO_WISH | _without_symptom(heard)).issuperset(intents):
        return (Intent.REFILL_REQUEST,)
    if newcomer.says_new(turn, heard) and _NO_WISH.issuperset(intents):
        return (Intent.SCHEDULE_BOOK,)
    return intents


def _of_visits(heard: Understanding, intents: tuple[Intent, ...]) -> tuple[Intent, ...]:
    if waitlist.mentions(heard) and _BESIDE_WAITLIST.issuperset(intents):
        return (Intent.SCHEDULE_LOOKUP,)
    if _asks_for_our_visit(heard, intents):
        return (Intent.SCHEDULE_BOOK,)
    if hints_at(heard, Hint.LATE) and (_BESIDE_LATE | _without_symptom(heard)).issuperset(intents):
        return (Intent.SCHEDULE_RESCHEDULE,)
    return intents


def _not_now(turn: Turn, heard: Understanding) -> set[Intent]:
    """What these words would wish elsewhere, and do not in what is being talked about."""
    moves = cancelling.asks_to_move(heard)
    hurries = says(heard, _HURRIES) and not moves
    left = turn.state.flow == "refill" and days_left(heard.text) is not None  # "I got like 3 left"
    none: set[Intent] = set()
    if hurries or holding.moves_this_one(turn, heard) or (turn.state.flow == "cancel" and not moves):
        none.add(Intent.SCHEDULE_RESCHEDULE)
    if left and "symptom" not in heard.entities:
        none.add(Intent.SYMPTOM_REPORT)
    return none


def _without_symptom(heard: Understanding) -> frozenset[Intent]:
    """A report of symptoms, where nobody read one in the words."""
    return frozenset() if "symptom" in heard.entities else frozenset({Intent.SYMPTOM_REPORT})


def _wish(turn: Turn, intent: Intent, heard: Understanding) -> Wish:
    flow = _flow_of(turn, intent, heard)
    slots: dict[str, JsonScalar] = {}
    if flow == "message":
        slots = dict(opening_slots(intent, heard))
    if flow == "newcomer" and intent is Intent.SYMPTOM_REPORT:
        slots = {"reason": quoted(heard.text, 120)}
    if flow == "questionnaire":
        slots = dict(questionnaire.opening_slots(heard))
    if flow == "info":
        slots = info_slots(turn, heard)
    if flow == "waitlist":
        slots = waitlist.from_search(turn)
    kept = FLOWS[flow].absorb(turn.but(flow=flow, slots=slots, asking=""), heard)
    return Wish(flow, {name: value for name, value in kept.state.slots.items() if name != "changed"})


def _asks_for_our_visit(heard: Understanding, intents: tuple[Intent, ...]) -> bool:
    """ "I'd like an appointment with Doctor Morgan": who is ours is known here, not to the network."""
    beyond_us = not intents or intents == (Intent.OUT_OF_SCOPE,)
    return beyond_us and "provider" in heard.entities and says(heard, _WANTS_VISIT)


def _flow_of(turn: Turn, intent: Intent, heard: Understanding) -> str:
    if waitlist.mentions(heard) and _FLOW_OF[intent] in SCHEDULING:
        return "waitlist"
    if intent is Intent.SCHEDULE_RESCHEDULE and ("late_min" in heard.entities or hints_at(heard, Hint.LATE)):
        return "late"
    if intent is Intent.SCHEDULE_BOOK and newcomer.is_meant(turn, heard):
        return "newcomer"
    if intent in (Intent.SCHEDULE_BOOK, Intent.SYMPTOM_REPORT) and newcomer.says_new(turn, heard):
        return "newcomer"
    return _FLOW_OF[intent]


def take(turn: Turn, heard: Understanding) -> Turn | None:
    """Start what the sentence asks for and queue the rest; None when it asks for nothing new."""
    found = tuple(w for w in wishes(turn, heard) if not _is_under_way(w.flow, turn.state.flow))
    ours = plain(heard) or (found and found[0].flow in ("book", "newcomer", "questionnaire"))
    if not found or (heard.intent is Intent.OUT_OF_SCOPE and not ours):
        return None
    first, *rest = found
    turn = identity.absorb(with_reason(turn, heard), heard)
    replaced = _replaces(first.flow, turn.state.flow) or _is_refused(turn, heard)
    left = put_down(turn).done() if replaced else put_aside(turn)
    turn = _with_symptom(left, heard).begin(first.flow, **first.slots)
    return add(turn, tuple(rest))


def _with_symptom(turn: Turn, heard: Understanding) -> Turn:
    """A symptom that was named is kept in the caller's own words."""
    words = quoted(heard.text)
    new = (words,) if value(heard, "symptom") and words not in turn.state.symptoms_present else ()
    return turn.but(symptoms_present=(*turn.state.symptoms_present, *new))


def _replaces(flow: str, before: str) -> bool:
    """Who would rather wait for an opening does not search on; a newcomer has no chart to book with."""
    return (flow == "waitlist" and before in SCHEDULING) or (flow, before) == ("newcomer", "book")


def _is_refused(turn: Turn, heard: Understanding) -> bool:
    """ "No. I need a refill", to "What kind of visit?": what we were on was a mishearing, and is not come
    back to.
    """
    asked = bool(turn.state.flow) and not turn.state.asking.startswith("identity.")
    return asked and says(heard, _REFUSES) and not turn.has("confirmed")


def add(turn: Turn, found: tuple[Wish, ...]) -> Turn:
    """Queue wishes for later, each flow once."""
    waiting = {wish.flow for wish in turn.state.queue} | {turn.state.flow}
    new = tuple(wish for wish in found if wish.flow not in waiting)
    return turn.but(queue=(*turn.state.queue, *new))


def add_beyond_answer(turn: Turn, heard: Understanding) -> Turn:
    """An answer may carry a second wish; a single intent beside an answer is taken for the answer's own."""
    if len(heard.intents) < 2:
        return turn
    found = tuple(w for w in wishes(turn, heard) if not _same_subject(w.flow, turn.state.flow))
    return add(turn, found)


def _is_under_way(flow: str, now: str) -> bool:
    return flow == now or {flow, now} == _ABOUT_SYMPTOMS


def _same_subject(flow: str, other: str) -> bool:
    return _is_under_way(flow, other) or (flow in SCHEDULING and other in SCHEDULING)


def with_reason(turn: Turn, heard: Understanding) -> Turn:
    """The caller's own first words for what they want are the reason of the call."""
    return turn if turn.state.reason or not heard.text.strip() else turn.but(reason=quoted(heard.text))
