"""What people call a medicine by when they do not name it: "my blood pressure pill", "the one for my heart".

``medicine_uses.csv`` holds lay words and the formulary's classes that they may mean: our own words, wide on
purpose, so that two medicines fit rather than the wrong one alone. They help to find a medicine among a
patient's own and say nothing about what it treats. What a pill looks like is never used: shapes and colours
change with the maker.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from words.formulary import all_drugs, by_name

_TABLE = Path(__file__).with_name("medicine_uses.csv")
_THING = (
    r"(?:pills?|medicines?|medications?|meds?|tablets?|tabs?|capsules?|drugs?|prescriptions?|drops|patch(?:es)?|"
    r"shots?|injections?|cream|spray|inhaler|ones?)"
)
_BETWEEN = r"(?:my|the|his|her|your|high|bad|a|our)"


@dataclass(frozen=True, slots=True)
class Use:
    """``back`` is how it is said back: the caller's own kind of words, and nothing of the chart."""

    name: str
    back: str
    classes: frozenset[str]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Described:
    """A use named in a text, at characters [start, end)."""

    use: Use
    start: int
    end: int


@lru_cache(maxsize=64)  # one sentence is looked at for many reasons
def described(text: str) -> tuple[Described, ...]:
    """Every medicine that a text tells of by its use, in order; of two at one place the longer."""
    found = sorted(_hits(text), key=lambda hit: (hit.start - hit.end, hit.start))
    kept: list[Described] = []
    for hit in found:
        if not any(hit.start < other.end and other.start < hit.end for other in kept):
            kept.append(hit)
    return tuple(sorted(kept, key=lambda hit: hit.start))


def use_called(name: str) -> Use | None:
    """The use of that name in the table."""
    return next((use for use in _uses() if use.name == name), None)


def serves(medicine: str, use: Use) -> bool:
    """Whether a medicine ("amlodipine benazepril") is of a class that people may call so."""
    return not use.classes.isdisjoint(_classes(medicine))


def _hits(text: str) -> Iterator[Described]:
    for use in _uses():
        for match in use.pattern.finditer(text.lower()):
            yield Described(use, match.start(), match.end())


@lru_cache(maxsize=512)
def _classes(medicine: str) -> frozenset[str]:
    """Of the medicine, or of its parts where only those are in the formulary."""
    whole = by_name(medicine)
    if whole:
        return frozenset({whole.drug_class})
    words = f" {medicine.lower()} "
    return frozenset(drug.drug_class for drug in all_drugs() if f" {drug.generic} " in words)


@lru_cache(maxsize=1)
def _uses() -> tuple[Use, ...]:
    rows = csv.DictReader(_TABLE.read_text(encoding="utf-8").splitlines())
    return tuple(
        Use(row["use"], row["back"], frozenset(row["classes"].split(";")), _pattern(row)) for row in rows
    )


def _pattern(row: dict[str, str]) -> re.Pattern[str]:
    """ "Blood pressure pill", "pill for my blood pressure", or a word that says it alone: "inhaler"."""
    uses, alone = (_any(row[column]) for column in ("for", "alone"))
    forms = [
        *((rf"\b{uses} {_THING}\b", rf"\b{_THING} (?:i take )?for {_BETWEEN}?\s*{uses}\b") if uses else ()),
        *((rf"\b{alone}\b",) if alone else ()),
    ]
    return re.compile("|".join(forms))


def _any(cell: str) -> str:
    words = sorted((part.lower() for part in cell.split(";") if part), key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, words))})" if words else ""
