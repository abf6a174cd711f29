"""Situations on the line, shaped by hand from the sources: who speaks when, how loudly, over what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.random import Generator

from benchmarks import floor_sounds as sounds
from benchmarks.floor_sources import DEVELOPMENT, Clip, People, levelled, own_clips, trimmed, voices
from models.domain import Expectation, ExpectationKind
from tests.voice.caller_sentences import HELD_OUT
from voice.g711 import Samples
from voice.resample import LINE_HZ

SEEDS: Final = {DEVELOPMENT: 4_711, "reported": 20_261_125}
YIELD, HOLD, WHOLE = "yields", "holds", "one utterance"
_T = TypeVar("_T")
USUAL_DB: Final = -24.0  # a caller's level; ITU-T P.56 talk levels on networks lie about -26 dBov
_SHORT: Final = (
    "wait", "stop", "no", "hello", "hold on", "excuse me", "sorry", "what", "hang on", "no no", "help",
    "operator", "wait a minute", "hello are you there", "can i talk to a person", "i have a question",
    "say that again", "representative",
)  # fmt: skip
_DANGER: Final = (
    "i have chest pain", "i can't breathe", "i think i'm having a stroke", "my mother is not breathing",
    "i want to kill myself",
)  # fmt: skip
_AGREEING: Final = (
    "uh huh", "okay", "yeah", "right", "i see", "sure", "all right", "yep", "got it", "okay thanks", "great",
    "yeah okay",
)  # fmt: skip
_BESIDE: Final = (
    "did you feed the dog", "the keys are on the table", "turn the television down please",
    "what do you want for dinner", "i'm on the phone with the doctor", "put your shoes on we're leaving soon",
    "he went to the store this morning", "can you close the window over there",
)  # fmt: skip
OPEN: Final = Expectation()
YES_NO: Final = Expectation(kind=ExpectationKind.YES_NO)


@dataclass(frozen=True)
class Echo:
    level_db: float
    late_ms: int
    in_room: bool = False


@dataclass(frozen=True)
class Case:
    """``caller`` begins ``at_ms`` after we do (after all of our voice when we are silent: ``we_speak``)."""

    row: str
    wanted: str
    label: str
    caller: Samples
    at_ms: int = 0
    expectation: Expectation = OPEN
    we_speak: bool = True
    before_question_ends_ms: int | None = None  # instead of ``at_ms``: so long before our question is out
    before: Samples = field(default_factory=lambda: np.zeros(0, np.int16))  # said to us earlier in the call
    echo: Echo | None = None
    seed: int = 0


class Situations:
    """All cases of one half, the same at every run."""

    def __init__(self, data: Path, half: str) -> None:
        self.half = half
        self.people, self.own, self.voices = People.read(data, half), own_clips(half), voices(half)
        self._rng = np.random.default_rng(SEEDS[half])

    @property
    def described(self) -> str:
        people = self.people
        return (
            f"{len(people.commands)} commands, {len(people.yes) + len(people.no)} yes/no and"
            f" {len(people.dictated)} dictations by people, {len(self.own)} own clips,"
            f" {len(self.voices)} synthetic voices; the {self.half} half"
        )

    def interruptions(self) -> Iterator[Case]:
        for text in _SHORT:
            for voice in self.voices:
                yield self._over("interruption: short words", YIELD, voice.say(text))
        words = [clip for clip in self.people.commands if clip.words in {"stop", "help", "repeat"}]
        for clip in (*words[:12], *self.people.no):
            yield self._over("interruption: short words", YIELD, clip)
        sentences = [voice.say(text) for voice in self.voices for text in self._some(HELD_OUT, 6)]
        spoken = [clip for clip in self.people.commands if len(clip.words.split()) > 1]
        for clip in (*sentences, *self.own, *self._some(spoken, 24)):
            yield self._over("interruption: sentences", YIELD, clip)
        for text in _DANGER:
            for voice in self.voices:
                yield self._over("interruption: danger", YIELD, voice.say(text))
        yield from self._answers()
        for clip in self._some([*self.own, *spoken], 20):
            soft_db = float(self._rng.uniform(-42, -36))
            yield self._over("soft voice, not heard before", YIELD, clip, level_db=soft_db)

    def _answers(self) -> Iterator[Case]:
        said = [voice.say(text) for voice in self.voices for text in ("yes", "no", "okay")]
        for clip in (*said, *self.people.yes, *self.people.no):
            early_ms = int(self._rng.integers(100, 500))
            yield self._over("answer as the question ends", YIELD, clip, YES_NO, before_end_ms=early_ms)

    def agreement(self) -> Iterator[Case]:
        row = "backchannel"
        for text in _AGREEING:
            for voice in self.voices:
                yield self._over(row, HOLD, voice.say(text))
        for _ in range(16):
            yield self._over(row, HOLD, Clip("made mm-hmm", sounds.murmur(self._rng)))
            yield self._over(row, HOLD, Clip("made uh-huh", sounds.uh_huh(self._rng)))
        for clip in self.people.yes:
            yield self._over(row, HOLD, clip)
        for voice in self.voices:
            yield self._over(row, HOLD, voice.say("okay"), YES_NO)

    def bursts(self) -> Iterator[Case]:
        for number in range(48):
            make = sounds.BURSTS[number % len(sounds.BURSTS)]
            level_db = float(self._rng.uniform(-32, -16))
            yield self._over("cough, bang", HOLD, Clip(make.__name__, make(self._rng)), level_db=level_db)
        for clip in (*self.people.bangs, *self.people.noises):
            start = int(self._rng.integers(0, max(clip.samples.size - 2 * LINE_HZ, 1)))
            piece = clip.samples[start : start + int(self._rng.uniform(0.3, 1.5) * LINE_HZ)]
            yield self._over("cough, bang", HOLD, Clip(clip.label, piece))

    def side_talk(self, *, known: bool) -> Iterator[Case]:
        row = f"talk in the room, caller {'heard before' if known else 'not heard before'}"
        spoken = [clip for clip in self.people.commands if len(clip.words.split()) > 2]
        synthetic = [voice.say(text) for voice in self.voices for text in self._some(_BESIDE, 4)]
        for clip in (*synthetic, *self._some(spoken, 16)):
            usual_db = USUAL_DB + float(self._rng.uniform(-3, 3))
            far = Clip(clip.label, sounds.across_the_room(clip.samples, self._rng), clip.words)
            before = levelled(self._one(self.own).samples, usual_db) if known else None
            level_db = usual_db - float(self._rng.uniform(11, 18))
            yield self._over(row, HOLD, far, level_db=level_db, before=before)

    def echo_alone(self) -> Iterator[Case]:
        for echo in _echoes():
            yield self._over("echo alone", HOLD, Clip(str(echo), np.zeros(0, np.int16)), echo=echo)

    def echo_under_caller(self) -> Iterator[Case]:
        spoken = [*self.own, *(clip for clip in self.people.commands if len(clip.words.split()) > 1)]
        spoken += [voice.say(text) for voice in self.voices for text in HELD_OUT[:3]]
        for echo in _echoes():
            for clip in self._some(spoken, 2):
                labelled = Clip(f"{clip.label} over {echo}", clip.samples)
                yield self._over("echo under a caller", YIELD, labelled, echo=echo)

    def dictated(self) -> Iterator[Case]:
        """With one or two silences put in where the speaker paused anyway."""
        for number, (clip, kind) in enumerate(self.people.dictated):
            samples = levelled(trimmed(clip.samples), USUAL_DB)
            samples = _with_pauses(samples, 1 + number % 2, self._rng)
            yield self._alone(
                f"dictated with pauses: {kind.value}", Clip(clip.label, samples), Expectation(kind=kind)
            )

    def fluent(self) -> Iterator[Case]:
        sentences = [voice.say(text) for voice in self.voices for text in HELD_OUT]
        strung = [clip for clip in self.people.commands if len(clip.words.split()) > 3]  # "x i sixty one"
        fluent = [clip for clip in self.people.commands if clip not in strung]
        for row, clips in (
            ("fluent commands", [*fluent, *self.own, *sentences]),
            ("fluent letters and figures, not asked for", strung),
        ):
            for clip in clips:
                yield self._alone(row, Clip(clip.label, levelled(trimmed(clip.samples), USUAL_DB)), OPEN)

    def noises(self, minutes: float) -> Iterator[Case]:
        """Stretches of half a minute, in turn silence, line noise, rooms, ringback and music."""
        kinds = ("silence", "line noise", "room noise", "room noise", "ringback", "music")
        for number in range(int(minutes * 2)):
            kind = kinds[number % len(kinds)]
            yield self._alone(f"phantom: {kind}", Clip(kind, self._noise(kind, 30.0)), OPEN)

    def _noise(self, kind: str, length_s: float) -> Samples:
        rng, level_db = self._rng, float(self._rng.uniform(-50, -28))
        match kind:
            case "silence":
                return np.zeros(int(length_s * LINE_HZ), np.int16)
            case "line noise":
                return sounds.line_noise(rng, length_s, 32_768 * 10 ** ((level_db - 10) / 20))
            case "room noise" if self.people.noises:
                return levelled(_looped(self._one(self.people.noises).samples, rng, length_s), level_db)
            case "ringback":
                return sounds.ringback(length_s, 32_768 * 10 ** (level_db / 20))
            case _:
                return sounds.music(rng, length_s, 32_768 * 10 ** (level_db / 20))

    def _over(
        self,
        row: str,
        wanted: str,
        clip: Clip,
        expectation: Expectation = OPEN,
        *,
        level_db: float | None = None,
        before: Samples | None = None,
        echo: Echo | None = None,
        before_end_ms: int | None = None,
    ) -> Case:
        usual_db = USUAL_DB + float(self._rng.uniform(-4, 4))
        caller = levelled(trimmed(clip.samples), usual_db if level_db is None else level_db)
        at_ms = int(self._rng.integers(1_200, 5_000))
        earlier = np.zeros(0, np.int16) if before is None else before
        seed = int(self._rng.integers(1 << 31))
        return Case(
            row, wanted, clip.label, caller, at_ms, expectation, True, before_end_ms, earlier, echo, seed
        )

    def _alone(self, row: str, clip: Clip, expectation: Expectation) -> Case:
        seed = int(self._rng.integers(1 << 31))
        wanted = HOLD if row.startswith("phantom") else WHOLE
        return Case(row, wanted, clip.label, clip.samples, 500, expectation, we_speak=False, seed=seed)

    def _one(self, of: Sequence[_T]) -> _T:
        return of[int(self._rng.integers(len(of)))]

    def _some(self, of: Sequence[_T], number: int) -> list[_T]:
        chosen = self._rng.permutation(len(of))[:number]
        return [of[int(at)] for at in chosen]


def _echoes() -> Iterator[Echo]:
    for level_db in (-10.0, -20.0, -30.0):
        for late_ms in (80, 160, 240, 320, 400):
            for in_room in (False, True):
                yield Echo(level_db, late_ms, in_room)


def _with_pauses(samples: Samples, number: int, rng: Generator) -> Samples:
    """0.3 to 0.7 s of the line's silence more at the quietest inner places, half a second apart."""
    frames = samples[: samples.size // 160 * 160].astype(np.float64).reshape(-1, 160)
    levels = np.convolve(np.sqrt((frames**2).mean(1)), np.ones(3) / 3, "same")
    first, last = len(levels) // 5, 4 * len(levels) // 5
    quietest = first + np.argsort(levels[first:last])[: max((last - first) // 6, 1)]
    places: list[int] = []
    for at in rng.permutation(quietest):
        if len(places) < number and all(abs(int(at) - place) >= 25 for place in places):
            places.append(int(at))
    parts, end = list[Samples](), samples.size
    for place in sorted(places, reverse=True):
        pause = np.zeros(int(rng.uniform(0.3, 0.7) * LINE_HZ), np.int16)
        parts += [samples[place * 160 + 80 : end], pause]
        end = place * 160 + 80
    return np.concatenate((samples[:end], *reversed(parts)))


def _looped(samples: Samples, rng: Generator, length_s: float) -> Samples:
    start, length = int(rng.integers(samples.size)), int(length_s * LINE_HZ)
    return np.resize(np.roll(samples, -start), length)
