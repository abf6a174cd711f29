"""What a PromQL expression asks for: metrics, the labels it matches or groups by, and their fixed values."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SELECTOR = re.compile(r"\b((?:firstring|process|python)_\w+|up)\b(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_GROUPING = re.compile(r"\b(by|without)\s*\(([^)]*)\)")
_LABEL_VALUES = re.compile(r"label_values\(([^,]+),\s*(\w+)\)")


@dataclass(frozen=True)
class Selector:
    metric: str
    labels: tuple[str, ...]
    values: tuple[tuple[str, str], ...]  # of labels that must equal something


def selectors(expression: str) -> list[Selector]:
    found = []
    for metric, matchers in _SELECTOR.findall(_GROUPING.sub("", expression)):
        asked = _MATCHER.findall(matchers)
        fixed = tuple((label, value) for label, operator, value in asked if operator == "=")
        found.append(Selector(metric, tuple(label for label, _, _ in asked), fixed))
    return found


def grouped_by(expression: str) -> set[str]:
    """Labels that survive: what a legend or an annotation may name."""
    kept = [names for word, names in _GROUPING.findall(expression) if word == "by"]
    return {name.strip() for names in kept for name in names.split(",")}


def label_asked(query: str) -> tuple[str, str] | None:
    """Of a dashboard's variable."""
    match = _LABEL_VALUES.fullmatch(query)
    return (match[1], match[2]) if match else None
