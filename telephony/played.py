"""What the carrier is playing, and has played, to the caller: by our model of its buffer.

One track for all who ask: the echo guard for the last seconds, again and again; the recording for
everything, once.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from models.domain import SAMPLE_RATE_HZ

KEPT_MS: Final = 3_000
_BYTES_PER_MS: Final = SAMPLE_RATE_HZ // 1_000
_SILENCE: Final = b"\xff"  # mu-law


class PlayedTrack:
    """Times are those of the playback's clock, in ms."""

    def __init__(self, *, until_taken: bool = False) -> None:
        """``until_taken``: what has not been taken yet is kept, however long ago it was played."""
        self._parts: deque[tuple[float, bytes]] = deque()  # (start of play, mu-law), in order
        self._until_taken = until_taken
        self._taken_to_ms = float("-inf")

    def sent(self, start_ms: float, mulaw: bytes) -> None:
        """Audio that begins to play at ``start_ms``, which may be in the future."""
        self._parts.append((start_ms, mulaw))
        while self._parts[0][0] < start_ms - KEPT_MS and not self._wanted(*self._parts[0]):
            self._parts.popleft()

    def cut(self, to_ms: float) -> None:
        """The carrier forgot what it had not played by then."""
        kept = ((start, mulaw[: _bytes(to_ms - start)]) for start, mulaw in self._parts if start < to_ms)
        self._parts = deque((start, mulaw) for start, mulaw in kept if mulaw)

    def between(self, from_ms: float, length_bytes: int) -> bytes:
        """What was played in that stretch of the last seconds; mu-law silence where nothing was."""
        heard = bytearray(_SILENCE * length_bytes)
        for start_ms, mulaw in reversed(self._parts):  # asked for each frame, and mostly for what is new
            at = round((start_ms - from_ms) * _BYTES_PER_MS)
            if at + len(mulaw) <= 0:
                break
            first, last = max(at, 0), min(at + len(mulaw), length_bytes)
            if first < last:
                heard[first:last] = mulaw[first - at : last - at]
        return bytes(heard)

    def take(self, to_ms: float) -> list[tuple[float, bytes]]:
        """What was played by then and was not taken before: (when it began to, audio), in order."""
        if not self._until_taken:
            return []
        taken = []
        for start_ms, mulaw in self._parts:
            first = min(_bytes(self._taken_to_ms - start_ms), len(mulaw))
            if piece := mulaw[first : _bytes(to_ms - start_ms)]:
                taken.append((start_ms + first / _BYTES_PER_MS, piece))
        self._taken_to_ms = max(self._taken_to_ms, to_ms)
        return taken

    def keep_no_longer(self) -> None:
        """Nobody will take any more: the last seconds are enough."""
        self._until_taken = False

    def _wanted(self, start_ms: float, mulaw: bytes) -> bool:
        return self._until_taken and _bytes(self._taken_to_ms - start_ms) < len(mulaw)


def _bytes(span_ms: float) -> int:
    """Whole samples of a stretch; 0 for one that ends before it begins."""
    return int(max(span_ms, 0.0) * _BYTES_PER_MS)
