"""Recordings of calls: parts of the two tracks that each call keeps anyway.

Sources: https://www.twilio.com/docs/voice/api/recording (statuses, PauseBehavior "silence" or "skip"),
https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback (in-progress, completed, absent).
"""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from telephony.double.progress import Callback
from telephony.double.result import CallResult
from telephony.double.sound import RATE_HZ, mixed, write_wav

RECORDING_EVENTS = frozenset({"in-progress", "completed", "absent"})
CURRENT = "Twilio.CURRENT"  # stands for the SID of the recording that runs


@dataclass(slots=True)
class Recording:
    """``tracks`` are what both sides said: the called or calling person, and whoever they heard."""

    call_sid: str
    tracks: CallResult
    channels: int  # 2 keeps the sides apart
    callback: Callback
    sid: str = field(default_factory=lambda: "RE" + secrets.token_hex(16))
    status: str = "in-progress"
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    keeps_silence: bool = True
    _parts: list[tuple[int, int, bool]] = field(default_factory=list)  # from, to (bytes), is it sound?
    _from: int = 0

    def __post_init__(self) -> None:
        self._from = self._here

    @property
    def _here(self) -> int:
        return len(self.tracks.agent_mulaw)

    @property
    def is_running(self) -> bool:
        return self.status in ("in-progress", "paused")

    @property
    def duration_s(self) -> int:
        return round(len(self._track(self.tracks.caller_mulaw)) / RATE_HZ)

    def pause(self, *, keeps_silence: bool) -> None:
        self._cut()
        self.status, self.keeps_silence = "paused", keeps_silence

    def resume(self) -> None:
        self._cut()
        self.status = "in-progress"

    def stop(self, status: str = "stopped") -> None:
        """By order; ``status`` "completed" when the call itself is over."""
        self._cut()
        self.status = status

    def wav(self) -> bytes:
        sides = [self._track(self.tracks.caller_mulaw), self._track(self.tracks.agent_mulaw)]
        buffer = io.BytesIO()
        write_wav(buffer, *(sides if self.channels == 2 else [_both(*sides)]))
        return buffer.getvalue()

    def _cut(self) -> None:
        """The part that has run until now is done with."""
        if self.is_running and (self.status == "in-progress" or self.keeps_silence):
            self._parts.append((self._from, self._here, self.status == "in-progress"))
        self._from, self.updated = self._here, datetime.now(UTC)

    def _track(self, mulaw: bytearray) -> bytes:
        parts = (
            [*self._parts, (self._from, self._here, True)] if self.status == "in-progress" else self._parts
        )
        return b"".join(
            bytes(mulaw[first:last]) if is_sound else b"\xff" * (last - first)
            for first, last, is_sound in parts
        )


def _both(left: bytes, right: bytes) -> bytes:
    step = RATE_HZ // 50
    return b"".join(mixed([left[at : at + step], right[at : at + step]]) for at in range(0, len(left), step))
