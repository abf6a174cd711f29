"""What one process remembers of one chart server, for all of its calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ehr_writeback.retry import LONGEST_DELAY_S, backoff_s, politely
from fhir.errors import FhirError

LONGEST_QUIET_S = 60.0
BUSY = (429, 502, 503, 504)
FAILURES_IN_A_ROW = 5  # of other kinds (500): then it is the server, and not one of the resources


@dataclass(slots=True)
class Memory:
    """Devices known to be there, types that it forbids, whether its last request went unanswered; and until
    when it is left alone, because it said that it has too much to do.
    """

    devices: dict[str, str] = field(default_factory=dict)
    device_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    paused: dict[str, datetime] = field(default_factory=dict)
    unanswered: bool = False
    quiet_until: datetime | None = None
    failures: int = 0  # in a row, of the server itself

    def server_took_one(self) -> None:
        """It can again."""
        self.failures, self.quiet_until = 0, None

    def server_failed(self, error: FhirError, now: datetime, random: Callable[[], float]) -> None:
        """A server that has too much to do, or fails with everything, is left alone: for as long as it asks,
        else ever longer, a minute at most. Ten thousand calls that wait do not each find out for themselves.
        """
        if error.status in BUSY or error.status >= 500:
            self.failures += 1
        elif error.status:
            self.server_took_one()  # it read what we sent, and refuses it
        if error.status in BUSY or self.failures >= FAILURES_IN_A_ROW:
            wait_s = max(politely(error.retry_after_s, random), backoff_s(self.failures, random))
            until = now + timedelta(seconds=min(LONGEST_QUIET_S, wait_s))
            before = self.quiet_until if self.is_quiet(now) else None
            self.quiet_until = max(until, before or until)

    def is_quiet(self, now: datetime) -> bool:
        return lies_ahead(self.quiet_until, now, LONGEST_QUIET_S)

    def is_paused(self, kind: str, now: datetime) -> bool:
        """Whether resources of this type are left alone: the server forbids them."""
        return lies_ahead(self.paused.get(kind), now, LONGEST_DELAY_S)

    def calls_at_once(self, most: int) -> int:
        """One alone finds out whether a server that failed can again."""
        return 1 if self.failures else most


def lies_ahead(until: datetime | None, now: datetime, longest_s: float) -> bool:
    """Further than ``longest_s`` nothing was put off: then the clock was set back since."""
    return until is not None and timedelta(0) < until - now <= timedelta(seconds=longest_s)
