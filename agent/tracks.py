"""Two tracks of sound on one clock: what came and what was played, laid side by side. Pure."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from models.domain import SAMPLE_RATE_HZ

SILENCE: Final = 0xFF  # zero in G.711 mu-law
SAMPLES_PER_MS: Final = SAMPLE_RATE_HZ // 1_000
MOST_GAP_MS: Final = (
    15 * 60_000
)  # of silence laid for a late sound; a clock that jumps further is not believed


class Side(IntEnum):
    """The channel in the file."""

    CALLER = 0  # left
    AGENT = 1  # right


class Tracks:
    """Sound may come late and in any order, as long as its place was not taken away yet.

    Times are milliseconds since the recording began.
    """

    def __init__(self) -> None:
        self._base = 0  # samples taken away already
        self._tracks = (bytearray(), bytearray())

    @property
    def end_ms(self) -> float:
        return (self._base + max(map(len, self._tracks))) / SAMPLES_PER_MS

    @property
    def held_ms(self) -> float:
        """How much was put and is not taken yet."""
        return max(map(len, self._tracks)) / SAMPLES_PER_MS

    @property
    def taken_samples(self) -> int:
        return self._base

    def put(self, side: Side, at_ms: float, mulaw: bytes) -> None:
        """Lays a sound at its time; what of it lies before the part already taken is lost."""
        if at_ms > self.end_ms + MOST_GAP_MS:
            return
        start = round(at_ms * SAMPLES_PER_MS) - self._base
        if start < 0:
            mulaw, start = mulaw[-start:], 0
        track = self._tracks[side]
        if start > len(track):
            track.extend(bytes([SILENCE]) * (start - len(track)))
        track[start : start + len(mulaw)] = mulaw

    def silence(self, side: Side, from_ms: float, to_ms: float) -> None:
        """Nothing is heard there, as far as it was not taken away."""
        start = max(round(from_ms * SAMPLES_PER_MS) - self._base, 0)
        end = min(round(to_ms * SAMPLES_PER_MS) - self._base, len(self._tracks[side]))
        if start < end:
            self._tracks[side][start:end] = bytes([SILENCE]) * (end - start)

    def begin_with(self, samples: int, rest: bytes = b"") -> None:
        """Go on after ``samples`` that are kept elsewhere; ``rest``, interleaved, follows them."""
        self._base = samples
        self._tracks = (bytearray(rest[0::2]), bytearray(rest[1::2]))

    def take(self, samples: int, before_ms: float) -> bytes:
        """The next ``samples`` of both, interleaved, once all of them lie before a time; else nothing."""
        if (self._base + samples) / SAMPLES_PER_MS > before_ms:
            return b""
        return self._cut(samples)

    def take_rest(self) -> bytes:
        return self._cut(max(map(len, self._tracks)))

    def _cut(self, samples: int) -> bytes:
        mixed = bytearray([SILENCE]) * (2 * samples)
        for side, track in zip(Side, self._tracks, strict=True):
            part = track[:samples]
            mixed[side : side + 2 * len(part) : 2] = part
            del track[:samples]
        self._base += samples
        return bytes(mixed)


def silenced(interleaved: bytes, side: Side, first: int, after: int) -> bytes:
    """A taken part with samples [first, after) of one side silent."""
    mixed = bytearray(interleaved)
    first, after = max(first, 0), min(after, len(mixed) // 2)
    if first < after:
        mixed[2 * first + side : 2 * after : 2] = bytes([SILENCE]) * (after - first)
    return bytes(mixed)
