"""Outpatient drugs by generic, brand and lay name, with the look-alikes that force a read-back.

``formulary.csv`` lists common outpatient drugs. What its columns rest on:

- ``confusable_with``: pairs of the kind ISMP and FDA publish as looking or sounding alike, and others that a
  telephone makes alike (https://www.ismp.org/recommendations/confused-drug-names-list); an alarm only.
- ``high_risk``: classes of ISMP's list for community and ambulatory settings
  (https://www.ismp.org/recommendations/high-alert-medications-community-ambulatory-list).
- ``schedule``: stands only where ``schedule_source`` names what was read (21 CFR 1308.12 to 1308.15,
  a labelled product, a copy of the schedules' lists); otherwise empty.
- ``controlled``: yes, no or unknown. No: the drug is of none of the groups those sections regulate.
  Unknown counts as controlled everywhere (gabapentin: not federal, but scheduled by several states).
- class ``withdrawn ...``: no longer sold in the United States. Astemizole: Federal Register 64, 45973
  (23 August 1999); terfenadine: FDA Talk Paper T98-10 (27 February 1998).
- brands of contraceptives: their labels on https://dailymed.nlm.nih.gov.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from words.phonetic import keys, plain, similarity

_TABLE = Path(__file__).with_name("formulary.csv")


@dataclass(frozen=True, slots=True)
class Drug:
    """``spoken`` are lay names ("water pill") and may belong to several drugs."""

    generic: str  # lower case
    brands: tuple[str, ...]
    drug_class: str
    spoken: tuple[str, ...]
    confusable_with: tuple[str, ...]  # generics or brands, lower case
    high_risk: bool
    controlled: bool | None  # None: not known
    schedule: str  # "II".."V", or "" where no source was read

    @property
    def names(self) -> tuple[str, ...]:
        """Names that mean this drug alone, lower case, the generic first."""
        return (self.generic, *(brand.lower() for brand in self.brands))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a heard word is like one name of a drug, 0..1."""

    drug: Drug
    name: str
    score: float


@lru_cache(maxsize=1)
def all_drugs() -> tuple[Drug, ...]:
    """The whole table, by generic name."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(_drug(row) for row in csv.DictReader(file))


def drug_names() -> tuple[str, ...]:
    """Every generic and brand, lower case: what a recogniser's dictionary needs."""
    return tuple(_by_name())


def by_name(name: str) -> Drug | None:
    """The drug with exactly this generic or brand name, any case; None when there is none."""
    return _by_name().get(_tidy(name))


def by_lay_name(name: str) -> tuple[Drug, ...]:
    """All drugs people call so ("water pill"): never one meaning by itself."""
    wanted = _tidy(name)
    return tuple(drug for drug in all_drugs() if wanted in drug.spoken)


def lay_names() -> tuple[str, ...]:
    """Every lay name once."""
    return tuple(dict.fromkeys(name for drug in all_drugs() for name in drug.spoken))


def nearest(heard: str, *, limit: int = 3, floor: float = 0.5) -> tuple[Likeness, ...]:
    """The drugs whose names sound most like ``heard``, at least ``floor``, best first, one entry a drug."""
    best: dict[str, Likeness] = {}
    for name in _sounding_alike(heard):
        drug, score = _by_name()[name], similarity(heard, name)
        if score >= floor and (drug.generic not in best or score > best[drug.generic].score):
            best[drug.generic] = Likeness(drug, name, score)
    return tuple(sorted(best.values(), key=lambda found: -found.score)[:limit])


@lru_cache(maxsize=4_096)
def _sounding_alike(heard: str) -> list[str]:
    """Names worth a closer look, near by letters or by sound: a fast first pass over the table."""
    letters = plain(heard)
    sounds = keys(letters)
    if not letters or not sounds:
        return []
    scorer = Levenshtein.normalized_similarity
    by_letters = process.extract(letters, _letters_of_names(), scorer=scorer, score_cutoff=0.5, limit=12)
    by_sound = process.extract(sounds[0], _sounds_of_names(), scorer=scorer, score_cutoff=0.6, limit=12)
    names = drug_names()
    return list(dict.fromkeys(names[at] for _, _, at in (*by_letters, *by_sound)))


@lru_cache(maxsize=1)
def _letters_of_names() -> list[str]:
    return [plain(name) for name in _by_name()]


@lru_cache(maxsize=1)
def _sounds_of_names() -> list[str]:
    return [next(iter(keys(name)), "") for name in _by_name()]


def is_controlled(name: str) -> bool:
    """Whether staff must treat a drug as controlled: unknown drugs and unknown schedules count as such."""
    drug = by_name(name)
    return drug is None or drug.controlled is not False


def is_high_risk(name: str) -> bool:
    """Whether the drug is marked high-risk; unknown drugs count as such."""
    drug = by_name(name)
    return drug is None or drug.high_risk


def confusables(name: str) -> frozenset[str]:
    """Generics easily taken for this drug, both ways; a brand in the table stands for its generic."""
    drug = by_name(name)
    return _confusable_table().get(drug.generic, frozenset()) if drug else frozenset()


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Drug]:
    table: dict[str, Drug] = {}
    for drug in all_drugs():
        table.setdefault(drug.generic, drug)
    for drug in all_drugs():
        for name in drug.names:
            table.setdefault(_tidy(name), drug)
    return table


@lru_cache(maxsize=1)
def _confusable_table() -> dict[str, frozenset[str]]:
    pairs: dict[str, set[str]] = {}
    for drug in all_drugs():
        for other in drug.confusable_with:
            known = by_name(other)
            generic = known.generic if known else other
            pairs.setdefault(drug.generic, set()).add(generic)
            pairs.setdefault(generic, set()).add(drug.generic)
    return {generic: frozenset(others - {generic}) for generic, others in pairs.items()}


def _drug(row: dict[str, str]) -> Drug:
    return Drug(
        generic=row["generic"],
        brands=_list(row["brands"]),
        drug_class=row["class"],
        spoken=_list(row["spoken"]),
        confusable_with=tuple(name.lower() for name in _list(row["confusable_with"])),
        high_risk=row["high_risk"] == "yes",
        controlled={"yes": True, "no": False}.get(row["controlled"]),
        schedule=row["schedule"],
    )


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _tidy(name: str) -> str:
    return " ".join(name.lower().replace("-", " ").split())
