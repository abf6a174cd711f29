"""How long a turn's parts took, and where it lies in the call's recording: kept with the turn, for staff.

Milliseconds: ``recognise_ms``, ``understand_ms`` and ``reply_ms`` (from the end of listening to our first
sound) are lengths; ``spoke_from_ms``, ``spoke_to_ms`` and ``reply_at_ms`` are places in the recording.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from agent.speaking import Speaking
from agent.stages import Stage, Stages
from models.domain import Event, Heard, Transcript, Understanding

LAST = 8  # utterances: of a few no turn comes, and each is asked about soon


class TurnTimes:
    """One stream's. ``place``: where an instant of the monotonic clock lies in the recording."""

    def __init__(self, place: Callable[[float], float], stages: Stages) -> None:
        self._place = place
        self._stages = stages
        self._spoken: deque[tuple[Any, dict[str, float]]] = deque(maxlen=LAST)

    def spoken(self, transcript: Transcript, from_ms: float, to_ms: float) -> None:
        """An utterance is over, and its words are known now."""
        times = {"spoke_from_ms": self._place(from_ms), "spoke_to_ms": self._place(to_ms)}
        recognise_ms = self._stages.passed(Stage.RECOGNISE, to_ms)
        self._spoken.append((transcript, {**times, "recognise_ms": recognise_ms}))

    def understood(self, transcript: Transcript, meaning: Understanding, since_ms: float) -> None:
        """Its meaning is known now, worked out since an instant."""
        understand_ms = self._stages.passed(Stage.UNDERSTAND, since_ms)
        times = {**self._of(transcript), "understand_ms": understand_ms}
        self._spoken.append((meaning, times))

    def of(self, event: Event) -> dict[str, float]:
        """What is known of the turn that an event begins."""
        return self._of(event.understanding) if isinstance(event, Heard) else {}

    def reply(self, speaking: Speaking) -> dict[str, float]:
        """Of the reply under way."""
        times = {} if speaking.replied_ms is None else {"reply_at_ms": self._place(speaking.replied_ms)}
        return times | ({} if speaking.reply_took_ms is None else {"reply_ms": speaking.reply_took_ms})

    def _of(self, value: Transcript | Understanding) -> dict[str, float]:
        """By identity: the same words may be said twice."""
        return next((times for kept, times in self._spoken if kept is value), {})
