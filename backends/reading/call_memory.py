"""What this process remembers of calls under way: nothing of a call outlives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backends.refusals import Json
from models.domain import Clock, VisitBooked

LONGEST_CALL = timedelta(hours=24)  # as a carrier lets one last: what is older ended in another process


@dataclass(slots=True)
class OfCall:
    """``held``: opening -> the pending Appointment; ``made``: action -> the visit that it led to."""

    since: datetime
    held: dict[str, Json] = field(default_factory=dict)
    made: dict[str, VisitBooked] = field(default_factory=dict)


class CallMemory:
    """By call. `forget` is for the call's end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: dict[str, OfCall] = {}

    def __len__(self) -> int:
        """Calls of which something is remembered."""
        return len(self._calls)

    def of(self, call_id: str) -> OfCall:
        """To be written to."""
        if call_id not in self._calls:
            self._forget_old()
            self._calls[call_id] = OfCall(self._clock())
        return self._calls[call_id]

    def held(self, call_id: str, opening_id: str) -> Json | None:
        return self._calls[call_id].held.get(opening_id) if call_id in self._calls else None

    def made(self, call_id: str, action_id: str) -> VisitBooked | None:
        return self._calls[call_id].made.get(action_id) if call_id in self._calls else None

    def take_held(self, call_id: str) -> list[Json]:
        """What the call holds, which it then holds no more."""
        if call_id not in self._calls:
            return []
        held = list(self._calls[call_id].held.values())
        self._calls[call_id].held.clear()
        return held

    def forget(self, call_id: str) -> None:
        self._calls.pop(call_id, None)

    def _forget_old(self) -> None:
        begun = self._clock() - LONGEST_CALL
        self._calls = {call_id: one for call_id, one in self._calls.items() if one.since > begun}
