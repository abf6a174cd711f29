"""The numbers around training: calibration and thresholds. Pure and without randomness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from intents.decisions import LABELS, Floats, Settings, decided, probabilities
from models.domain import Intent

WRONG_COSTS = 0.67  # right answers
MOST_REFUSED = 0.06  # of our own callers' sentences
MOST_ASKED = 0.005  # of ordinary sentences: a needless question about a danger
THRESHOLDS = tuple(round(0.05 + 0.025 * step, 3) for step in range(27))
SECONDS = tuple(round(0.2 + 0.05 * step, 2) for step in range(13))
_NEWTON_STEPS = 30
_CERTAIN = 30.0  # a logit beyond which nothing changes
_STRANGER = LABELS.index(Intent.OUT_OF_SCOPE)
_COURTESIES = frozenset({Intent.GREETING, Intent.GOODBYE})  # beside a wish they are neither right nor wrong


def choose_settings(logits: Floats, targets: Floats) -> Settings:
    """Calibration and thresholds that serve held-out sentences best."""
    scale, shift = platt(logits, targets)
    found = probabilities(logits, Settings(scale, shift))
    settings = Settings(scale, shift, threshold=best_threshold(found, targets))
    second = max(SECONDS, key=lambda limit: whole_right(found, targets, replace(settings, second=limit)))
    return replace(settings, second=second)


def suspicion(harmless: Floats) -> float:
    """The logit that few of the sentences that tell of no danger exceed. ``harmless``: their logits."""
    return float(np.quantile(harmless, 1 - MOST_ASKED))


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
