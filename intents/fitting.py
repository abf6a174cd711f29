"""The numbers of training: logistic regressions, calibration, thresholds. Pure and without randomness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from intents.head import LABELS, Floats, Settings, decided, mixed, probabilities
from models.domain import Intent

STEPS = 350
LEARNING_RATE = 0.05
DECAY = 1e-4  # of squared weights
WRONG_COSTS = 0.67  # right answers
MOST_REFUSED = 0.06  # of our own callers' sentences
THRESHOLDS = tuple(round(0.05 + 0.025 * step, 3) for step in range(27))
SECONDS = tuple(round(0.2 + 0.05 * step, 2) for step in range(13))
_NEWTON_STEPS = 30
_CERTAIN = 30.0  # a logit beyond which nothing changes
BLENDS = (0.0, 0.25, 0.5, 0.75, 1.0)
_STRANGER = LABELS.index(Intent.OUT_OF_SCOPE)
_COURTESIES = frozenset({Intent.GREETING, Intent.GOODBYE})  # beside a wish they are neither right nor wrong


def fit(matrix: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Logistic regressions of all labels together, by Adam on the whole set."""
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


def choose_settings(own: Floats, tuned: Floats, targets: Floats, least_likeness: float) -> Settings:
    """The mix of both opinions, its calibration and its thresholds that serve held-out sentences best."""
    mixes = [calibrated(own, tuned, targets, blend) for blend in BLENDS]
    worths = [worth(probabilities(mixed(own, tuned, s), s), targets, s.threshold) for s in mixes]
    best = mixes[int(np.argmax(worths))]
    found = probabilities(mixed(own, tuned, best), best)
    second = max(SECONDS, key=lambda limit: whole_right(found, targets, replace(best, second=limit)))
    return replace(best, second=second, least_likeness=least_likeness)


def calibrated(own: Floats, tuned: Floats, targets: Floats, blend: float) -> Settings:
    """One mix, with its calibration and threshold."""
    logits = mixed(own, tuned, Settings(blend=blend))
    scale, shift = platt(logits, targets)
    settings = Settings(scale, shift, blend=blend)
    found = probabilities(logits, settings)
    return replace(settings, threshold=best_threshold(found, targets))


def platt(logits: Floats, targets: Floats) -> tuple[float, float]:
    """Scale and shift of logits that make the left-out labels most likely, by Newton's method."""
    x, y = logits.ravel().astype(np.float64), targets.ravel().astype(np.float64)
    scale, shift = 1.0 / max(1.0, float(np.abs(x).mean())), 0.0  # from the sure end the method runs away
    for _ in range(_NEWTON_STEPS):
        p = 1.0 / (1.0 + np.exp(-np.clip(scale * x + shift, -_CERTAIN, _CERTAIN)))
        error, weight = p - y, np.maximum(p * (1 - p), 1e-9)
        slope = np.array([error @ x, error.sum()])
        curve = np.array([[weight @ (x * x), weight @ x], [weight @ x, weight.sum()]])
        step = np.linalg.solve(curve, slope)
        scale, shift = float(scale - step[0]), float(shift - step[1])
    return scale, shift


def best_threshold(found: Floats, targets: Floats) -> float:
    """The worthiest of those that refuse few of our own callers."""
    few = [limit for limit in THRESHOLDS if _refused(found, targets, limit) <= MOST_REFUSED]
    return max(few or THRESHOLDS[:1], key=lambda limit: worth(found, targets, limit))


def _refused(found: Floats, targets: Floats, threshold: float) -> float:
    """Share of the rows that ask for something of ours and are refused."""
    ours = _ask_for_ours(targets)
    return float((found.max(axis=1)[ours] < threshold).mean()) if ours.any() else 0.0


def _ask_for_ours(targets: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray(targets.sum(axis=1) - targets[:, _STRANGER] > 0)


def worth(found: Floats, targets: Floats, threshold: float) -> float:
    """Rows understood or rightly refused, less those misread: a wrong guess is worse than a question."""
    best = found.argmax(axis=1)
    above = found.max(axis=1) >= threshold
    asked = targets[np.arange(len(targets)), best] > 0
    right = (above & asked) | (~above & ~_ask_for_ours(targets))
    return float(right.sum() - WRONG_COSTS * (above & ~asked).sum())


def whole_right(found: Floats, targets: Floats, settings: Settings) -> int:
    """Rows of which exactly what is asked for is found, courtesies aside."""
    wanted = [[LABELS[at] for at in np.flatnonzero(row)] for row in targets]
    said = [[intent for intent, _ in decided(row, settings)] for row in found]
    return sum(is_whole(one, other) for one, other in zip(wanted, said, strict=True))


def is_whole(wanted: Sequence[Intent], said: Sequence[Intent]) -> bool:
    """Exactly what is asked for, courtesies aside; a stranger may be refused without a label."""
    if set(wanted) == {Intent.OUT_OF_SCOPE} and not said:
        return True
    if not set(wanted) - _COURTESIES:
        return set(wanted) == set(said)
    return set(wanted) - _COURTESIES == set(said) - _COURTESIES


def likeness_floor(corpus: Floats, quantile: float) -> float:
    """How like its nearest other a sentence of the corpus almost always is."""
    alike = corpus @ corpus.T
    np.fill_diagonal(alike, 0.0)
    return float(np.quantile(alike.max(axis=1), quantile))
