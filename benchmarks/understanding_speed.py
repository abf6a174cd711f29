"""Time to understand one sentence, all that a call does with it, on one core; haste changes nothing."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from benchmarks.understanding_minds import CONTEXT, product
from benchmarks.understanding_rows import Options, Row, at_least
from intents import frozen
from intents.classifier import Classifier
from intents.corpus import examples
from intents.decisions import Floats, Scored
from intents.encoder import SentenceEncoder
from intents.frozen import Case
from intents.network import Network
from models.domain import ExpectationKind, Intent, Transcript

P50_MS, P99_MS = 10.0, 30.0
LEAST_SAME = 0.995  # of the corpus's sentences
OPEN = ExpectationKind.OPEN
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
    yield same_as_trained(
        [example.text for example in examples() if example.is_test][:: 60 if options.quick else 6]
    )


def same_as_trained(texts: Sequence[str]) -> Row:
    """Sentences that a call and training take for the same: ``intents.fast`` may round."""
    called, trained = product().classifier, Trained()
    pairs = [(called.score(text, OPEN), trained.score(text, OPEN)) for text in texts]
    same = sum(_wishes(one) == _wishes(other) for one, other in pairs)
    apart = max(_apart(dict(one.intents), dict(other.intents)) for one, other in pairs)
    note = f"{len(pairs)} sentences of the corpus; where they agree, at most {apart:.3f} apart in probability"
    return at_least("wishes as computed in training", same / len(pairs), LEAST_SAME, note=note)


class Trained(Classifier):
    """The classifier on the network that is trained, in single precision."""

    def __init__(self) -> None:
        super().__init__()
        encoder = SentenceEncoder()
        encoder.load()
        self._trained = Network(encoder)
        self._trained.load()
        self.load()

    def logits(self, text: str, kind: ExpectationKind) -> tuple[Floats, Floats]:
        labels, signs = self._trained.logits([text], [kind])
        return labels[0], signs[0]


def _wishes(scored: Scored) -> list[Intent]:
    return [intent for intent, _ in scored.intents]


def _apart(one: Mapping[Intent, float], other: Mapping[Intent, float]) -> float:
    return max((abs(one[intent] - other[intent]) for intent in one.keys() & other.keys()), default=0.0)


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
