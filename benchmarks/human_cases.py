"""The clips of ``benchmarks.human``: recordings of people, and sentences by synthetic voices."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.domain import ExpectationKind
from tests.voice.caller_sentences import HELD_OUT

KINDS: Final = {
    "birth_date": ExpectationKind.DOB,
    "zip_code": ExpectationKind.ZIP,
    "phone_number": ExpectationKind.PHONE,
    "spelled_first_name": ExpectationKind.SPELLING,
    "spelled_last_name": ExpectationKind.SPELLING,
    "yes_no": ExpectationKind.YES_NO,
}
_FLITE: Final = ("rms", "slt", "awb", "kal16")
_NOISES: Final = ("room_bg_noise3", "running_tap", "doing_the_dishes", "pink_noise")
_LEVELS_DB: Final = (None, 20, 10)


@dataclass(frozen=True)
class Case:
    """One clip. ``path``: of a recording; empty where ``speaker`` is a voice that says ``text``."""

    kind: str
    speaker: str
    text: str
    path: str = ""
    value: str | None = None
    noise: str = ""
    noise_path: str = ""
    noise_db: int | None = None


def people(data: Path, half: str) -> list[Case]:
    """Clips of one half of the speakers, "tune" or "test"; empty where the recordings are not there."""
    manifest = data / "audio" / "manifest.jsonl"
    if not manifest.exists():
        return []
    lines = map(json.loads, manifest.read_text(encoding="utf-8").splitlines())
    return [
        Case(
            line["kind"], line["speaker"], line["text"], str(data / "audio" / line["path"]), line.get("value")
        )
        for line in lines
        if line["path"].startswith("an4/") and line["kind"] in KINDS and half_of(line["speaker"]) == half
    ]


def half_of(speaker: str) -> str:
    return "test" if hashlib.sha256(speaker.encode()).digest()[0] % 2 else "tune"


def voices(data: Path, sentences: int | None) -> list[Case]:
    """Every voice that is installed, clean and at two levels of noise."""
    names = [*(_FLITE if shutil.which("flite") else ()), *(["espeak"] if shutil.which("espeak-ng") else [])]
    noises = [path for name in _NOISES if (path := data / "audio" / "noise" / f"{name}.wav").exists()]
    found = []
    for level in _LEVELS_DB:
        told = f"{level} dB" if level is not None else ""
        for at, text in enumerate(HELD_OUT[:sentences]):
            noise = str(noises[at % len(noises)]) if noises and level is not None else ""
            found += [Case("", name, text, "", None, told, noise, level) for name in names]
    return found
