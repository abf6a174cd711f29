"""Outpatient drugs by generic, brand and lay name, with the look-alikes that force a read-back.

``formulary.csv`` lists common outpatient drugs; a site's own table, made by `firstring formulary build`, may
be laid over it (``use``). What the columns rest on:

- ``rxcui``, ``schedule``: stand only where the column beside names what was read (21 CFR 1308.12 to 1308.15
  or a copy of the schedules' lists, the Federal Register, a labelled product, CPIC's drug table); otherwise
  empty.
- ``controlled``: yes, no or unknown. No: the drug is of none of the groups those sections regulate.
  Unknown counts as controlled everywhere (gabapentin, and butalbital with acetaminophen: scheduled by
  several states; pseudoephedrine: a listed chemical; meperidine and primidone: no source was read).
- ``confusable_with``: pairs of the kind ISMP and FDA publish as looking or sounding alike, and others that a
  telephone makes alike (https://www.ismp.org/recommendations/confused-drug-names-list,
  https://www.ismp.org/recommendations/tall-man-letters-list); an alarm only.
- ``high_risk``: classes and drugs of ISMP's list for community and ambulatory settings
  (https://www.ismp.org/recommendations/high-alert-medications-community-ambulatory-list), and by the
  practice's own list those with a narrow margin: lithium, digoxin, antiarrhythmics, theophylline, clozapine.
- class ``withdrawn ...``: no longer sold in the United States. Astemizole: Federal Register 64, 45973
  (23 August 1999); terfenadine: FDA Talk Paper T98-10 (27 February 1998); ranitidine: FDA's request of
  1 April 2020.
- brands: their labels on https://dailymed.nlm.nih.gov. Brands that are people's first names stand in
  refill_policy.toml, where orders are read, and not here, where speech is.
- ``common``: about what a practice is asked for every week, our judgement; ``fills`` goes before it.
- ``spoken``, ``said_as``: lay names, and the sound of names as callers and recognisers spell it, ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from words import drug_table
from words.drug_table import Drug
from words.near_forms import NearForms
from words.phonetic import keys, most_similarity, plain, similarity

SHIPPED = Path(__file__).with_name("formulary.csv")
COMMON_DRUGS = 220  # what a recogniser with a closed list hears without growing slow
SAID_AS_LIKENESS = 0.9  # at most, for a drug known by its sound only
_site: list[tuple[Path, int]] = []  # with the time of its last change


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a heard word is like one name of a drug, 0..1."""

    drug: Drug
    name: str
    score: float


def use(site: Path | None) -> None:
    """From now on with a site's table laid over the shipped one; None: the shipped one alone.

    Raises FormularyError naming the line at which the site's table is wrong; then nothing is changed.
    """
    wanted = [] if site is None else [(site, site.stat().st_mtime_ns)]
    if wanted == _site:
        return
    if site is not None:
        drug_table.read(site)
    _site[:] = wanted
    for cached in (
        all_drugs,
        _common,
        _by_name,
        _by_form,
        _forms,
        _letters_of_forms,
        _sounds_of_forms,
        _confusable_table,
    ):
        cached.cache_clear()
    _sounding_alike.cache_clear()


@lru_cache(maxsize=1)
def all_drugs() -> tuple[Drug, ...]:
    """The whole table, by generic name; a site's own drugs after it."""
    shipped = drug_table.read(SHIPPED)
    return drug_table.laid_over(shipped, drug_table.read(_site[0][0])) if _site else shipped


def drug_names() -> tuple[str, ...]:
    """Every generic and brand, lower case: what a recogniser's dictionary needs."""
    return tuple(_by_name())


def common_names() -> tuple[str, ...]:
    """Names of the drugs said most often: by a site's counts of fills, where it has any, else as marked."""
    return tuple(dict.fromkeys(_tidy(name) for drug in _common().values() for name in drug.names))


def is_common(generic: str) -> bool:
    """Whether a drug is one of those said most often; False for a generic that the table lacks."""
    return generic in _common()


def is_in_combinations(generic: str) -> bool:
    """Whether the drug is also sold together with another under one name of the table."""
    words = set(generic.split())
    return any(words < set(drug.generic.split()) for drug in all_drugs())


@lru_cache(maxsize=1)
def _common() -> dict[str, Drug]:
    filled = sorted((drug for drug in all_drugs() if drug.fills), key=lambda drug: -drug.fills)
    chosen = filled[:COMMON_DRUGS] or [drug for drug in all_drugs() if drug.common]
    return {drug.generic: drug for drug in chosen}


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
    for form in _sounding_alike(heard):
        if most_similarity(heard, form) < floor:
            continue
        drug, score = _by_form()[form], similarity(heard, form)
        if form not in _by_name():
            score = min(score, SAID_AS_LIKENESS)
        if score >= floor and (drug.generic not in best or score > best[drug.generic].score):
            best[drug.generic] = Likeness(drug, form, score)
    return tuple(sorted(best.values(), key=lambda found: -found.score)[:limit])


@lru_cache(maxsize=4_096)
def _sounding_alike(heard: str) -> list[str]:
    """Forms worth a closer look, near by letters or by sound: a fast first pass over the table."""
    letters = plain(heard)
    sounds = keys(letters)
    if not letters or not sounds:
        return []
    by_letters = _letters_of_forms().nearest(letters, floor=0.5, limit=12)
    by_sound = _sounds_of_forms().nearest(sounds[0], floor=0.6, limit=12)
    forms = _forms()
    return [forms[at] for at in dict.fromkeys((*by_letters, *by_sound))]


@lru_cache(maxsize=1)
def _forms() -> tuple[str, ...]:
    return tuple(_by_form())


@lru_cache(maxsize=1)
def _letters_of_forms() -> NearForms:
    return NearForms([plain(form) for form in _forms()])


@lru_cache(maxsize=1)
def _sounds_of_forms() -> NearForms:
    return NearForms([next(iter(keys(form)), "") for form in _forms()])


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
def _by_form() -> dict[str, Drug]:
    """Names, and the sounds they are known by: to hear with, never to read an order with."""
    table = dict(_by_name())
    for drug in all_drugs():
        for form in drug.said_as:
            table.setdefault(form, drug)
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


def _tidy(name: str) -> str:
    return " ".join(name.lower().replace("-", " ").split())
