"""One call's ear, sans-IO: mu-law in, events out. The same audio gives the same events however it is cut."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.domain import Expectation, ExpectationKind, Utterance
from voice import completeness, g711
from voice.echo import Cleaned, EchoGuard
from voice.endpointing import MIN_SPEECH_MS, Endpoint, Endpointer, Patience, SoFar
from voice.g711 import Samples
from voice.interruption import Interruption
from voice.level import CallerLevel, Nearness
from voice.vad import WINDOW_MS, WINDOW_SAMPLES, SileroVad, SpeechMeter

_PRE_ROLL_MS: Final = 300
_SPEECH_FROM: Final = 0.5  # of the meter's probability, to begin
_SPEECH_WHILE: Final = 0.35  # to go on
_UNDECIDED: Final = (SoFar.UNKNOWN, SoFar.COMPLETE)
# Their answers have no form that words alone could tell; dates and numbers do.
_TOLD_BY_MEANING: Final = frozenset(
    {ExpectationKind.OPEN, ExpectationKind.NAME, ExpectationKind.CHOICE, ExpectationKind.DRUG}
)
_DICTATED: Final = frozenset({ExpectationKind.DOB, ExpectationKind.PHONE, ExpectationKind.ZIP})
_SILENT_PEAK: Final = 8  # the smallest step of mu-law: many telephones send nothing between words
_SILENT_BYTE: Final = b"\xff"  # mu-law
_SETTLED: Final = 16  # windows of it, half a second: the meter's memory holds nothing else by then
# In place of our own echo: a line's idle noise, for after digital silence the meter hears speech in anything.
_NOBODY: Final[Samples] = np.random.default_rng(0).normal(0.0, 8.0, WINDOW_SAMPLES).astype(np.int16)


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    at_ms: int  # audio time since the stream started


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    pcm: bytes  # 16-bit, 8 kHz; of the utterance under way, gapless from its pre-roll on


@dataclass(frozen=True, slots=True)
class Speculate:
    """The caller paused: a good moment to begin finishing recognition."""


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """The caller went on: what was speculated is void. The pause follows as a SpeechChunk."""


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    utterance: Utterance
    nearness: Nearness = Nearness.NEAR  # talk in the room is quieter than talk to us


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The caller's voice is over the agent's: stop speaking (only while ``agent_speaks``).

    Whether it was meant is known when its words are (`interruption.meaning`).
    """

    at_ms: int


ListenerEvent = SpeechStarted | SpeechChunk | Speculate | SpeechResumed | UtteranceEnded | Interrupted


