"""Where an utterance begins and ends. Pure: counts audio, never the clock.

Feed it stretches of audio with "is it speech"; it answers with marks:

    STARTED -> (PAUSED -> RESUMED)* -> PAUSED -> ENDED

PAUSED is early: recognition may begin to finish while the rest of the silence runs out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from models.domain import Expectation, ExpectationKind

MIN_SPEECH_MS: Final = 120  # a cough or a click is shorter
MAX_UTTERANCE_MS: Final = 30_000
_FALSE_START_MS: Final = 200  # so long a silence after too little speech: it was nothing

_PAUSE_MS: Final = {
    ExpectationKind.YES_NO: 300,
    ExpectationKind.OPEN: 400,
    ExpectationKind.CHOICE: 400,
    ExpectationKind.DRUG: 400,
    ExpectationKind.NAME: 400,
    ExpectationKind.DOB: 800,
    ExpectationKind.PHONE: 800,
    ExpectationKind.ZIP: 800,
    ExpectationKind.NUMBER: 800,
    ExpectationKind.SPELLING: 800,
}
_COMPLETE_PAUSE_MS: Final = 350  # the value is all there
_UNFINISHED_PAUSE_MS: Final = 1_000  # "my date of birth is", "and"


class Endpoint(Enum):
    STARTED = auto()
    PAUSED = auto()
    RESUMED = auto()
    ENDED = auto()


class SoFar(Enum):
    """What the words heard until now look like."""

    UNKNOWN = auto()
    COMPLETE = auto()  # a whole value of the expected kind
    UNFINISHED = auto()  # more must come


@dataclass(frozen=True, slots=True)
class Patience:
    """Silences in ms of audio: ``early`` to speculate, ``pause`` to end."""

    early_ms: int
    pause_ms: int

    @classmethod
    def for_answer(cls, expectation: Expectation) -> Patience:
        own = expectation.pause_ms
        pause = _PAUSE_MS[expectation.kind] if own is None else own
        return cls(early_ms=min(240 if pause >= 700 else 150, pause), pause_ms=pause)

    def given(self, so_far: SoFar) -> int:
        """The silence that ends the utterance, knowing its words."""
        if so_far is SoFar.COMPLETE:
            return min(self.pause_ms, _COMPLETE_PAUSE_MS)
        if so_far is SoFar.UNFINISHED:
            return max(self.pause_ms, _UNFINISHED_PAUSE_MS)
        return self.pause_ms


@dataclass(slots=True)
class Endpointer:
    """State of one call's hearing. Times are ms of audio fed since the beginning."""

    patience: Patience = field(default_factory=lambda: Patience.for_answer(Expectation()))
    so_far: SoFar = SoFar.UNKNOWN
    speech_began_ms: int | None = None  # of speech not yet ended, also before it is long enough
    speech_ended_ms: int = 0  # the latest end of speech
    _now_ms: int = 0
    _speech_ms: int = 0
    _silence_ms: int = 0
    _started: bool = False
    _paused: bool = False

    @property
    def in_utterance(self) -> bool:
        return self._started

    def process(self, duration_ms: int, *, is_speech: bool) -> tuple[Endpoint, ...]:
        """The marks reached by the next stretch of audio, in order."""
        self._now_ms += duration_ms
        marks = self._on_speech(duration_ms) if is_speech else self._on_silence(duration_ms)
        if self._started and self._too_long():
            marks = (*marks, *self._end())
        return marks

    def _on_speech(self, duration_ms: int) -> tuple[Endpoint, ...]:
        if self.speech_began_ms is None:
            self.speech_began_ms = self._now_ms - duration_ms
        self._speech_ms += duration_ms
        self._silence_ms = 0
        self.speech_ended_ms = self._now_ms
        if not self._started and self._speech_ms >= MIN_SPEECH_MS:
            self._started = True
            return (Endpoint.STARTED,)
        return self._resume()

    def _resume(self) -> tuple[Endpoint, ...]:
        if not self._paused:
            return ()
        self._paused, self.so_far = False, SoFar.UNKNOWN
        return (Endpoint.RESUMED,)

    def _on_silence(self, duration_ms: int) -> tuple[Endpoint, ...]:
        if self.speech_began_ms is None:
            return ()
        self._silence_ms += duration_ms
        if not self._started:
            if self._silence_ms >= _FALSE_START_MS:
                self._forget()
            return ()
        marks: tuple[Endpoint, ...] = ()
        if not self._paused and self._silence_ms >= self.patience.early_ms:
            self._paused = True
            marks = (Endpoint.PAUSED,)
        return (*marks, *self._end()) if self._silence_ms >= self.patience.given(self.so_far) else marks

    def _too_long(self) -> bool:
        return self._now_ms - (self.speech_began_ms or 0) >= MAX_UTTERANCE_MS

    def _end(self) -> tuple[Endpoint, ...]:
        marks = (Endpoint.ENDED,) if self._paused else (Endpoint.PAUSED, Endpoint.ENDED)
        self._forget()
        return marks

    def _forget(self) -> None:
        self.speech_began_ms = None
        self._speech_ms = self._silence_ms = 0
        self._started = self._paused = False
        self.so_far = SoFar.UNKNOWN
