"""Where a call stands, and who is told of it.

Sources: https://www.twilio.com/docs/voice/api/call-resource#statuscallbackevent (initiated, ringing,
answered, completed; only what was asked for, completed when nothing was),
.../call-resource#call-status-values. The order of arrival is not promised: SequenceNumber gives it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from telephony.double.carrier import Leg
from telephony.double.errors import DoubleError
from telephony.double.result import Ending
from telephony.double.webhooks import CarrierClient

CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
_FINAL = {
    Ending.BUSY: "busy",
    Ending.NO_ANSWER: "no-answer",
    Ending.FAILED: "failed",
    Ending.CANCELED: "canceled",
}


def stamp(moment: datetime | None) -> str | None:
    """RFC 2822, as all dates of this API."""
    return format_datetime(moment) if moment else None


@dataclass(frozen=True, slots=True)
class Callback:
    """An address that wants to be told, and of what."""

    url: str = ""
    events: frozenset[str] = frozenset({"completed"})

    def wants(self, event: str) -> bool:
        return bool(self.url) and event in self.events


NOBODY = Callback()


class Notices:
    """Requests that nobody waits for; ``settled`` waits for all that are under way."""

    def __init__(self, client: CarrierClient, warn: Callable[[str], None]) -> None:
        self._client = client
        self._warn = warn
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, url: str, fields: Mapping[str, str]) -> None:
        task = asyncio.create_task(self._post(url, fields))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _post(self, url: str, fields: Mapping[str, str]) -> None:
        try:
            await self._client.post(url, fields)
        except DoubleError as fault:
            self._warn(str(fault))


class Progress:
    """One call's status."""

    def __init__(self, leg: Leg, callback: Callback, notices: Notices) -> None:
        self._leg = leg
        self._callback = callback
        self._notices = notices
        self._sequence = 0
        self.status = "queued"
        self.created = datetime.now(UTC)
        self.answered: datetime | None = None
        self.ended: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.ended is not None

    @property
    def duration_s(self) -> int:
        """Whole seconds since it was answered, the begun one counted; 0 for a call never answered."""
        if self.answered is None:
            return 0
        return max(1, round(((self.ended or datetime.now(UTC)) - self.answered).total_seconds()))

    def initiated(self) -> None:
        self._tell("initiated", "initiated")

    def ringing(self) -> None:
        self.status = "ringing"
        self._tell("ringing", "ringing")

    def answer(self, more: Mapping[str, str] | None = None) -> None:
        self.status, self.answered = "in-progress", datetime.now(UTC)
        self._tell("answered", "in-progress", more)

    def end(self, how: Ending, detail: str = "") -> None:
        self.status, self.ended = self._final(how, detail), datetime.now(UTC)
        lengths = {"CallDuration": str(self.duration_s), "Duration": str(-(-self.duration_s // 60))}
        self._tell("completed", self.status, lengths)

    def _final(self, how: Ending, detail: str) -> str:
        if how is Ending.REJECTED:
            return "busy" if detail == "busy" else "failed"
        if how is Ending.ERROR and self.answered is None:
            return "failed"
        return _FINAL.get(how, "completed")

    def _tell(self, event: str, status: str, more: Mapping[str, str] | None = None) -> None:
        if not self._callback.wants(event):
            return
        sequence, self._sequence = self._sequence, self._sequence + 1
        fields = {
            "SequenceNumber": str(sequence),
            "CallbackSource": "call-progress-events",
            "Timestamp": format_datetime(datetime.now(UTC)),
            **(more or {}),
        }
        self._notices.send(self._callback.url, self._leg.form(status, fields))
