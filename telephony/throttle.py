"""How fast one stream may talk to us. Pure: the clock is an argument.

A telephone speaks in real time. Somebody who sends a minute's audio in a second would keep the processor
from all other calls; so what comes too fast is read later, and TCP makes the sender wait. Nothing is lost,
and nothing piles up here.
"""

from __future__ import annotations

from models.domain import SAMPLE_RATE_HZ, CallerAudio
from telephony.events import RepeatedAudio, StreamEvent

LEAST_AUDIO_MS = (
    5.0  # a message costs this much, however little audio is in it: at most 200 messages a second
)
OTHER_MS = 50.0  # of any other message, malformed ones too: at most 20 a second


class Throttle:
    """One stream's allowance: ``burst_ms`` at once, as after a stalled network, then as fast as time."""

    def __init__(self, burst_ms: float) -> None:
        self._burst_ms = burst_ms
        # keys and marks come beside the audio, not instead
        self._ahead_ms = {"audio": 0.0, "repeated": 0.0, "other": 0.0}
        self._at_ms: float | None = None

    def wait_ms(self, event: StreamEvent | None, now_ms: float) -> float:
        """How long to read nothing more after this message (None: it was malformed); 0 as a rule."""
        self._pass_time(now_ms)
        kind, cost_ms = _cost(event)
        self._ahead_ms[kind] += cost_ms
        return max(0.0, self._ahead_ms[kind] - self._burst_ms)

    def _pass_time(self, now_ms: float) -> None:
        if now_ms == self._at_ms:
            return
        passed_ms = 0.0 if self._at_ms is None else now_ms - self._at_ms
        self._at_ms = now_ms
        for kind, ahead_ms in self._ahead_ms.items():
            self._ahead_ms[kind] = max(0.0, ahead_ms - passed_ms)


def _cost(event: StreamEvent | None) -> tuple[str, float]:
    if isinstance(event, CallerAudio):
        return "audio", max(LEAST_AUDIO_MS, len(event.mulaw) * 1_000 / SAMPLE_RATE_HZ)
    if isinstance(event, RepeatedAudio):
        return "repeated", LEAST_AUDIO_MS
    return "other", OTHER_MS
