"""One question at the end of a call that went well: from 1 to 5. Silence or anything else skips it.

Never after a danger sign, a failed identity check or a complaint (domain rules 7.8).
"""

from __future__ import annotations

from dialog import wording
from dialog.reading import value
from dialog.tasks import open_task
from dialog.turn import Turn
from models.domain import (
    Disposition,
    Expectation,
    ExpectationKind,
    Phase,
    Priority,
    RateCall,
    Result,
    TaskKind,
    Understanding,
)

ASKING = "call.rating"
EXPECT = Expectation(ExpectationKind.NUMBER, digits=1)
_WORST, _BEST = 1, 5
_UNHAPPY = 2  # this or less is a complaint
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_WENT_WELL = (None, Disposition.COMPLETED, Disposition.MESSAGE_TAKEN)


def due(turn: Turn) -> bool:
    state = turn.state
    troubled = state.red_flags or state.known.get("identity_failed") or state.known.get("complained")
    served = state.known.get("served") is True and state.disposition in _WENT_WELL
    once = state.asking != ASKING and state.phase is not Phase.CLOSING and not state.known.get("rating_asked")
    return turn.practice.asks_satisfaction and served and once and not troubled


def ask(turn: Turn) -> Turn:
    return turn.note(rating_asked=True).ask(ASKING, wording.HOW_WAS_IT)


def score(heard: Understanding) -> int | None:
    said = value(heard, "number").removesuffix(".0") or heard.text.lower().strip(" .!")
    number = int(said) if said.isdigit() else _WORDS.get(said, 0)
    return number if _WORST <= number <= _BEST else None


def keep(turn: Turn, number: int) -> Turn:
    """The score stands with the call; an unhappy caller is called back by a person."""
    turn = turn.act("rating.kept", lambda id_: RateCall(id_, number))
    if number > _UNHAPPY:
        return turn
    summary = (
        f"The caller rated the call {number} of {_BEST}. Reason of the call: {turn.state.reason or 'none'}"
    )
    return open_task(turn, "desk.quiet", TaskKind.COMPLAINT, Priority.ROUTINE, summary)


def _kept(turn: Turn, result: Result) -> Turn:
    return turn.stop()


OUTCOMES = {"rating.kept": _kept}
