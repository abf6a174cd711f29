"""Questions that belong to no flow: "How can I help?", "go on where we were?", a person or a message."""

from __future__ import annotations

import re

from dialog import continuing, farewell, moves, relatives, wording
from dialog.engine import MORE, OPEN
from dialog.flows.refill_after import runs_out
from dialog.flows.refill_heard import asks_for_refill
from dialog.identity import speaker
from dialog.reading import says, value, word_count, yes
from dialog.repair import REASKS, give_up, no_match, offer
from dialog.turn import Turn
from dialog.wishes import take
from models.domain import Intent, JsonScalar, Phase, Priority, TaskKind, Understanding

_THAT_IS_ALL = re.compile(
    r"\b(that's|that is|that'll be|that will be) (all|it|everything)\b"
    r"|\bnothing else\b|\ball set\b|\bi'm (good|done)\b"
)
_SURE_BEYOND = 0.9  # confidence
_MOST_BEYOND = 2  # wishes that we cannot serve, before a person is offered


def hear_open(turn: Turn, heard: Understanding) -> Turn | None:
    """ "How can I help?": wishes were taken before; what is left is small talk, or beyond us."""
    if turn.state.phase is Phase.CLOSING:
        return moves.close(turn)
    if relatives.relation_in(heard):
        return speaker.note(turn, heard).ask(OPEN, wording.ALL_RIGHT, wording.WHAT_FOR_THEM)
    answer = yes(heard)
    if heard.intent is Intent.GREETING and word_count(heard.text) <= moves.LONG:
        return moves.greeted(turn)
    if (answer is False and not _tells_of_trouble(turn, heard)) or says(heard, _THAT_IS_ALL):
        return moves.finish(turn)
    named_nothing = turn.state.asked == wording.WHAT_ELSE or turn.state.misses
    if answer and turn.state.asking == OPEN and named_nothing:
        return None  # a yes to "what else?"
    return turn.ask(OPEN, wording.WHAT_ELSE) if answer else None


def _tells_of_trouble(turn: Turn, heard: Understanding) -> bool:
    """ "I can't make an appointment online", to "how can I help?": no goodbye, whatever it denies."""
    return turn.state.asking == OPEN and not farewell.plain(heard.text)


def is_beyond_us(turn: Turn, heard: Understanding) -> bool:
    """After the closing it is a last word, and no wish."""
    asked = turn.state.asking in (OPEN, MORE) and turn.state.phase is not Phase.CLOSING
    of_a_refill = asks_for_refill(heard) or runs_out(turn, heard) is not None
    beyond = heard.intent is Intent.OUT_OF_SCOPE and not of_a_refill
    return asked and beyond and take(turn, heard) is None


def beyond_us(turn: Turn, confidence: float) -> Turn:
    """What we can do instead. It is a miss like any other: a noise may be read as a wish beyond us, and where
    that is likely it is asked again first.
    """
    misses = turn.state.misses + 1
    if misses == 1 and confidence < _SURE_BEYOND:
        return no_match(turn)
    if misses > _MOST_BEYOND:
        return offer(turn, wording.CANNOT_HELP) if misses == _MOST_BEYOND + 1 else give_up(turn)
    turn = turn.but(misses=misses).say(wording.CANNOT_HELP)
    if misses > 1:
        return turn.ask(OPEN, REASKS[OPEN][0])
    return turn.say(wording.I_CAN).ask(OPEN, wording.WHAT_ELSE)


def hear_go_on(turn: Turn, heard: Understanding) -> Turn | None:
    """Go on where a lost call was? A new wish is an answer too."""
    answer = yes(heard)
    if answer:
        return continuing.accept(turn)
    wish = take(continuing.decline(turn), heard)
    if wish is not None or answer is None:
        return wish
    return continuing.decline(turn).say(wording.ALL_RIGHT).ask(OPEN, wording.HOW_CAN_I_HELP)


def hear_offer(turn: Turn, heard: Understanding) -> Turn | None:
    """A person, or a message."""
    choice = value(heard, "choice") or _offer_words(heard)
    if choice == "message":
        promised = turn.state.flow == "message" and turn.has("promised")
        return turn.done().begin("message", **_message_slots(promised))
    return moves.person(turn) if choice == "person" else None


def _message_slots(promised: bool) -> dict[str, JsonScalar]:
    """A call back that was promised before is still owed, whatever becomes of the words."""
    if promised:
        return dict(moves.CALL_BACK)
    return {"kind": TaskKind.ROUTINE_MESSAGE.value, "priority": Priority.ROUTINE.value}


def _offer_words(heard: Understanding) -> str:
    text = heard.text.lower()
    if "message" in text or heard.intent is Intent.MESSAGE_FOR_PROVIDER:
        return "message"
    return "person" if "person" in text or yes(heard) else ""
