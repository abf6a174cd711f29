"""Whether the practice's own telephone rings before we answer a line."""

from __future__ import annotations

from backends.lines import line_of
from backends.practice import Practice
from models.domain import LineMode, PracticeLine
from telephony.handlers import ArrivingCall


def line_called(call: ArrivingCall, practice: Practice) -> PracticeLine | None:
    """The line that was dialled; a number that is none of ours is answered as the main line."""
    return line_of(practice.lines, call.to_number, call.forwarded_from) or next(iter(practice.lines), None)


def rings_first(line: PracticeLine | None, call: ArrivingCall, front_desk: str) -> str:
    """The number to ring before we answer while the practice is open, "" to answer at once.

    (Closed: no night call, an emergency perhaps, waits for an empty office.) Never a number that brought
    the call to us, by being called or by forwarding: that would be a circle.
    """
    if line is None or line.mode is LineMode.ALWAYS:
        return ""
    number = line.rings or front_desk
    return "" if call.came_by(number) else number
