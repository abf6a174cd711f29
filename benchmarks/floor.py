"""Who has the floor, measured on audio time: barge-in, backchannels, coughs, side talk, echo, early ends.

    python -m benchmarks.floor [--data ../shared/evaldata] [--quick] [--half development] [--list]

The cases are shaped by hand from the project's own clips, synthetic voices, made sounds and, where the
public evaluation data is present, people who recorded commands and dictated dates and numbers. So figures
compare builds of this program; they do not foretell real lines. Words are pocketsphinx's. Thresholds were
set on the development half only: other speakers, other voices, other seeds than the reported one.

"Yields": the caller's words reached the dialog and our voice stayed off. "Holds": no turn came of it, and
our voice went on to the end, perhaps after a pause and from the beginning of the sentence.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.floor_cases import HOLD, WHOLE, YIELD, Case, Situations
from benchmarks.floor_line import Heard, heard_of
from benchmarks.floor_sources import DEVELOPMENT, REPORTED
from benchmarks.voice_rows import Options, Row
from tests.voice.caller_sentences import DRUGS, NAMES, SAID
from voice.ear_config import EarConfig
from voice.ear_service import EarService

NOISE_MINUTES = 60
_QUICK = 6  # one case in so many
_ear: EarService | None = None


@dataclass(frozen=True)
class Outcome:
    row: str
    wanted: str
    label: str
    good: bool
    clear_ms: float | None  # from the caller's onset to the decision to clear
    paused: bool
    words: int
    begun: int
    texts: tuple[str, ...]
    audio_s: float
    took_s: float


def judged(case: Case, heard: Heard, took_s: float) -> Outcome:
    if case.wanted == YIELD:
        good = heard.took_floor or heard.turns > 0
    elif case.wanted == HOLD:
        good = not heard.took_floor and heard.turns == 0 and not heard.silent
    else:
        good = heard.utterances <= 1
    broke = heard.broke_off_ms
    clear_ms = None if broke is None else broke - heard.onset_ms
    words = sum(len(text.split()) for text in heard.texts) if heard.turns else 0
    return Outcome(
        case.row, case.wanted, case.label, good, clear_ms, broke is not None, words,
        heard.utterances, tuple(heard.texts), case.caller.size / 8_000, took_s,
    )  # fmt: skip


def ear_config(model_dir: str) -> EarConfig:
    return EarConfig("pocketsphinx", model_dir=model_dir, sentences=SAID, names=NAMES, drugs=DRUGS)


def load_ear(model_dir: str) -> None:
    """In a worker process: one recogniser for all its cases."""
    global _ear
    _ear = EarService(ear_config(model_dir))
    _ear.load()


def outcome_of(case: Case) -> Outcome:
    if _ear is None:
        raise RuntimeError("load_ear was not called in this process")
    began_s = time.process_time()
    heard = asyncio.run(heard_of(_ear, case))
    return judged(case, heard, time.process_time() - began_s)


def cases_of(situations: Situations, noise_minutes: float) -> Iterator[Case]:
    return chain(
        situations.interruptions(),
        situations.agreement(),
        situations.bursts(),
        situations.side_talk(known=True),
        situations.side_talk(known=False),
        situations.echo_alone(),
        situations.echo_under_caller(),
        situations.dictated(),
        situations.fluent(),
        situations.noises(noise_minutes),
    )


def measured(cases: Sequence[Case], processes: int = 2) -> Iterator[Outcome]:
    """Every case as it is done, in processes that have a recogniser each."""
    with tempfile.TemporaryDirectory(prefix="firstring-floor-") as folder:
        EarService(ear_config(folder)).load()  # the language model is built once
        context = multiprocessing.get_context("spawn")
        with context.Pool(processes, load_ear, (folder,)) as pool:
            yield from pool.imap_unordered(outcome_of, cases, chunksize=2)


def wilson(good: int, cases: int) -> tuple[float, float]:
    """The 95 % interval of a share (E. B. Wilson, 1927)."""
    if not cases:
        return 0.0, 1.0
    z, share = 1.96, good / cases
    middle = (share + z * z / (2 * cases)) / (1 + z * z / cases)
    half = z / (1 + z * z / cases) * np.sqrt(share * (1 - share) / cases + z * z / (4 * cases**2))
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def rows_of(outcomes: Sequence[Outcome]) -> list[Row]:
    by_row: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in sorted(outcomes, key=lambda outcome: outcome.row):
        by_row[outcome.row].append(outcome)
    named = {name: of for name, of in by_row.items() if not name.startswith("phantom")}
    rows = [
        _pooled("all real interruptions", outcomes, ("interruption", "answer")),
        _pooled("all backchannels, coughs, side talk", outcomes, ("backchannel", "cough", "talk")),
        *(_share(name, of) for name, of in named.items()),
        _pooled("all dictations", outcomes, ("dictated",)),
        *_clear(outcomes),
    ]
    phantom = {name: of for name, of in by_row.items() if name.startswith("phantom")}
    return [row for row in (*rows, *_phantoms(phantom)) if row is not None]


def _pooled(name: str, outcomes: Iterable[Outcome], beginnings: tuple[str, ...]) -> Row | None:
    of = [outcome for outcome in outcomes if outcome.row.startswith(beginnings)]
    return _share(name, of) if of else None


_LEAST = {YIELD: 0.95, HOLD: 0.90}


def _share(name: str, of: Sequence[Outcome]) -> Row:
    good, cases = sum(outcome.good for outcome in of), len(of)
    wanted, share = of[0].wanted, good / cases
    if wanted == WHOLE:
        most = 0.01 if name.startswith("fluent") else 0.03
        low, high = wilson(cases - good, cases)
        figure = f"{cases - good}/{cases} cut = {1 - share:.1%} [{low:.1%}, {high:.1%}]"
        return Row(name, figure, f"<= {most:.0%}", _cost(of), reached=1 - share <= most)
    low, high = wilson(good, cases)
    figure = f"{wanted} {good}/{cases} = {share:.3f} [{low:.3f}, {high:.3f}]"
    if wanted == HOLD:
        figure += f", {sum(outcome.paused for outcome in of)} paused"
    if name.startswith("soft"):
        return Row(name, figure, note=_cost(of))
    least = 1.0 if name == "echo alone" else 0.90 if name.startswith("echo") else _LEAST[wanted]
    return Row(name, figure, f">= {least:.2f}", _cost(of), reached=share >= least)


def _cost(of: Sequence[Outcome]) -> str:
    return f"{sum(outcome.took_s for outcome in of) / len(of):.2f} s of processor a case"


def _clear(outcomes: Sequence[Outcome]) -> list[Row]:
    over_echo = [outcome for outcome in outcomes if outcome.row.startswith("echo")]
    plain = [outcome for outcome in outcomes if outcome.row.startswith(("interruption", "answer"))]
    measure = "caller onset -> decision to clear, p50 / p95"
    return [*_clear_row(measure, plain), *_clear_row(f"{measure}, over our echo", over_echo)]


def _clear_row(measure: str, outcomes: Iterable[Outcome]) -> list[Row]:
    waits = [outcome.clear_ms for outcome in outcomes if outcome.clear_ms is not None]
    if not waits:
        return []
    middle, late = np.percentile(waits, [50, 95])
    figure = f"{middle:.0f} / {late:.0f} ms of audio, {len(waits)} cases"
    return [Row(measure, figure, "<= 250 ms", reached=bool(late <= 250))]


def _phantoms(rows: dict[str, list[Outcome]]) -> list[Row]:
    if not rows:
        return []
    made = [_phantom(name, of) for name, of in rows.items()]
    return [*made, _phantom("phantom turns, all", [outcome for of in rows.values() for outcome in of])]


def _phantom(name: str, of: Sequence[Outcome]) -> Row:
    minutes, words = sum(outcome.audio_s for outcome in of) / 60, sum(outcome.words for outcome in of)
    figure = f"{words} words in {minutes:.0f} min, {sum(outcome.begun for outcome in of)} utterances begun"
    return Row(name, figure, "0 words", reached=words == 0)


def rows(options: Options) -> list[Row]:
    """The section of ``benchmarks.voice``: the reported half, every case of it."""
    situations = Situations(options.data, REPORTED)
    cases = selected(cases_of(situations, NOISE_MINUTES), "", _QUICK if options.quick else 1)
    about = Row("who has the floor, on audio time", f"{len(cases)} cases", note=situations.described)
    return [about, *rows_of(list(measured(cases)))]


def table_of(rows: Iterable[Row], title: str) -> Table:
    table = Table(title=title)
    for column in ("measure", "figure", "wanted", ""):
        table.add_column(column)
    for row in rows:
        table.add_row(row.measure, row.figure, row.wanted, "missed" if row.reached is False else "")
    return table


def selected(cases: Iterable[Case], only: str, every: int) -> list[Case]:
    counts: dict[str, int] = defaultdict(int)
    chosen = []
    for case in cases:
        if case.row.startswith(tuple(only.split(","))):
            if counts[case.row] % every == 0:
                chosen.append(case)
            counts[case.row] += 1
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/evaldata"))
    parser.add_argument("--half", choices=(DEVELOPMENT, REPORTED), default=REPORTED)
    parser.add_argument("--quick", action="store_const", const=_QUICK, default=1, dest="every")
    parser.add_argument("--every", type=int, help=f"one case in so many of each row; --quick is {_QUICK}")
    parser.add_argument("--only", default="", help="rows beginning with one of these, comma-separated")
    parser.add_argument("--list", action="store_true", help="name the cases that failed")
    options = parser.parse_args()
    situations = Situations(options.data, options.half)
    cases = selected(cases_of(situations, NOISE_MINUTES), options.only, options.every)
    began_s = time.monotonic()
    outcomes = []
    for outcome in measured(cases):
        outcomes.append(outcome)
        if options.list and (not outcome.good or (outcome.words and outcome.row.startswith("phantom"))):
            print(outcome.row, "|", outcome.label, "|", outcome.clear_ms, "|", outcome.texts, flush=True)
    took_s = time.monotonic() - began_s
    title = f"The floor, on audio time; {len(cases)} cases of {situations.described}; {took_s:.0f} s"
    Console(width=140).print(table_of(rows_of(outcomes), title))


if __name__ == "__main__":
    main()
