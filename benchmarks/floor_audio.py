"""Situations on the line, mixed by hand from clips: who speaks when, how loudly, over what."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from models.domain import Expectation, ExpectationKind
from voice import espeak, g711
from voice.g711 import Samples
from voice.loudness import for_the_line
from voice.resample import LINE_HZ, resample

FIXTURES = Path(__file__).resolve().parent.parent / "audio_fixtures"
OURS = (
    "Thank you for calling Harbor Street Family Medicine. If this is an emergency, hang up and call 911.",
    "I'm an AI assistant, not a nurse or doctor. This call is recorded. How can I help you today?",
)
BACKCHANNELS = ("mm hmm", "uh huh", "okay", "yeah", "right", "i see", "sure", "all right")
VOICES = ("rms", "awb", "slt")
NOISE_RMS = 8.0
CALLER_RMS = 2_000.0


@dataclass(frozen=True)
class Clip:
    name: str
    samples: Samples


@dataclass(frozen=True)
class Mixed:
    """``came`` is what the caller's line brings while we play ``ours`` (same length)."""

    came: bytes
    ours: bytes
    onset_ms: float
    expectation: Expectation


@cache
def our_voice() -> Samples:
    said = [espeak.synthesize(text, voice=espeak.VOICE, rate_wpm=espeak.RATE_WPM) for text in OURS]
    return np.concatenate([g711.decode(for_the_line(samples, espeak.ESPEAK_HZ)) for samples in said])


@cache
def flite(text: str, voice: str) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
        return read(path)


def read(path: Path) -> Samples:
    """16-bit mono WAV at 8 kHz."""
    with wave.open(str(path)) as clip:
        samples = np.frombuffer(clip.readframes(clip.getnframes()), np.int16)
        line: Samples = resample(samples, clip.getframerate(), LINE_HZ)
        return line


