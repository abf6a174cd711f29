"""What lies between a caller's mouth and our server: a room, a poor line, a network that loses and delays."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from telephony.double.sound import FRAME_BYTES, FRAME_MS, Samples, to_mulaw, to_samples

SILENCE: Samples = np.zeros(FRAME_BYTES, dtype=np.int16)


class Carriage(Protocol):
    """The way of one stream's audio messages. Asked once every 20 ms."""

    def carry(self, message: str) -> Iterable[str]:
        """What arrives at the server now that ``message`` was sent."""


class Sound:
    """Everything arrives, once, at once."""

    def carry(self, message: str) -> Iterable[str]:
        return (message,)


class Choppy:
    """``lost`` of every ``of`` messages never arrive."""

    def __init__(self, lost: int, of: int) -> None:
        self._lost, self._of, self._number = lost, of, 0

    def carry(self, message: str) -> Iterable[str]:
        self._number += 1
        return () if self._number % self._of < self._lost else (message,)


class Twice:
    """Every message arrives twice."""

    def carry(self, message: str) -> Iterable[str]:
        return (message, message)


class Bursts:
    """Nothing arrives for so many messages, then all of them in one moment: a stalling network.

    ``lengths`` are the numbers of messages held back together, one after the other, over and over.
    """

    def __init__(self, lengths: Iterable[int]) -> None:
        self._lengths = deque(lengths)
        self._held: list[str] = []

    def carry(self, message: str) -> Iterable[str]:
        self._held.append(message)
        if len(self._held) < self._lengths[0]:
            return ()
        self._lengths.rotate(-1)
        held, self._held = self._held, []
        return held


@dataclass(frozen=True, slots=True)
class Connection:
    """``background`` sounds under everything the caller says, over and over. ``echo_db`` is how much
    quieter the agent's voice comes back from their loudspeaker, ``echo_ms`` how much later; None: not.

    ``through`` is what the line makes of the sound, after that.
    """

    background: Samples = field(default_factory=lambda: SILENCE)
    echo_db: float | None = None
    echo_ms: int = 200
    through: Callable[[Samples], Samples] | None = None
    carriage: Callable[[], Carriage] = Sound


CLEAR = Connection()


class Surroundings:
    """One call's connection, frame by frame."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._at = 0
        self._agent = deque([SILENCE] * max(1, connection.echo_ms // FRAME_MS))
        self._is_plain = (
            not connection.background.any() and connection.echo_db is None and connection.through is None
        )

    def microphone(self, caller: bytes, agent: bytes) -> bytes:
        """What the server is sent while the caller says ``caller`` and hears ``agent``, a frame each."""
        if self._is_plain:
            return caller
        heard = to_samples(caller).astype(np.float64) + self._background() + self._echo(agent)
        mixed = np.clip(np.rint(heard), -32_768, 32_767).astype(np.int16)
        through = self._connection.through
        return to_mulaw(through(mixed) if through else mixed)

    def _background(self) -> Samples:
        loop = self._connection.background
        frame: Samples = np.take(loop, np.arange(self._at, self._at + FRAME_BYTES), mode="wrap")
        self._at += FRAME_BYTES
        return frame

    def _echo(self, agent: bytes) -> NDArray[np.float64]:
        if self._connection.echo_db is None:
            return np.zeros(FRAME_BYTES)
        self._agent.append(to_samples(agent.ljust(FRAME_BYTES, b"\xff")))
        late = self._agent.popleft().astype(np.float64)
        return late * float(10 ** (self._connection.echo_db / 20))


def clipping(samples: Samples) -> Samples:
    """A microphone far too loud."""
    loud: Samples = np.clip(samples.astype(np.int32) * 20, -8_000, 8_000).astype(np.int16)
    return loud


def offset(samples: Samples) -> Samples:
    """A line whose zero is not zero."""
    moved: Samples = np.clip(samples.astype(np.int32) + 3_000, -32_768, 32_767).astype(np.int16)
    return moved
