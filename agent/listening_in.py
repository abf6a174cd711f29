"""Staff hear a call that goes on: caller and agent in one track, as they are heard, a moment later.

Who listens never holds the call up. Each has a few seconds of sound in store; what they do not take in
time is dropped. While nobody listens nothing is done.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterator

import numpy as np

from agent.instants import monotonic_ms
from agent.speaking import BYTES_PER_MS
from telephony import g711
from telephony.playback import Playback

STORE_FRAMES = 150  # 3 s of 20 ms
MOST_LISTENERS = 8  # of one call
DRIFT_MS = 100.0  # the caller's audio may run so far from the clock before the agent's is set right
PIECE_FRAMES = 5  # are sent together


class Listeners:
    """Of one call."""

    def __init__(self) -> None:
        self._ears: set[asyncio.Queue[bytes | None]] = set()
        self._is_over = False

    def __bool__(self) -> bool:
        return bool(self._ears)

    @property
    def is_full(self) -> bool:
        return len(self._ears) >= MOST_LISTENERS

    def hear(self, pcm: bytes) -> None:
        """Give each a piece of sound; from whom is too slow the oldest is taken."""
        for ear in self._ears:
            self._put(ear, pcm)

    def end(self) -> None:
        """The call is over, or led by another process: who comes now hears nothing and does not wait."""
        self._is_over = True
        for ear in self._ears:
            self._put(ear, None)

    @contextlib.contextmanager
    def _ear(self) -> Iterator[asyncio.Queue[bytes | None]]:
        ear: asyncio.Queue[bytes | None] = asyncio.Queue(STORE_FRAMES)
        self._ears.add(ear)
        try:
            yield ear
        finally:
            self._ears.discard(ear)

    async def sound(self) -> AsyncGenerator[bytes, None]:
        """Signed 16-bit little-endian PCM, 8 kHz, one channel, from now until the call ends here."""
        if self._is_over:
            return
        with self._ear() as ear:
            piece = bytearray()
            while (frame := await ear.get()) is not None:
                piece += frame
                if ear.empty() or len(piece) >= PIECE_FRAMES * len(frame):
                    yield bytes(piece)
                    piece.clear()

    @staticmethod
    def _put(ear: asyncio.Queue[bytes | None], pcm: bytes | None) -> None:
        if ear.full():
            ear.get_nowait()
        ear.put_nowait(pcm)


class Tap:
    """Where a call is heard: fed with the caller's audio, it adds what we are playing at that moment."""

    def __init__(
        self, playback: Playback, listeners: Listeners, now_ms: Callable[[], float] = monotonic_ms
    ) -> None:
        self._playback, self._listeners, self._now_ms = playback, listeners, now_ms
        self._at_ms = float("-inf")  # up to where our side was taken

    def caller(self, mulaw: bytes) -> None:
        if self._listeners:
            self._listeners.hear(_mixed(mulaw, self._ours(len(mulaw))))

    def _ours(self, length_bytes: int) -> bytes:
        length_ms, now_ms = length_bytes / BYTES_PER_MS, self._now_ms()
        if abs(now_ms - length_ms - self._at_ms) > DRIFT_MS:
            self._at_ms = now_ms - length_ms
        ours = self._playback.lately(self._at_ms, length_bytes)
        self._at_ms += length_ms
        return ours


def _mixed(caller: bytes, agent: bytes) -> bytes:
    """Both tracks as 16-bit PCM in one."""
    sides = (
        g711.decode_array(np.frombuffer(each, dtype=np.uint8)).astype(np.int32) for each in (caller, agent)
    )
    return np.clip(sum(sides), -32_768, 32_767).astype("<i2").tobytes()