def levelled(samples: Samples, rms: float) -> Samples:
    """The same with its louder half at ``rms``."""
    whole = samples[: samples.size // 160 * 160].astype(np.float64).reshape(-1, 160)
    frames = np.sqrt((whole**2).mean(1))
    loud = float(np.sqrt((frames[frames >= np.median(frames)] ** 2).mean())) if frames.size else 0.0
    scaled: Samples = np.clip(samples * (rms / max(loud, 1.0)), -32_768, 32_767).astype(np.int16)
    return scaled


@dataclass
class Situations:
    rng: random.Random
    callers: list[Clip]  # say things that mean something
    dictations: list[tuple[Clip, ExpectationKind]]
    noise_clips: list[Clip]
    bangs: list[Clip]
    described: str

    @classmethod
    def read(cls, data: Path, rng: random.Random) -> Situations:
        own = [Clip(path.stem, read(path)) for path in sorted(FIXTURES.glob("*.wav"))]
        manifest = data / "audio" / "manifest.jsonl"
        rows = [json.loads(line) for line in manifest.read_text().splitlines()] if manifest.exists() else []
        folder = manifest.parent
        kinds = {"birth_date": ExpectationKind.DOB, "zip_code": ExpectationKind.ZIP,
                 "phone_number": ExpectationKind.PHONE,
                 "spelled_last_name": ExpectationKind.SPELLING}  # fmt: skip
        people = [Clip(one["path"], read(folder / one["path"])) for one in rows if one["kind"] == "command"]
        dictated = [
            (Clip(one["path"], read(folder / one["path"])), kinds[one["kind"]])
            for one in rows
            if one["kind"] in kinds
        ]
        noises = [Clip(one["path"], read(folder / one["path"])) for one in rows if "noise" in one["kind"]]
        bangs = [clip for clip in noises if clip.samples.size <= 5 * LINE_HZ]
        described = f"{len(own)} own clips, {len(people)} commands and {len(dictated)} dictations by people"
        return cls(rng, [*own, *people], dictated, [c for c in noises if c not in bangs], bangs, described)

    def interruptions(self) -> Iterator[Mixed]:
        for clip in self.rng.sample(self.callers, min(64, len(self.callers))):
            if clip.samples.size > LINE_HZ // 2:
                yield self._over(levelled(_trimmed(clip.samples), CALLER_RMS))

    def backchannels(self) -> Iterator[Mixed]:
        if shutil.which("flite") is None:
            return
        for text in BACKCHANNELS:
            for voice in VOICES:
                for level in (1_200.0, 2_500.0):
                    yield self._over(levelled(_trimmed(flite(text, voice)), level))

    def bursts(self) -> Iterator[Mixed]:
        """Coughs as shaped noise, and what bangs the public data has."""
        for number in range(30):
            noise = np.random.default_rng(number)
            length = int(noise.uniform(0.12, 0.45) * LINE_HZ)
            shape = np.exp(-np.linspace(0, 4, length)) * (1 + 0.5 * np.sin(np.linspace(0, 30, length)))
            cough = np.convolve(noise.normal(0, 1, length) * shape, np.ones(3) / 3, "same")
            yield self._over(levelled((cough * 8_000).astype(np.int16), float(noise.uniform(800, 4_000))))
        for clip in self.bangs:
            yield self._over(levelled(clip.samples[: LINE_HZ // 2], CALLER_RMS))

    def side_talk(self) -> Iterator[Mixed]:
        for clip in self.rng.sample(self.callers, min(30, len(self.callers))):
            yield self._over(levelled(_trimmed(clip.samples), CALLER_RMS * 10 ** (-14 / 20)))

    def echo_alone(self) -> Iterator[Mixed]:
        for level_db, late_ms in _echoes():
            yield self._over(np.zeros(0, np.int16), echo=(level_db, late_ms))

    def echo_under_caller(self) -> Iterator[Mixed]:
        for level_db, late_ms in _echoes():
            for clip in self.rng.sample(self.callers, 2):
                caller = levelled(_trimmed(clip.samples), CALLER_RMS)
                yield self._over(caller, echo=(level_db, late_ms))

    def dictated(self) -> list[tuple[Clip, ExpectationKind]]:
        """With half a second of the clip's own silence put in at its quietest inner place."""
        return [
            (Clip(c.name, _with_pause(levelled(c.samples, CALLER_RMS))), kind) for c, kind in self.dictations
        ]

    def fluent(self) -> list[tuple[Clip, ExpectationKind]]:
        return [(Clip(c.name, levelled(c.samples, CALLER_RMS)), ExpectationKind.OPEN) for c in self.callers]

    def noises(self) -> list[Clip]:
        """Room noises, hiss, ringback and a tune."""
        made = [Clip("hiss", _hiss(120.0)), Clip("ringback", _ringback()), Clip("tune", _tune())]
        return [Clip(c.name, levelled(c.samples, 400.0)) for c in self.noise_clips] + made

    def _over(self, caller: Samples, echo: tuple[float, int] | None = None) -> Mixed:
        ours = our_voice()
        length = max(ours.size, 4 * LINE_HZ + caller.size) + 2 * LINE_HZ
        played = np.zeros(length, np.int16)
        played[: ours.size] = ours
        came = np.random.default_rng(length).normal(0, NOISE_RMS, length)
        onset = int(self.rng.uniform(1.5, 4.0) * LINE_HZ)
        came[onset : onset + caller.size] += caller
        if echo is not None:
            late = echo[1] * LINE_HZ // 1_000
            came[late:] += played[: length - late] * 10 ** (echo[0] / 20)
        line = g711.encode(np.clip(came, -32_768, 32_767).astype(np.int16))
        return Mixed(line, g711.encode(played), onset * 1_000 / LINE_HZ, Expectation())


def _echoes() -> Iterator[tuple[float, int]]:
    for level_db in (-10.0, -20.0, -30.0):
        for late_ms in (80, 160, 240, 320, 400):
            yield level_db, late_ms


def _trimmed(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 0.05 * np.abs(samples.astype(np.int32)).max())
    return samples[loud[0] : loud[-1] + 1] if loud.size else samples


def _with_pause(samples: Samples) -> Samples:
    frames = samples[: samples.size // 160 * 160].astype(np.float64).reshape(-1, 160)
    levels = np.sqrt((frames**2).mean(1))
    inner = levels[len(levels) // 4 : 3 * len(levels) // 4]
    at = (len(levels) // 4 + int(inner.argmin())) * 160 if inner.size else 0
    pause = np.random.default_rng(at).normal(0, NOISE_RMS, LINE_HZ // 2).astype(np.int16)
    return np.concatenate((samples[:at], pause, samples[at:]))


def _hiss(length_s: float) -> Samples:
    return np.random.default_rng(5).normal(0, 250, int(length_s * LINE_HZ)).astype(np.int16)


def _ringback() -> Samples:
    at = np.arange(60 * LINE_HZ) / LINE_HZ
    tone = np.sin(2 * np.pi * 440 * at) + np.sin(2 * np.pi * 480 * at)  # US ringback: 2 s on, 4 s off
    return (tone * 1_500 * (at % 6 < 2)).astype(np.int16)


def _tune() -> Samples:
    at = np.arange(60 * LINE_HZ) / LINE_HZ
    notes = np.array([262, 294, 330, 349, 392, 440, 494, 523])[(at * 3).astype(int) % 8]
    phase = 2 * np.pi * np.cumsum(notes) / LINE_HZ
    return (1_500 * (np.sin(phase) + 0.4 * np.sin(2 * phase)) * np.exp(-3 * ((at * 3) % 1))).astype(np.int16)
