"""Since when nothing of a call has changed, by the clock of our own that nobody sets.

What is stored of a call bears the time of whoever leads it, perhaps on another machine: where one of the two
clocks is set, a caller who is just talking would look like one who was lost long ago.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from agent.instants import monotonic_ms

State = tuple[str, datetime, int]  # see `models.calls.unended`


class Stillness:
    def __init__(self) -> None:
        self._since_ms: dict[State, float] = {}
        self._looked_ms: float | None = None

    @property
    def has_looked(self) -> bool:
        return self._looked_ms is not None

    def look(self, calls: Iterable[State], still: Collection[str] = ()) -> None:
        """These are all calls that have not ended, as they stand now; of ``still`` it is known from elsewhere
        that nothing has changed for long."""
        self._looked_ms = now_ms = monotonic_ms()
        self._since_ms = {
            call: -math.inf if call[0] in still else self._since_ms.get(call, now_ms) for call in calls
        }

    def still_for(self, span: timedelta) -> list[str]:
        """Ids of those that nothing was stored of for so long, as far as was looked."""
        until_ms = monotonic_ms() - span / timedelta(milliseconds=1)
        return [call_id for (call_id, _, _), since_ms in self._since_ms.items() if since_ms <= until_ms]

    def has_changed(self, call: State, within: timedelta) -> bool:
        """Whether it certainly has: the last look is no longer ago, and found it otherwise or not at all."""
        if self._looked_ms is None or call in self._since_ms:
            return False
        return monotonic_ms() - self._looked_ms < within / timedelta(milliseconds=1)
