"""Whether the system's clock runs as time does, and since when: one that was just set may be set again."""

from __future__ import annotations

from datetime import datetime, timedelta

from agent.instants import monotonic_ms
from agent.logs import log

SLACK_MS = 60_000.0  # a clock is slewed by far less
SECOND_MS = 1_000.0


class SteadyClock:
    """Seen by one process, from its first look on."""

    def __init__(self) -> None:
        self._ahead_ms: float | None = None  # of our own
        self._since_ms = 0.0

    def steady_for(self, now: datetime) -> timedelta:
        """``now``: what the system's clock shows. Zero where it was set since the last look, and at the
        first."""
        own_ms = monotonic_ms()
        ahead_ms = now.timestamp() * SECOND_MS - own_ms
        if self._ahead_ms is None or abs(ahead_ms - self._ahead_ms) > SLACK_MS:
            if self._ahead_ms is not None:
                log.warning("clock.was_set", seconds=round((ahead_ms - self._ahead_ms) / SECOND_MS))
            self._ahead_ms, self._since_ms = ahead_ms, own_ms
        return timedelta(milliseconds=own_ms - self._since_ms)
