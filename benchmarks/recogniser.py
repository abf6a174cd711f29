"""How well and how fast pocketsphinx hears, on synthetic callers through the telephone's codec.

    python -m benchmarks.recogniser [--voices rms,awb] [--every 2]

Callers are Debian's flite voices, resampled to 8 kHz and through mu-law. The sentences were worded
apart from those that built the model. Word errors of synthetic voices compare builds of this program
with one another; they do not foretell those of people.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from models.domain import Choice, Expectation, ExpectationKind, Transcript
from tests.voice.caller_sentences import BIRTH_DATES, DRUGS, HELD_OUT, NAMES, SAID
from voice import g711
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.resample import LINE_HZ, resample
from voice.spoken_text import words_of

_CHUNK = 1_600  # 100 ms


@dataclass
class Row:
    """One voice's figures."""

    voice: str
    words: int = 0
    errors: int = 0
    dates: int = 0
    drugs: int = 0
    heard_s: float = 0.0
    busy_s: float = 0.0
    finish_ms: list[float] = field(default_factory=list)


def spoken(text: str, voice: str) -> bytes:
    """8 kHz PCM with 300 ms of silence before it, as the listener would hand it on."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
        with wave.open(str(path)) as clip:
            samples = np.frombuffer(clip.readframes(clip.getnframes()), np.int16)
            line = resample(samples, clip.getframerate(), LINE_HZ)
    return bytes(4_800) + g711.decode(g711.encode(line)).tobytes()


def hear(ear: EarService, pcm: bytes, expectation: Expectation, row: Row) -> Transcript:
    ear.begin("bench", expectation, row.voice)
    started = time.perf_counter()
    for at in range(0, len(pcm), _CHUNK):
        ear.feed("bench", pcm[at : at + _CHUNK])
    fed = time.perf_counter()
    transcript = ear.finish("bench")
    done = time.perf_counter()
    row.finish_ms.append(1_000 * (done - fed))
    row.busy_s += done - started
    row.heard_s += len(pcm) / (2 * LINE_HZ)
    return transcript


def word_errors(said: tuple[str, ...], heard: list[str]) -> int:
    row = list(range(len(heard) + 1))
    for at, word in enumerate(said, 1):
        last, row[0] = row[:], at
        for place, other in enumerate(heard, 1):
            row[place] = min(last[place] + 1, row[place - 1] + 1, last[place - 1] + (word != other))
    return row[-1]


def measure(ear: EarService, voice: str, every: int) -> Row:
    row = Row(voice)
    for sentence in HELD_OUT[::every]:
        said = words_of(sentence)
        heard = hear(ear, spoken(sentence, voice), Expectation(), row).text.split()
        row.words += len(said)
        row.errors += word_errors(said, heard)
    for text, _ in BIRTH_DATES:
        found = hear(ear, spoken(text, voice), Expectation(kind=ExpectationKind.DOB), row)
        row.dates += found.text == text
    choices = tuple(Choice(drug, (drug,)) for drug in DRUGS[:8])
    for drug in DRUGS:
        wanted = Expectation(kind=ExpectationKind.DRUG, choices=choices)
        row.drugs += drug in hear(ear, spoken(f"my {drug}", voice), wanted, row).text.split()
    return row


def show(row: Row) -> str:
    finish = statistics.quantiles(row.finish_ms, n=20)
    return (
        f"{row.voice:8} {100 * row.errors / row.words:6.1f} {row.dates:5}/{len(BIRTH_DATES)} "
        f"{row.drugs:5}/{len(DRUGS)} {finish[9]:11.0f} {finish[18]:11.0f} {row.busy_s / row.heard_s:7.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Recogniser benchmark on flite voices")
    parser.add_argument("--voices", default="rms,awb,slt,kal16")
    parser.add_argument("--every", type=int, default=1, help="take every n-th held-out sentence")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ear = EarService(
            EarConfig("pocketsphinx", model_dir=folder, sentences=SAID, names=NAMES, drugs=DRUGS)
        )
        started = time.perf_counter()
        print(f"{ear.load()}: built and loaded in {time.perf_counter() - started:.1f} s")
        print("voice     WER %  dates exact   drugs  finish p50  finish p95 ms  RTF")
        for voice in options.voices.split(","):
            print(show(measure(ear, voice, options.every)), flush=True)


if __name__ == "__main__":
    main()