class Listener:
    """Hears one stream. Its clock is the audio it was given."""

    def __init__(self, meter: SpeechMeter | None = None) -> None:
        self._meter = meter or SileroVad()
        self._endpointer = Endpointer()
        self._expectation = Expectation()
        self._echo = EchoGuard()
        self._level = CallerLevel()
        self._rest: Samples = np.zeros(0, np.int16)
        self._rest_played: Samples = np.zeros(0, np.int16)
        self._before: deque[bytes] = deque(maxlen=(_PRE_ROLL_MS + 2 * MIN_SPEECH_MS + 200) // WINDOW_MS)
        self._spoken: list[bytes] = []  # of the utterance under way
        self._pause: list[bytes] = []  # since Speculate, kept back
        self._began_ms = self._now_ms = 0
        self._in_speech = False
        self._silent = 0  # windows, one after the other
        self._interruption: Interruption | None = None
        self._we_speak = self._over_us = False  # now; when the utterance under way began

    def expect(self, expectation: Expectation) -> None:
        """Sets how long a silence ends the answer, from the next audio on."""
        self._expectation = expectation
        self._endpointer.patience = Patience.for_answer(expectation)

    def agent_speaks(self, speaking: bool) -> None:
        """Whether our voice is on the line."""
        self._we_speak = speaking
        if speaking:
            self._endpointer.answered()
        if not speaking:
            self._interruption = None
        elif self._interruption is None:
            self._interruption = Interruption()

    def heard_so_far(self, text: str, *, whole: bool = False, sure: bool = True) -> None:
        """Words recognised of the utterance under way: a whole value ends sooner, a dangling "my" later.

        ``whole``: they were understood as a whole answer, where words alone do not tell. Not ``sure``: a
        dictated value that looks whole may be half of one, bent into the form that was expected.
        """
        if self._endpointer.in_utterance:
            so_far = completeness.so_far(text, self._expectation)
            if so_far is SoFar.COMPLETE and not sure and self._expectation.kind in _DICTATED:
                so_far = SoFar.UNKNOWN
            understood = whole and so_far in _UNDECIDED and self._expectation.kind in _TOLD_BY_MEANING
            self._endpointer.so_far = SoFar.WHOLE if understood else so_far

    def hear(self, mulaw: bytes, played: bytes = b"") -> list[ListenerEvent]:
        """The events of the next audio of the stream; any number of bytes.

        ``played``: what the caller was given to hear in the same stretch of time, as far as we spoke.
        """
        samples = np.concatenate((self._rest, g711.decode(mulaw)))
        given = np.concatenate((self._rest_played, _decoded(played, len(mulaw))))
        whole = samples.size // WINDOW_SAMPLES * WINDOW_SAMPLES
        self._rest, self._rest_played = samples[whole:], given[whole:]
        events: list[ListenerEvent] = []
        for at in range(0, whole, WINDOW_SAMPLES):
            window = slice(at, at + WINDOW_SAMPLES)
            events += self._hear_window(self._echo.clean(samples[window], given[window]))
        return events

    def _hear_window(self, cleaned: Cleaned) -> list[ListenerEvent]:
        window = _NOBODY if cleaned.sound is None else cleaned.sound
        metered = window if cleaned.may_be_speech else _NOBODY
        probability = self._probability(metered, is_silent=not cleaned.may_be_speech or _is_silent(window))
        needed = _SPEECH_WHILE if self._in_speech else _SPEECH_FROM
        self._in_speech = cleaned.may_be_speech and probability >= needed
        self._now_ms += WINDOW_MS
        self._before.append(window.tobytes())
        marks = self._endpointer.process(WINDOW_MS, is_speech=self._in_speech)
        if self._in_speech:
            self._level.spoken(window)
        began_ms = self._endpointer.speech_began_ms
        self._began_ms = self._began_ms if began_ms is None else began_ms
        events = self._utterance_events(window.tobytes(), marks)
        return events + self._interruption_events()

    def _probability(self, window: Samples, *, is_silent: bool) -> float:
        """Of speech. On a line that stays silent the meter rests: most of what such a call costs."""
        self._silent = self._silent + 1 if is_silent else 0
        return 0.0 if self._silent > _SETTLED else self._meter.probability(window)

    def _utterance_events(self, pcm: bytes, marks: tuple[Endpoint, ...]) -> list[ListenerEvent]:
        if Endpoint.STARTED in marks:
            return self._start()
        events: list[ListenerEvent] = []
        if Endpoint.RESUMED in marks:
            held = b"".join(self._pause)
            events += [SpeechResumed(), *self._chunk(held)]
            self._pause = []
        if self._spoken:
            events += self._continue(pcm, marks)
        return events

    def _start(self) -> list[ListenerEvent]:
        self._over_us = self._we_speak
        windows = (self._now_ms - self._began_ms + _PRE_ROLL_MS) // WINDOW_MS
        kept = list(self._before)[-windows:]
        return [SpeechStarted(self._began_ms), *self._chunk(b"".join(kept))]

    def _chunk(self, pcm: bytes) -> list[ListenerEvent]:
        self._spoken.append(pcm)
        return [SpeechChunk(pcm)]

    def _continue(self, pcm: bytes, marks: tuple[Endpoint, ...]) -> list[ListenerEvent]:
        events: list[ListenerEvent] = []
        if self._pause:
            self._pause.append(pcm)
        else:
            events += self._chunk(pcm)
        if Endpoint.PAUSED in marks:
            events.append(Speculate())
            self._pause = [b""]
        if Endpoint.ENDED in marks:
            events.append(self._end())
        return events

    def _end(self) -> UtteranceEnded:
        pcm = b"".join(self._spoken)
        self._spoken, self._pause = [], []
        utterance = Utterance(pcm, self._began_ms, self._endpointer.speech_ended_ms)
        return UtteranceEnded(utterance, self._level.ended(over_us=self._over_us))

    def _interruption_events(self) -> list[ListenerEvent]:
        if self._interruption is None:
            return []
        if not self._interruption.process(WINDOW_MS, is_speech=self._in_speech):
            return []
        self._interruption = None
        return [Interrupted(self._now_ms)]


def _decoded(played: bytes, length: int) -> Samples:
    """So many samples of it, silence where it is shorter: mostly it is nothing else."""
    given = np.zeros(length, np.int16)
    if played.count(_SILENT_BYTE) < len(played):
        given[: len(played)] = g711.decode(played[:length])
    return given


def _is_silent(samples: Samples) -> bool:
    return bool(samples.max() <= _SILENT_PEAK and samples.min() >= -_SILENT_PEAK)
