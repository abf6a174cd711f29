"""Which turn the agent spoke when: by the marks that the carrier sent back, and by when a turn had begun."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise

from models.domain import TurnRecord
from telephony.double import CallResult

_TURN = re.compile(r"\.t(\d+)-")
RECORDED = "cut-off"  # of no turn: "sorry, we were cut off"


def number_in(mark: str) -> int | None:
    """Of the turn whose sentence a mark follows."""
    found = _TURN.search(mark)
    return int(found[1]) if found else None


def begun_ms(result: CallResult, turn: TurnRecord) -> float:
    """When a turn began, on the call's clock; never, where the call tells no time of day."""
    placed = result.placed_at
    return math.inf if placed is None else (turn.at - placed).total_seconds() * 1_000


def unstored(result: CallResult, turns: Sequence[TurnRecord]) -> list[int]:
    """Turns that were played, by their marks, and are not stored, or came to be after that."""
    if result.placed_at is None:
        return []
    begun = {turn.number: begun_ms(result, turn) for turn in turns}
    played = [(at_ms, number_in(name)) for at_ms, name in result.marks]
    return sorted({n for at_ms, n in played if n is not None and begun.get(n, math.inf) > at_ms})


def turns_spoken(result: CallResult, turns: Sequence[TurnRecord]) -> dict[float, TurnRecord]:
    """When the agent began to speak -> the stored turn that it spoke then, by the first mark that follows.

    Where it was interrupted before any: the last that had begun, of those between its neighbours' turns.
    """
    starts = [segment.start_ms for segment in result.segments]
    marks = {start: _first_mark(result, start, end) for start, end in pairwise([*starts, math.inf])}
    numbers = [number_in(marks[start]) for start in starts]
    found: dict[float, TurnRecord] = {}
    for place, start in enumerate(starts):
        if marks[start].endswith(RECORDED):
            continue
        first, last = _between(numbers, place)
        begun = [t for t in turns if first <= t.number <= last and begun_ms(result, t) < start]
        if begun:
            found[start] = max(begun, key=lambda turn: turn.number)
    return found


def _first_mark(result: CallResult, start_ms: float, end_ms: float) -> str:
    return next((name for at_ms, name in result.marks if start_ms <= at_ms < end_ms), "")


def _between(numbers: Sequence[int | None], place: int) -> tuple[float, float]:
    """The lowest and the highest number that what was spoken at this place may have."""
    if (number := numbers[place]) is not None:
        return number, number
    before = [each for each in numbers[:place] if each is not None]
    after = [each for each in numbers[place + 1 :] if each is not None]
    return max(before, default=-1) + 1, min(after, default=math.inf) - 1
