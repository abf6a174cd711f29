"""Train the classifier: ``python -m intents.train``. Deterministic; a quarter of an hour on two cores.

One round learns from two families in three; on the third, calibration and refusal are chosen and all figures
are measured. The other learns from everything, and is shipped with those settings. They run side by side, a
thread each, so that the number of cores changes no result.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from intents import fitting, report
from intents.augment import Row, epoch_rows, test_row, training_rows
from intents.corpus import Example, examples
from intents.corpus.counting import ways
from intents.encoder import SentenceEncoder, Vectors
from intents.head import (
    WEIGHTS,
    Floats,
    Head,
    Members,
    Settings,
    by_label,
    decided,
    features,
    membership,
    mixed,
    probabilities,
    save,
)
from intents.tuned import TunedLayers
from intents.tuning import tune
from models.domain import ExpectationKind, Intent

Measured = dict[str, object]

BATCH = 64
EPOCHS = 4  # of tuning
LIKENESS_QUANTILE = 0.004  # of real sentences may be refused as unlike the corpus
_COMPARED = 2_000  # rows at a time with the whole corpus: a bound on memory


@dataclass(frozen=True, slots=True)
class Learned:
    head: Head
    tuned: TunedLayers


@dataclass(frozen=True, slots=True)
class Opinions:
    """Logits of both parts for the same rows."""

    own: Floats
    tuned: Floats


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write weights and report, print the report."""
    options = _options().parse_args(arguments)
    started = time.monotonic()
    learned, settings, measured = rehearse() if options.once else both_rounds()
    save(replace(learned.head, settings=settings), options.out)
    learned.tuned.save(options.out.with_name("layers.npz"))
    told = {"learned from": len(learned.head.corpus), **measured}
    text = report.render(told)
    options.out.with_name("report.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    sys.stderr.write(f"{(time.monotonic() - started) / 60:.1f} minutes\n")
    return 0


def both_rounds() -> tuple[Learned, Settings, Measured]:
    """What everything taught, with the settings and figures of the round that held a third out."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
        rehearsal = beside.submit(_settings_and_figures)
        learned = learn(_encoder(), examples())
        return learned, *rehearsal.result()


def _settings_and_figures() -> tuple[Settings, Measured]:
    return rehearse()[1:]


def rehearse() -> tuple[Learned, Settings, Measured]:
    """What two families in three taught, and settings and figures on the third."""
    encoder = _encoder()
    learned = learn(encoder, [example for example in examples() if not example.is_test])
    rows = [test_row(example) for example in examples() if example.is_test]
    heard = opinions(learned, rows, encoder)
    floor = fitting.likeness_floor(learned.head.corpus, LIKENESS_QUANTILE)
    settings = fitting.choose_settings(heard.own, heard.tuned, targets_of(rows), floor)
    return learned, settings, _measured(heard, rows, settings)


def learn(encoder: SentenceEncoder, corpus: Sequence[Example]) -> Learned:
    """Head and tuned layers from these sentences. On one thread: over more, sums come out otherwise."""
    epochs = [epoch_rows(corpus, epoch) for epoch in range(EPOCHS)]
    with threadpool_limits(1):
        return Learned(learn_head(encoder, corpus), tune(encoder, epochs))


def learn_head(encoder: SentenceEncoder, corpus: Sequence[Example]) -> Head:
    """Regressions over what the untouched encoder makes of the sentences."""
    rows = training_rows(corpus)
    vectors = encode_all([example.text for example in corpus], encoder)
    member = membership([example.intents for example in corpus])
    texts, kinds = [row.text for row in rows], [row.kind for row in rows]
    own = encode_all(texts, encoder)
    alike = _alike(own, [row.family for row in rows], vectors, member, [one.family for one in corpus])
    matrix = features(texts, own, kinds, alike)
    weights, bias = fitting.fit(matrix, targets_of(rows))
    return Head(weights, bias, vectors, member)


def _alike(
    own: Vectors, families: Sequence[str], vectors: Vectors, member: Members, of: Sequence[str]
) -> Floats:
    """Likeness of each row to each label's sentences, except to those of its own family."""
    names = {family: number for number, family in enumerate(dict.fromkeys(of))}
    mine, theirs = (
        np.array([names.get(family, -1) for family in families]),
        np.array([names[one] for one in of]),
    )
    found = []
    for start in range(0, len(own), _COMPARED):
        alike = own[start : start + _COMPARED] @ vectors.T
        alike[mine[start : start + _COMPARED, None] == theirs[None, :]] = -1.0
        found.append(by_label(alike, member))
    return np.vstack(found)


def encode_all(texts: Sequence[str], encoder: SentenceEncoder) -> Vectors:
    """Embeddings in order; each text once, shortest first so that batches carry little padding."""
    different = sorted(dict.fromkeys(texts), key=len)
    found = [encoder.encode(different[at : at + BATCH]) for at in range(0, len(different), BATCH)]
    place = {text: at for at, text in enumerate(different)}
    return np.asarray(np.vstack(found)[[place[text] for text in texts]], dtype=np.float32)


def opinions(learned: Learned, rows: Sequence[Row], encoder: SentenceEncoder) -> Opinions:
    """What head and tuned layers think of rows, each on its own."""
    vectors = encode_all([row.text for row in rows], encoder)
    kinds = [row.kind for row in rows]
    alike = by_label(vectors @ learned.head.corpus.T, learned.head.member)
    own = learned.head.logits(features([row.text for row in rows], vectors, kinds, alike))
    tuned = np.zeros_like(own)
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].text))
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        half = encoder.halfway([rows[at].text for at in batch])
        tuned[batch] = learned.tuned.logits(half, [kinds[at] for at in batch])
    return Opinions(own, tuned)


def _measured(heard: Opinions, rows: Sequence[Row], settings: Settings) -> Measured:
    figures: Measured = {
        "sentences of the corpus": len(examples()),
        "near-duplicates counted once": ways(example.text for example in examples()),
        "settings": {name: round(getattr(settings, name), 3) for name in Settings.__dataclass_fields__},
        "held out": report.measure(predictions(heard, settings), rows),
    }
    for name, blend in (("head alone", 0.0), ("tuned layers alone", 1.0)):
        alone = fitting.calibrated(heard.own, heard.tuned, targets_of(rows), blend)
        one = report.measure(predictions(heard, alone), rows)
        figures[f"held out, {name}"] = {key: one[key] for key in report.HEADLINES}
    return figures


def targets_of(rows: Sequence[Row]) -> Floats:
    """1 where a row asks for a label: [rows, labels]."""
    return membership([row.intents for row in rows])[:, :-1].astype(np.float32)


def predictions(heard: Opinions, settings: Settings) -> list[report.Prediction]:
    found = probabilities(mixed(heard.own, heard.tuned, settings), settings)
    return [report.Prediction(decided(row, settings)) for row in found]


def external_rows(path: Path) -> list[Row]:
    """Sentences written by others: an answer is scored as one to a yes/no question."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        intent = Intent(entry["intent"])
        is_answer = intent in (Intent.AFFIRM, Intent.DENY)
        kind = ExpectationKind.YES_NO if is_answer else ExpectationKind.OPEN
        rows.append(Row(entry["text"], kind, (intent,), "external"))
    return rows


def _encoder() -> SentenceEncoder:
    encoder = SentenceEncoder()
    encoder.load()
    return encoder


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m intents.train", description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    parser.add_argument(
        "--once", action="store_true", help="ship what two families in three taught: less time"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
