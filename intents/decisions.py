"""From logits to what a sentence asks for: calibrated, refusing what is weak, strangers by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from intents.alarms import SIGNS
from models.domain import ExpectationKind, Intent

LABELS = tuple(Intent)
KINDS = tuple(ExpectationKind)
SURE_STRANGER = 0.4  # least probability that something is none of our business
UNNAMED = "RF26"  # asks whether it is an emergency, whichever
ANY_SIGN = len(SIGNS)  # the place behind the signs' own: that there is any

Floats = npt.NDArray[np.float32]
Members = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scored:
    """Labels above the threshold, most likely first, with their probabilities; none: refused.

    ``suspected``: the danger sign that may have been told, "" for none.
    """

    intents: tuple[tuple[Intent, float], ...]
    suspected: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen on sentences that were held out. ``scale`` and ``shift`` calibrate all labels' logits alike."""

    scale: float = 1.0
    shift: float = 0.0
    threshold: float = 0.5  # least probability of an intent
    second: float = 0.5  # of one beside the first
    suspicion: float = 0.0  # a logit: above it, a danger sign is suspected


def probabilities(logits: Floats, settings: Settings) -> Floats:
    """Calibrated."""
    return np.asarray(1.0 / (1.0 + np.exp(-(logits * settings.scale + settings.shift))), dtype=np.float32)


def decided(row: Floats, settings: Settings) -> tuple[tuple[Intent, float], ...]:
    """The labels that one sentence's probabilities amount to, most likely first.

    What is none of our business stands alone: beside a wish of ours it is that wish's colour. Whoever may be
    speaking of something else is asked again; only who surely does is told that we cannot help.
    """
    first, *others = [int(at) for at in np.argsort(-row, kind="stable")]
    stranger = LABELS[first] is Intent.OUT_OF_SCOPE
    if row[first] < max(settings.threshold, SURE_STRANGER if stranger else 0.0):
        return ()
    least = max(settings.second, settings.threshold)
    beside = [at for at in others if row[at] >= least and LABELS[at] is not Intent.OUT_OF_SCOPE]
    chosen = [first] if stranger else [first, *beside]
    return tuple((LABELS[at], float(row[at])) for at in chosen)


def suspected(signs: Floats, settings: Settings) -> str:
    """The danger sign to ask about where any is likely enough, "" otherwise.

    It is the likeliest one; where that is less likely than not, ``UNNAMED``: a truthful "no" to the wrong
    question would end the matter.
    """
    if signs[ANY_SIGN] <= settings.suspicion:
        return ""
    likeliest = int(signs[:ANY_SIGN].argmax())
    return SIGNS[likeliest] if signs[likeliest] > 0 else UNNAMED


def membership(intents: Sequence[Sequence[Intent]]) -> Members:
    """Which labels each sentence has: [sentences, labels]."""
    member = np.zeros((len(intents), len(LABELS)), dtype=np.bool_)
    for at, wanted in enumerate(intents):
        for intent in wanted:
            member[at, LABELS.index(intent)] = True
    return member


def signs_told(signs: Sequence[Sequence[str]]) -> Members:
    """Which danger signs each sentence tells of, and last whether any: [sentences, signs + 1]."""
    told = np.zeros((len(signs), ANY_SIGN + 1), dtype=np.bool_)
    for at, names in enumerate(signs):
        for name in names:
            told[at, SIGNS.index(name)] = True
        told[at, ANY_SIGN] = bool(names)
    return told
