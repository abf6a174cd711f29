"""A process that hears the clips of ``benchmarks.human``, one after another."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import soxr

from agent import settings, transcribe
from agent.ear_services import ear_service
from agent.preparing import practice_of, prepare_tool
from benchmarks.human_cases import KINDS, Case
from benchmarks.recogniser import word_errors
from intents.reading import read_entities
from intents.understand import MindService
from models.domain import Context, Expectation, ExpectationKind
from voice import g711
from voice.ear_service import EarService
from voice.resample import LINE_HZ
from voice.spoken_text import words_of

_NOW: Final = datetime(2026, 11, 23, 15, tzinfo=UTC)
_LEAD_IN: Final = bytes(2 * LINE_HZ * 3 // 10)  # what the listener gives from before the speech
_SLOTS: Final = ("drug", "dob", "date", "weekday", "time", "phone", "zip", "strength", "pharmacy", "provider")


@dataclass(frozen=True)
class Heard:
    """``outcome``: exact, wrong or asked, of a person's clip; the counts are of a voice's sentence."""

    case: Case
    finish_ms: float
    outcome: str = ""
    words: int = 0
    word_errors: int = 0
    slots: int = 0
    slots_right: int = 0


@dataclass(frozen=True)
class _Ear:
    ears: EarService
    mind: MindService
    context: Context


_ear: list[_Ear] = []


def begin(folder: str) -> None:
    """Loads what a call is heard with, as the demo practice has it."""
    chosen = settings.load({}, data_dir=Path(folder), stt="pocketsphinx")
    prepare_tool(chosen)
    ears, mind = ear_service(chosen), MindService()
    ears.load()
    mind.load()
    _ear[:] = [_Ear(ears, mind, Context(now=_NOW, practice=practice_of(chosen).facts(_NOW)))]


def hear(case: Case) -> Heard:
    return _person(case, _ear[0]) if case.path else _voice(case, _ear[0])


def _person(case: Case, ear: _Ear) -> Heard:
    kind = KINDS[case.kind]
    expectation = Expectation(kind)
    pcm = transcribe.telephone(Path(case.path), wideband=False)
    transcript, finish_ms = _timed(ear.ears, pcm, expectation)
    started = time.perf_counter()
    taken = transcribe.value_of(ear.mind.understand(transcript, expectation, ear.context), kind)
    finish_ms += 1_000 * (time.perf_counter() - started)
    said = _said(case, expectation, ear.context)
    outcome = "asked" if taken is None else "exact" if _plain(taken) == said else "wrong"
    return Heard(replace(case, text="", value=None, path=""), finish_ms, outcome)


def _said(case: Case, expectation: Expectation, context: Context) -> str | None:
    if case.value:
        return _plain(case.value) if case.kind != "phone_number" else _plain("+1" + case.value)
    found = read_entities(case.text, expectation, context).get(transcribe.VALUE_OF[expectation.kind])
    return _plain(found.value) if found else None


def _plain(value: object) -> str:
    return str(value).lower()


def _timed(ears: EarService, pcm: bytes, expectation: Expectation) -> tuple[Any, float]:
    """The transcript, and how long it took from the end of the audio on."""
    ears.begin("clip", expectation)
    pcm = _LEAD_IN + pcm
    for at in range(0, len(pcm), LINE_HZ // 5):
        ears.feed("clip", pcm[at : at + LINE_HZ // 5])
    started = time.perf_counter()
    transcript = ears.finish("clip")
    return transcript, 1_000 * (time.perf_counter() - started)


def _voice(case: Case, ear: _Ear) -> Heard:
    transcript, finish_ms = _timed(ear.ears, _spoken(case), Expectation())
    said = words_of(case.text)
    errors = word_errors(said, transcript.text.split())
    wanted, found = (_slots(text, ear.context) for text in (case.text, transcript.text))
    right = sum(found.get(name) == value for name, value in wanted.items())
    return Heard(case, finish_ms, "", len(said), errors, len(wanted), right)


def _slots(text: str, context: Context) -> dict[str, object]:
    entities = read_entities(text, Expectation(ExpectationKind.OPEN), context)
    return {name: entities[name].value for name in _SLOTS if name in entities}


def _spoken(case: Case) -> bytes:
    """The sentence on the line: 8 kHz, with its noise, through mu-law."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        espeak = ["espeak-ng", "-v", "en-us", "-w", str(path), case.text]
        flite = ["flite", "-voice", case.speaker, "-t", case.text, "-o", str(path)]
        subprocess.run(espeak if case.speaker == "espeak" else flite, check=True)
        samples, rate_hz = transcribe.read_wav(path)
    speech = soxr.resample(samples, rate_hz, LINE_HZ)
    if case.noise_db is not None:
        speech = speech + _noise(case, speech)
    pcm = (np.clip(speech, -1, 1) * 32_767).astype(np.int16)
    return g711.decode(g711.encode(pcm)).tobytes()


def _noise(case: Case, speech: Any) -> Any:
    """So many dB below the louder half of the speech."""
    rng = np.random.default_rng(len(case.text))
    noise = rng.normal(size=speech.size)
    if case.noise_path:
        samples, rate_hz = transcribe.read_wav(Path(case.noise_path))
        line = soxr.resample(samples, rate_hz, LINE_HZ)
        noise = np.resize(np.roll(line, rng.integers(line.size)), speech.size)
    power = np.mean(np.sort(speech**2)[speech.size // 2 :])
    wanted = power * 10 ** (-(case.noise_db or 0) / 10)
    return noise * np.sqrt(wanted / max(float(np.mean(noise**2)), 1e-12))
