"""Train the head: ``python -m intents.train``. Deterministic; a few minutes on two cores.

Learns from the training families only, chooses calibration and refusal by cross-validation over them,
then measures on the families held out. ``--external FILE`` measures on sentences of others as well
(JSON lines with text, intent and, where it answers something, context); nothing is learned from it.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from intents import report
from intents.augment import Row, test_row, training_rows
from intents.corpus import Example, examples
from intents.encoder import SentenceEncoder, Vectors
from intents.head import WEIGHTS, Floats, Head, by_label, features, membership, save
from models.domain import ExpectationKind, Intent

STEPS = 350
LEARNING_RATE = 0.05
DECAY = 1e-4  # of squared weights
FOLDS = 4
WRONG_COSTS = 0.5  # right answers
BATCH = 64
THRESHOLDS = tuple(round(0.05 + 0.025 * step, 3) for step in range(27))
LIKENESS_QUANTILE = 0.004  # of real sentences may be refused as unlike the corpus


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write weights and report, print the report."""
    options = _options().parse_args(arguments)
    started = time.monotonic()
    encoder = SentenceEncoder()
    encoder.load()
    head = train(encoder)
    save(head, options.out)
    measured = evaluate(head, encoder, options.external)
    measured["seconds"] = round(time.monotonic() - started)
    text = report.render(measured)
    options.out.with_name("report.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


def train(encoder: SentenceEncoder) -> Head:
    """A head from the training families."""
    corpus = [example for example in examples() if not example.is_test]
    rows = training_rows(corpus)
    vectors = encode_all([example.text for example in corpus], encoder)
    member = membership([example.intents for example in corpus])
    texts, kinds = [row.text for row in rows], [row.kind for row in rows]
    own = encode_all(texts, encoder)
    alike = _to_other_families(own, rows, vectors, corpus)
    matrix = features(texts, own, kinds, by_label(alike, member))
    targets = membership([row.intents for row in rows])[:, :-1].astype(np.float32)
    weights, bias = fit(matrix, targets)
    draft = Head(weights, bias, 1.0, 0.0, 0.5, 0.0, vectors, member)
    return _calibrated(draft, rows, matrix, targets)


def _to_other_families(
    own: Vectors, rows: Sequence[Row], vectors: Vectors, corpus: Sequence[Example]
) -> Floats:
    """Likeness of each row to each corpus sentence, except to those of its own family."""
    alike = own @ vectors.T
    families = np.array([example.family for example in corpus])
    for at, row in enumerate(rows):
        alike[at, families == row.family] = -1.0
    return alike


def encode_all(texts: Sequence[str], encoder: SentenceEncoder) -> Vectors:
    """Embeddings in order, computed shortest first so that batches carry little padding."""
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    found = np.zeros((len(texts), 384), dtype=np.float32)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        found[batch] = encoder.encode([texts[at] for at in batch])
    return found


def fit(matrix: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Logistic regressions of all labels together, by Adam on the whole set; no randomness."""
    weights = np.zeros((matrix.shape[1], targets.shape[1]), dtype=np.float32)
    bias = np.full(targets.shape[1], -3.0, dtype=np.float32)
    moments = [np.zeros_like(weights), np.zeros_like(weights), np.zeros_like(bias), np.zeros_like(bias)]
    for step in range(1, STEPS + 1):
        error = 1.0 / (1.0 + np.exp(-(matrix @ weights + bias))) - targets
        slope = matrix.T @ error / len(matrix) + DECAY * weights
        weights -= _adam(slope, moments, 0, step)
        bias -= _adam(error.mean(axis=0), moments, 2, step)
    return weights, bias


def _adam(slope: Floats, moments: list[Floats], at: int, step: int) -> Floats:
    moments[at] = 0.9 * moments[at] + 0.1 * slope
    moments[at + 1] = 0.999 * moments[at + 1] + 0.001 * slope**2
    mean = moments[at] / (1 - 0.9**step)
    spread = moments[at + 1] / (1 - 0.999**step)
    return np.asarray(LEARNING_RATE * mean / (np.sqrt(spread) + 1e-8), dtype=np.float32)


def _calibrated(head: Head, rows: Sequence[Row], matrix: Floats, targets: Floats) -> Head:
    """Scale, shift and thresholds from predictions on families that were left out in turn."""
    folds = np.array([zlib.crc32(row.family.encode()) % FOLDS for row in rows])
    logits = np.zeros_like(targets)
    for fold in range(FOLDS):
        rest = folds != fold
        weights, bias = fit(matrix[rest], targets[rest])
        logits[~rest] = matrix[~rest] @ weights + bias
    scale, shift = _platt(logits, targets)
    probabilities = 1.0 / (1.0 + np.exp(-(logits * scale + shift)))
    threshold = max(THRESHOLDS, key=lambda limit: worth(probabilities, targets, limit))
    likeness = _likeness_floor(head.corpus)
    return replace(head, scale=scale, shift=shift, threshold=threshold, least_likeness=likeness)


def _platt(logits: Floats, targets: Floats) -> tuple[float, float]:
    """Scale and shift of logits that make the left-out labels most likely, by Newton's method."""
    scale, shift = 1.0, 0.0
    x, y = logits.ravel().astype(np.float64), targets.ravel().astype(np.float64)
    for _ in range(30):
        p = 1.0 / (1.0 + np.exp(-(scale * x + shift)))
        error, weight = p - y, np.maximum(p * (1 - p), 1e-9)
        slope = np.array([error @ x, error.sum()])
        curve = np.array([[weight @ (x * x), weight @ x], [weight @ x, weight.sum()]])
        step = np.linalg.solve(curve, slope)
        scale, shift = float(scale - step[0]), float(shift - step[1])
    return scale, shift


def worth(probabilities: Floats, targets: Floats, threshold: float) -> float:
    """Rows understood or rightly refused, less those misread: a wrong guess is worse than a question."""
    best = probabilities.argmax(axis=1)
    above = probabilities.max(axis=1) >= threshold
    asked = targets[np.arange(len(targets)), best] > 0
    right = (above & asked) | (~above & (targets.sum(axis=1) == 0))
    return float(right.sum() - WRONG_COSTS * (above & ~asked).sum())


def _likeness_floor(corpus: Vectors) -> float:
    """How like its nearest other a sentence of the corpus almost always is."""
    alike = corpus @ corpus.T
    np.fill_diagonal(alike, 0.0)
    return float(np.quantile(alike.max(axis=1), LIKENESS_QUANTILE))


def evaluate(head: Head, encoder: SentenceEncoder, external: Path | None) -> dict[str, object]:
    """Figures on the held-out families, and on an external file where one is given."""
    rows = [test_row(example) for example in examples() if example.is_test]
    measured: dict[str, object] = {
        "training sentences": sum(not example.is_test for example in examples()),
        "held out": report.measure(_predict(head, rows, encoder), rows),
        "latency": report.latency(lambda text: encoder.encode([text]), [row.text for row in rows[:60]]),
        "threshold": head.threshold,
        "least likeness": round(head.least_likeness, 3),
    }
    if external is not None:
        others = external_rows(external)
        figures = report.measure(_predict(head, others, encoder), others)
        del figures["misses"]  # other people's sentences do not travel with the weights
        measured["external"] = figures
    return measured


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


def _predict(head: Head, rows: Sequence[Row], encoder: SentenceEncoder) -> list[report.Prediction]:
    vectors = encode_all([row.text for row in rows], encoder)
    found = []
    for row, vector in zip(rows, vectors, strict=True):
        scored = head.score(row.text, vector, row.kind)
        found.append(report.Prediction(scored.intents))
    return found


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m intents.train", description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where the weights go")
    parser.add_argument("--external", type=Path, help="JSON lines to measure on, never to learn from")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
