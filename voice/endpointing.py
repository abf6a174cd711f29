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
from voice.hesitation import Hesitation

MIN_SPEECH_MS: Final = 120  # a cough or a click is shorter
MAX_UTTERANCE_MS: Final = 30_000
_FALSE_START_MS: Final = 200  # so long a silence after too little speech: it was nothing

_PAUSE_MS: Final = {
    ExpectationKind.YES_NO: 300,
    ExpectationKind.OPEN: 400,
    ExpectationKind.CHOICE: 400,
    ExpectationKind.DRUG: 400,
    ExpectationKind.NAME: 400,
    ExpectationKind.DOB: 1_000,
    ExpectationKind.PHONE: 1_000,
    ExpectationKind.ZIP: 1_000,
    ExpectationKind.NUMBER: 1_000,
    ExpectationKind.SPELLING: 1_000,
}
_COMPLETE_PAUSE_MS: Final = 350  # the value is all there
_COMPLETE_YES_NO_MS: Final = 190  # six windows of the voice detector: in five fits the stop in "okay"
_WHOLE_PAUSE_MS: Final = 256  # a sentence that came to its value
_UNFINISHED_YES_NO_MS: Final = 600
_UNFINISHED_PAUSE_MS: Final = 1_000  # "my date of birth is", "and"
_UNFINISHED_VALUE_MS: Final = 1_400  # half a date, half a number: people look them up
_CUT_OFF_MS: Final = 1_500  # going on so soon after an end that nobody answered: we ended too early


class Endpoint(Enum):
    STARTED = auto()
    PAUSED = auto()
    RESUMED = auto()
    ENDED = auto()


class SoFar(Enum):
    """What the words heard until now look like."""

    UNKNOWN = auto()
    COMPLETE = auto()  # a whole value of the expected kind
    WHOLE = auto()  # a sentence understood, with the value that it ends in
    UNFINISHED = auto()  # more must come
    OTHER = auto()  # a sentence about something else: no value is being dictated


@dataclass(frozen=True, slots=True)
class Patience:
    """Silences in ms of audio: ``early`` to speculate, ``pause`` to end."""

    early_ms: int
    pause_ms: int
    complete_ms: int = _COMPLETE_PAUSE_MS
    unfinished_ms: int = _UNFINISHED_PAUSE_MS

    @classmethod
    def for_answer(cls, expectation: Expectation) -> Patience:
        own, kind = expectation.pause_ms, expectation.kind
        pause = _PAUSE_MS[kind] if own is None else own
        if kind is ExpectationKind.YES_NO:
            return cls(min(90, pause), pause, _COMPLETE_YES_NO_MS, _UNFINISHED_YES_NO_MS)
        if _PAUSE_MS[kind] >= 700:
            return cls(min(180, pause), pause, unfinished_ms=_UNFINISHED_VALUE_MS)
        return cls(min(150, pause), pause)

    def given(self, so_far: SoFar, hesitation: Hesitation) -> int:
        """The silence that ends the utterance, knowing its words and its speaker."""
        if so_far is SoFar.COMPLETE:
            return min(self.pause_ms, self.complete_ms)
        if so_far is SoFar.WHOLE:
            return min(self.pause_ms, max(_WHOLE_PAUSE_MS, hesitation.usual_ms(self.pause_ms)))
        if so_far is SoFar.OTHER:
            return hesitation.stretched(min(self.pause_ms, _PAUSE_MS[ExpectationKind.OPEN]))
        usual = hesitation.stretched(self.pause_ms)
        return max(usual, self.unfinished_ms) if so_far is SoFar.UNFINISHED else usual


@dataclass(slots=True)
class Endpointer:
    """State of one call's hearing. Times are ms of audio fed since the beginning."""

    patience: Patience = field(default_factory=lambda: Patience.for_answer(Expectation()))
    so_far: SoFar = SoFar.UNKNOWN
    hesitation: Hesitation = field(default_factory=Hesitation)
    speech_began_ms: int | None = None  # of speech not yet ended, also before it is long enough
    speech_ended_ms: int = 0  # the latest end of speech
    _now_ms: int = 0
    _speech_ms: int = 0
    _silence_ms: int = 0
    _started: bool = False
    _paused: bool = False
    _unanswered: bool = False  # an utterance ended, and the caller has heard nothing since

    @property
    def in_utterance(self) -> bool:
        return self._started

    def answered(self) -> None:
        """The caller hears us: what they say next is no continuation of what they said."""
        self._unanswered = False

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
            self._note_cut_off(self.speech_began_ms - self.speech_ended_ms)
        self._speech_ms += duration_ms
        silence_ms, self._silence_ms = self._silence_ms, 0
        self.speech_ended_ms = self._now_ms
        if not self._started and self._speech_ms >= MIN_SPEECH_MS:
            self._started = True
            return (Endpoint.STARTED,)
        return self._resume(silence_ms)

    def _note_cut_off(self, gap_ms: int) -> None:
        if self._unanswered and gap_ms < _CUT_OFF_MS:
            self.hesitation.went_on(gap_ms, self.patience.pause_ms)
        self._unanswered = False

    def _resume(self, silence_ms: int) -> tuple[Endpoint, ...]:
        if not self._paused:
            return ()
        self._paused, self.so_far = False, SoFar.UNKNOWN
        self.hesitation.went_on(silence_ms, self.patience.pause_ms)
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
        enough_ms = self.patience.given(self.so_far, self.hesitation)
        return (*marks, *self._end()) if self._silence_ms >= enough_ms else marks

    def _too_long(self) -> bool:
        return self._now_ms - (self.speech_began_ms or 0) >= MAX_UTTERANCE_MS

    def _end(self) -> tuple[Endpoint, ...]:
        marks = (Endpoint.ENDED,) if self._paused else (Endpoint.PAUSED, Endpoint.ENDED)
        self._forget()
        self._unanswered = True
        return marks

    def _forget(self) -> None:
        self.speech_began_ms = None
        self._speech_ms = self._silence_ms = 0
        self._started = self._paused = False
        self.so_far = SoFar.UNKNOWN
