"""Figures of a trained network, and how they are written down."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from intents.augment import Row
from intents.fitting import is_whole
from models.domain import Intent

BINS = 10
NONE = "(none)"


@dataclass(frozen=True, slots=True)
class Prediction:
    """Labels above the threshold, best first; empty: refused."""

    intents: tuple[tuple[Intent, float], ...]

    @property
    def best(self) -> str:
        return self.intents[0][0].value if self.intents else NONE

    @property
    def confidence(self) -> float:
        return self.intents[0][1] if self.intents else 0.0


def measure(predictions: Sequence[Prediction], rows: Sequence[Row]) -> dict[str, object]:
    """Accuracy (the best label is one asked for), macro-F1, refusals, calibration, both wishes found."""
    pairs = list(zip(predictions, rows, strict=True))
    asked = [(p, row) for p, row in pairs if row.intents]
    nothing = [(p, row) for p, row in pairs if not row.intents]
    double = [(p, row) for p, row in pairs if len(row.intents) > 1]
    per_label = _per_label(pairs)
    return {
        "sentences": len(pairs),
        "accuracy": _share(_is_right(p, row) for p, row in pairs),
        "accuracy of wishes": _share(_is_right(p, row) for p, row in asked),
        "whole sentences right": _share(_is_whole(p, row) for p, row in pairs),
        "macro-F1": round(statistics.mean(f1 for _, f1 in per_label.values()), 4),
        "wishes refused": _share(not p.intents for p, _ in asked),
        "bare values and noise refused": _share(not p.intents for p, _ in nothing),
        "both wishes found": _share({i for i, _ in p.intents} >= set(row.intents) for p, row in double),
        "calibration error (ECE)": _calibration(pairs),
        "per label": {name: f"{count} sentences, F1 {f1:.2f}" for name, (count, f1) in per_label.items()},
        "misses": [
            f"{row.text!r}: {_names(row)}, read as {p.best}" for p, row in pairs if not _is_right(p, row)
        ],
    }


def of_dangers(told: Sequence[tuple[str, tuple[str, ...]]], harmless: Sequence[str]) -> dict[str, object]:
    """How often a danger is suspected, where there is one and where there is none.

    ``told``: the sign suspected ("" for none) and those really there, in sentences of the danger tables;
    ``harmless``: the sign suspected in sentences that tell of none.
    """
    danger = [(sign, signs) for sign, signs in told if signs]
    return {
        "sentences with a danger": len(danger),
        "suspected": _share(bool(sign) for sign, _ in danger),
        "suspected, the very sign": _share(sign in signs for sign, signs in danger),
        "near misses": len(told) - len(danger),
        "near misses asked about": _share(bool(sign) for sign, signs in told if not signs),
        "ordinary sentences": len(harmless),
        "ordinary sentences asked about": _share(bool(sign) for sign in harmless),
    }


def render(measured: dict[str, object]) -> str:
    """The report as Markdown."""
    lines = ["# The network: measured", "", "Made by `python -m intents.train`.", ""]
    for name, value in measured.items():
        lines += _section(name, value) if isinstance(value, dict) else [f"- {name}: {value}"]
    return "\n".join(lines) + "\n"


def _section(name: str, figures: dict[str, object]) -> list[str]:
    lines = ["", f"## {name}", ""]
    for figure, value in figures.items():
        if isinstance(value, dict):
            lines += ["", f"### {figure}", "", *(f"- {key}: {text}" for key, text in value.items())]
        elif isinstance(value, list):
            lines += ["", f"### {figure} ({len(value)})", "", *(f"- {text}" for text in value)]
        else:
            lines.append(f"- {figure}: {value}")
    return lines


def _is_right(prediction: Prediction, row: Row) -> bool:
    if not row.intents:
        return not prediction.intents
    return prediction.best in {intent.value for intent in row.intents}


def _is_whole(prediction: Prediction, row: Row) -> bool:
    return is_whole(row.intents, [intent for intent, _ in prediction.intents])


def _per_label(pairs: Sequence[tuple[Prediction, Row]]) -> dict[str, tuple[int, float]]:
    """Sentences and F1 of each label present, by the best label alone."""
    gold, said, both = Counter[str](), Counter[str](), Counter[str]()
    for prediction, row in pairs:
        wanted = prediction.best if _is_right(prediction, row) else _names(row).split(",")[0]
        gold[wanted] += 1
        said[prediction.best] += 1
        both[wanted] += wanted == prediction.best
    return {name: (gold[name], 2 * both[name] / (gold[name] + said[name])) for name in sorted(gold)}


def _calibration(pairs: Sequence[tuple[Prediction, Row]]) -> float:
    """Expected calibration error of the best label's confidence, in ten bins."""
    made = [(p.confidence, _is_right(p, row)) for p, row in pairs if p.intents]
    total = 0.0
    for step in range(BINS):
        inside = [(c, right) for c, right in made if min(int(c * BINS), BINS - 1) == step]
        if inside:
            gap = statistics.mean(c for c, _ in inside) - statistics.mean(right for _, right in inside)
            total += abs(gap) * len(inside) / len(made)
    return round(total, 4)


def _names(row: Row) -> str:
    return ",".join(intent.value for intent in row.intents) or NONE


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return round(sum(values) / len(values), 4) if values else 0.0
