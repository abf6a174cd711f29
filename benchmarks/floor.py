"""Who has the floor, measured on audio time: barge-in, backchannels, coughs, side talk, echo, early ends.

    python -m benchmarks.floor [--data ../shared/evaldata]

Callers are the project's own clips, flite voices, and where the public evaluation data is present people
who recorded commands and dictated birth dates, ZIP codes and telephone numbers. All of it is mixed by hand
into situations, so figures compare builds of this program; they do not foretell real lines. Words
are pocketsphinx's. Nothing here waits: audio is given as fast as it is understood. It takes well over
ten minutes on two cores. Side talk is measured without the caller having spoken to us before, so that
the caller's usual level is not known yet: the hardest case.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.floor_audio import Clip, Mixed, Situations
from benchmarks.floor_line import heard_over_us, utterances_of
from models.domain import Expectation, ExpectationKind
from voice.ear_service import EarService

SEED = 20_261_125


@dataclass
class Score:
    """Cases of one kind of situation."""

    name: str
    wanted: str
    good: int = 0
    cases: int = 0
    clear_ms: list[float] = field(default_factory=list)

    def count(self, good: bool) -> None:
        self.good += good
        self.cases += 1

    @property
    def figure(self) -> str:
        return f"{self.good}/{self.cases} = {self.good / max(self.cases, 1):.3f}"


async def over_us(ear: EarService, cases: Iterator[Mixed], score: Score, *, yields: bool) -> None:
    for mixed in cases:
        heard = await heard_over_us(ear, mixed)
        score.count(heard.took_floor if yields else not heard.took_floor)
        if yields and heard.broke_off_ms is not None:
            score.clear_ms.append(heard.broke_off_ms - mixed.onset_ms)


async def echoes(ear: EarService, situations: Situations) -> list[Score]:
    """Our own voice back at three levels and delays, alone and under a caller."""
    alone = Score("echo alone: no turn, never broken off", "all")
    under = Score("echo under a caller: yields", ">= 0.90")
    for mixed in situations.echo_alone():
        heard = await heard_over_us(ear, mixed)
        alone.count(heard.broke_off_ms is None and not heard.turns)
    await over_us(ear, situations.echo_under_caller(), under, yields=True)
    return [alone, under]


def early_ends(ear: EarService, clips: list[tuple[Clip, ExpectationKind]], name: str, wanted: str) -> Score:
    """Clips that must come out as one utterance."""
    score = Score(name, wanted)
    for clip, kind in clips:
        score.count(len(utterances_of(ear, clip.samples, Expectation(kind=kind))) <= 1)
    return score


def phantoms(ear: EarService, noises: list[Clip]) -> tuple[float, int, int]:
    """(minutes listened, utterances begun, words that would have reached the dialog)."""
    minutes, begun, words = 0.0, 0, 0
    for noise in noises:
        minutes += noise.samples.size / 8_000 / 60
        for utterance in utterances_of(ear, noise.samples, Expectation()):
            begun += 1
            words += len(utterance.split())
    return minutes, begun, words


def row(table: Table, score: Score, *, ends: bool = False) -> None:
    figure = score.figure
    if ends:
        missed = score.cases - score.good
        figure = f"{missed}/{score.cases} = {100 * missed / max(score.cases, 1):.1f} % cut"
    table.add_row(score.name, figure, score.wanted)


async def measure(data: Path) -> Table:
    rng = random.Random(SEED)
    ear = situations_ear()
    situations = Situations.read(data, rng)
    table = Table(title=f"The floor, on audio time, pocketsphinx; {situations.described}")
    for column in ("measure", "figure", "wanted"):
        table.add_column(column)
    real = Score("real interruptions: yields", ">= 0.95")
    await over_us(ear, situations.interruptions(), real, yields=True)
    row(table, real)
    if real.clear_ms:
        p95 = float(np.percentile(real.clear_ms, 95))
        table.add_row(
            "caller onset -> clear, p50 / p95",
            f"{statistics.median(real.clear_ms):.0f} / {p95:.0f} ms",
            "<= 250 ms",
        )
    for name, cases in (
        ("backchannels: holds", situations.backchannels()),
        ("coughs and bangs: holds", situations.bursts()),
        ("talk in the room: holds", situations.side_talk()),
    ):
        held = Score(name, ">= 0.90")
        await over_us(ear, cases, held, yields=False)
        row(table, held)
    for score in await echoes(ear, situations):
        row(table, score)
    row(
        table, early_ends(ear, situations.dictated(), "dictation with pauses put in", "<= 3 % cut"), ends=True
    )
    row(table, early_ends(ear, situations.fluent(), "fluent sentences", "<= 1 % cut"), ends=True)
    minutes, begun, words = phantoms(ear, situations.noises())
    table.add_row(f"phantom turns in {minutes:.0f} min of noise", f"{begun} begun, {words} words", "0 words")
    return table


def situations_ear() -> EarService:
    from benchmarks.floor_line import loaded_ear

    return loaded_ear()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/evaldata"))
    options = parser.parse_args()
    Console(width=120).print(asyncio.run(measure(options.data)))


if __name__ == "__main__":
    main()
