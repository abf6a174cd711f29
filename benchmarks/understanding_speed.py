"""Time to understand one sentence, everything a call does with it, on one core."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.understanding_minds import CONTEXT, product
from benchmarks.understanding_rows import Options, Row
from intents import frozen
from intents.frozen import Case
from models.domain import Transcript

P50_MS, P99_MS = 10.0, 30.0
_WARM = 20  # sentences before the clock counts


def rows(options: Options) -> Iterator[Row]:
    """Sentences of the frozen half: nothing but their time is looked at."""
    cases = list(frozen.cases())[:: 40 if options.quick else 4]
    with one_core():
        taken = timed_ms(cases)
    cuts = statistics.quantiles(taken, n=100)
    note = f"{len(taken)} sentences of 1 to 38 words"
    yield _row("understand, p50", cuts[49], P50_MS, note)
    yield _row("understand, p99", cuts[98], P99_MS, note)


def _row(measure: str, figure_ms: float, most_ms: float, note: str) -> Row:
    return Row(measure, f"{figure_ms:.1f} ms", f"<= {most_ms:.0f} ms", note, figure_ms <= most_ms)


def timed_ms(cases: Sequence[Case]) -> list[float]:
    mind, taken = product(), []
    for case in [*cases[:_WARM], *cases]:
        began = time.perf_counter()
        mind.understand(Transcript(case.text, 1.0), case.expectation, CONTEXT)
        taken.append(1_000 * (time.perf_counter() - began))
    return taken[_WARM:]


@contextmanager
def one_core() -> Iterator[None]:
    """Stay on one core, as one of several processes of a full machine does."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
