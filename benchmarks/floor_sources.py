"""Where the voices come from: people of the public evaluation data, the project's own clips, synthetic ones.

Every source belongs to one half, DEVELOPMENT or REPORTED: people by a hash of the speaker, synthetic voices
by the lists below. Nothing of the reported half was looked at while the product's thresholds were set.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from models.domain import ExpectationKind
from voice import espeak, g711
from voice.g711 import Samples
from voice.resample import LINE_HZ, resample

DEVELOPMENT: Final = "development"
REPORTED: Final = "reported"
_FRAME: Final = 160  # 20 ms
FIXTURES: Final = Path(__file__).resolve().parent.parent / "audio_fixtures"
# flite's voices and espeak-ng's (name, words a minute): a speaker each
_FLITE: Final = {DEVELOPMENT: ("awb", "kal16"), REPORTED: ("rms", "slt")}
_ESPEAK: Final = {
    DEVELOPMENT: (("en-us+m3", 175), ("en-gb-scotland+f2", 165)),
    REPORTED: (("en-us+f4", 170), ("en-gb-x-rp+m7", 175)),
}
_DICTATED: Final = {
    "birth_date": ExpectationKind.DOB,
    "zip_code": ExpectationKind.ZIP,
    "phone_number": ExpectationKind.PHONE,
    "street_number": ExpectationKind.NUMBER,
    "spelled_last_name": ExpectationKind.SPELLING,
    "spelled_first_name": ExpectationKind.SPELLING,
}


@dataclass(frozen=True)
class Clip:
    """``label`` names the file, or the words and voice of a synthetic one; never what a person dictated."""

    label: str
    samples: Samples
    words: str = ""


@dataclass(frozen=True)
class Voice:
    engine: str
    name: str
    rate_wpm: int = 0

    def say(self, text: str) -> Clip:
        samples = _flite(text, self.name) if self.engine == "flite" else _espeak(text, self)
        return Clip(f"{text!r} by {self.engine} {self.name}", trimmed(samples), text)


def voices(half: str) -> list[Voice]:
    """Synthetic callers; without flite installed only those of espeak-ng."""
    flite = [Voice("flite", name) for name in _FLITE[half]] if shutil.which("flite") else []
    return [*flite, *(Voice("espeak", name, rate) for name, rate in _ESPEAK[half])]


@cache
def _flite(text: str, voice: str) -> Samples:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
        return read(path)


@cache
def _espeak(text: str, voice: Voice) -> Samples:
    made = espeak.synthesize(text, voice=voice.name, rate_wpm=voice.rate_wpm)
    line: Samples = resample(made, espeak.ESPEAK_HZ, LINE_HZ)
    return line


def read(path: Path) -> Samples:
    """16-bit mono WAV as a telephone gives it."""
    with wave.open(str(path)) as clip:
        samples = np.frombuffer(clip.readframes(clip.getnframes()), np.int16)
        return g711.decode(g711.encode(resample(samples, clip.getframerate(), LINE_HZ)))


def half_of(speaker: str) -> str:
    return REPORTED if hashlib.sha256(speaker.encode()).digest()[0] % 2 else DEVELOPMENT


@dataclass(frozen=True)
class People:
    """The public evaluation data's half; empty where the data is absent."""

    commands: tuple[Clip, ...] = ()
    yes: tuple[Clip, ...] = ()
    no: tuple[Clip, ...] = ()
    dictated: tuple[tuple[Clip, ExpectationKind], ...] = ()
    talk: tuple[Clip, ...] = ()  # minutes of a telephone call
    noises: tuple[Clip, ...] = ()
    bangs: tuple[Clip, ...] = ()

    @classmethod
    def read(cls, data: Path, half: str) -> People:
        manifest = data / "audio" / "manifest.jsonl"
        if not manifest.exists():
            return cls()
        rows = [json.loads(line) for line in manifest.read_text().splitlines()]
        mine = [row for row in rows if half_of(row["speaker"] or row["path"]) == half]
        spoken = [row for row in mine if row["path"].startswith("an4")]
        folder = manifest.parent
        noises = list(_clips(folder, rows, "noise"))  # few, and nothing is learnt from them: in both halves
        return cls(
            commands=tuple(_clips(folder, spoken, "command")),
            yes=tuple(clip for clip in _clips(folder, spoken, "yes_no") if clip.words == "yes"),
            no=tuple(clip for clip in _clips(folder, spoken, "yes_no") if clip.words == "no"),
            dictated=tuple(_dictations(folder, spoken)),
            talk=tuple(_clips(folder, rows, "telephone")),
            noises=tuple(clip for clip in noises if clip.samples.size > 5 * LINE_HZ),
            bangs=tuple(clip for clip in noises if clip.samples.size <= 5 * LINE_HZ),
        )


def _clips(folder: Path, rows: list[dict[str, str]], kind: str) -> Iterator[Clip]:
    for row in rows:
        if kind in row["kind"]:
            yield Clip(row["path"], read(folder / row["path"]), row["text"] or "")


def _dictations(folder: Path, rows: list[dict[str, str]]) -> Iterator[tuple[Clip, ExpectationKind]]:
    for row in rows:
        if kind := _DICTATED.get(row["kind"]):
            yield Clip(row["path"], read(folder / row["path"])), kind


def own_clips(half: str) -> list[Clip]:
    """The project's recorded sentences, by caller."""
    return [
        Clip(path.stem, trimmed(read(path)), path.stem)
        for path in sorted(FIXTURES.glob("*.wav"))
        if half_of(path.stem) == half
    ]


def trimmed(samples: Samples) -> Samples:
    """Without what lies around the sound: between runs of three frames within 20 dB of its loud part."""
    whole = samples[: samples.size // _FRAME * _FRAME].astype(np.float64).reshape(-1, _FRAME)
    powers = (whole**2).mean(1)
    if not powers.size:
        return samples
    loud = powers > np.percentile(powers, 90) * 10**-2.0
    held = np.flatnonzero(np.convolve(loud, np.ones(3), "valid") == 3)
    return samples[held[0] * _FRAME : (held[-1] + 3) * _FRAME] if held.size else samples


def levelled(samples: Samples, level_db: float) -> Samples:
    """The same with its louder half at ``level_db`` below full scale."""
    whole = samples[: samples.size // 160 * 160].astype(np.float64).reshape(-1, 160)
    frames = np.sqrt((whole**2).mean(1))
    loud = float(np.sqrt((frames[frames >= np.median(frames)] ** 2).mean())) if frames.size else 0.0
    wanted = 32_768 * 10 ** (level_db / 20)
    scaled: Samples = np.clip(samples * (wanted / max(loud, 1.0)), -32_768, 32_767).astype(np.int16)
    return scaled
