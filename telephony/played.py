"""What the carrier is playing, and has just played, to the caller: by our model of its buffer."""

from __future__ import annotations

from collections import deque
from typing import Final

from models.domain import SAMPLE_RATE_HZ

KEPT_MS: Final = 3_000
_BYTES_PER_MS: Final = SAMPLE_RATE_HZ // 1_000
_SILENCE: Final = b"\xff"  # mu-law


class PlayedTrack:
    """Times are those of the playback's clock, in ms."""

    def __init__(self) -> None:
        self._parts: deque[tuple[float, bytes]] = deque()  # (start of play, mu-law)

    def sent(self, start_ms: float, mulaw: bytes) -> None:
        """Audio that begins to play at ``start_ms``, which may be in the future."""
        self._parts.append((start_ms, mulaw))
        while self._parts[0][0] < start_ms - KEPT_MS:
            self._parts.popleft()

    def cut(self, now_ms: float) -> None:
        """The carrier forgot what it had not played yet."""
        kept = ((start, mulaw[: _bytes(now_ms - start)]) for start, mulaw in self._parts if start < now_ms)
        self._parts = deque(kept)

    def between(self, from_ms: float, length_bytes: int) -> bytes:
        """What was played in that stretch; mu-law silence where nothing was."""
        heard = bytearray(_SILENCE * length_bytes)
        for start_ms, mulaw in self._parts:
            at = _bytes(start_ms - from_ms)
            first, last = max(at, 0), min(at + len(mulaw), length_bytes)
            if first < last:
                heard[first:last] = mulaw[first - at : last - at]
        return bytes(heard)


def _bytes(span_ms: float) -> int:
    return round(span_ms * _BYTES_PER_MS)
