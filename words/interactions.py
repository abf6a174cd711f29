"""A screen over a list of medicines, not a check: pairs of a short table, and one ingredient taken twice.

``interactions.csv`` holds the pairs, by ingredient or by the class in the formulary, each with the source
that was read for it and what of the row that source does not say. The severities are ours, and a practice's
medical director reviews the table before it is relied on. What the screen does not name may still interact.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path

from words.formulary import all_drugs, by_name

VERSION = "2026-11"  # of the table
DUPLICATE = "duplicate"
_TABLE = Path(__file__).with_name("interactions.csv")


@dataclass(frozen=True, slots=True)
class Pair:
    """``one`` and ``other``: ingredients ("lithium") and classes ("class:NSAID")."""

    name: str
    one: frozenset[str]
    other: frozenset[str]
    severity: str
    source: str  # what was read, with its address
    verified: str  # "read"; "in part"; "not verified": no source was read for it
    not_read: str  # what of the row the source does not say


@dataclass(frozen=True, slots=True)
class Hit:
    """Two medicines of a list, by their places in it. ``pair`` is `DUPLICATE` for one ingredient twice."""

    pair: str
    first: int
    second: int
    severity: str


@lru_cache(maxsize=1)
def pairs() -> tuple[Pair, ...]:
    rows = csv.DictReader(_TABLE.read_text(encoding="utf-8").splitlines())
    return tuple(
        Pair(
            row["pair"],
            _terms(row["one"]),
            _terms(row["other"]),
            row["severity"],
            row["source"],
            row["verified"],
            row["not_read"],
        )
        for row in rows
    )


def screen(medicines: Sequence[str]) -> tuple[Hit, ...]:
    """Every pair of the table among medicines by generic names ("lisinopril hydrochlorothiazide"). Pure."""
    found = [_of(medicine) for medicine in medicines]
    return tuple(
        hit
        for first, second in combinations(range(len(found)), 2)
        for hit in _between(first, second, found[first], found[second])
    )


def ingredients(medicine: str) -> frozenset[str]:
    """The formulary's generics in a medicine's name; the name itself where the formulary lacks it."""
    words = f" {medicine.lower()} "
    parts = frozenset(drug.generic for drug in all_drugs() if f" {drug.generic} " in words)
    single = frozenset(part for part in parts if not any(f" {o} " in f" {part} " for o in parts - {part}))
    return single or frozenset({medicine.lower()})


@lru_cache(maxsize=512)
def _of(medicine: str) -> tuple[frozenset[str], frozenset[str]]:
    """Its ingredients, and what pairs may know it by."""
    parts = ingredients(medicine)
    drugs = [drug for name in (medicine.lower(), *parts) if (drug := by_name(name))]
    classes = {f"class:{drug.drug_class}" for drug in drugs}
    return parts, parts | {medicine.lower()} | classes


_Terms = tuple[frozenset[str], frozenset[str]]


def _between(first: int, second: int, a: _Terms, b: _Terms) -> Iterator[Hit]:
    if a[0] & b[0]:
        yield Hit(DUPLICATE, first, second, "moderate")
    for pair in pairs():
        forward = pair.one & a[1] and pair.other & b[1]
        backward = pair.one & b[1] and pair.other & a[1]
        if (forward or backward) and not a[0] & b[0]:
            yield Hit(pair.name, first, second, pair.severity)


def _terms(cell: str) -> frozenset[str]:
    return frozenset(part.strip() for part in cell.split(";") if part.strip())
