"""What the refill rules ask of each class of medicine, read from ``refill_policy.toml``."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from words.drug_table import Drug
from words.formulary import by_name, drug_names

# How RxNorm writes names: parts apart by " / ", then strength, unit, form.
_PARTS = re.compile(r"\s/\s|\+|,|;|\band\b|\bwith\b")
_NDA = re.compile(r"nda\d+")  # an application number before the name
POLICY_FILE = Path(__file__).with_name("refill_policy.toml")


@dataclass(frozen=True, slots=True)
class LabNeed:
    """A laboratory that must not be older than ``months``; any of the LOINC codes will do."""

    name: str
    loinc: tuple[str, ...]
    months: int


@dataclass(frozen=True, slots=True)
class DrugFacts:
    """What the rules must know of one medicine. ``controlled`` and ``high_risk`` None: not known."""

    name: str  # generic names, lower case
    controlled: bool | None = None
    high_risk: bool | None = None
    visit_months: int = 12
    labs: tuple[LabNeed, ...] = ()
    review: str = ""  # why a person always looks, "" when not
    run_out_matters: bool = False  # missing doses is dangerous
    expedite: bool = False  # staff see to it at once
    withdrawn: str = ""  # why nobody can supply it any more, "" when it is sold
    spoken: tuple[str, ...] = field(default=())  # brands and lay names


@dataclass(frozen=True, slots=True)
class Policy:
    """Numbers that hold for every medicine, and the classes' own."""

    visit_months: int
    early_percent: int
    bridge_days: int
    bridge_visit_type: str  # code of the visit to offer while one is overdue
    dedupe_days: int
    order_valid_days: int
    nurse_may_approve: bool  # what passed every rule and is not controlled, unchanged
    salts_and_forms: frozenset[str]  # words of an order that name no medicine
    units: frozenset[str]
    written: Mapping[str, str]  # other writings of a formulary name, lower case
    labs: Mapping[str, tuple[str, ...]]
    classes: Mapping[str, Mapping[str, Any]]


@cache
def load_policy(path: Path = POLICY_FILE) -> Policy:
    """The policy in a file."""
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    labs = {name: tuple(entry["loinc"]) for name, entry in document["labs"].items()}
    words: dict[str, Any] = {key: frozenset(text.split()) for key, text in document["names"].items()}
    return Policy(
        **document["defaults"], **words, written=document["written"], labs=labs, classes=document["class"]
    )


def drug_facts(label: str, policy: Policy | None = None) -> DrugFacts:
    """Facts about the medicine that an order names ("lisinopril 10 MG Oral Tablet").

    A combination is as strict as its strictest part; a name that the formulary lacks is not known.
    """
    policy = policy or load_policy()
    label, written = _as_listed(label, policy)
    drugs = drugs_in(label)
    if not drugs or _names_more(label, drugs, policy):
        return DrugFacts(name=_first_words(label, policy), visit_months=policy.visit_months)
    rules = [policy.classes.get(drug.drug_class, {}) for drug in drugs]
    needs = {name: months for rule in rules for name, months in rule.get("needs", {}).items()}
    return DrugFacts(
        name=" ".join(drug.generic for drug in drugs),
        controlled=_any_known(*(drug.controlled for drug in drugs)),
        high_risk=any(drug.high_risk for drug in drugs) or any(rule.get("high_risk") for rule in rules),
        visit_months=min(rule.get("visit_months", policy.visit_months) for rule in rules),
        labs=tuple(LabNeed(name, policy.labs[name], months) for name, months in sorted(needs.items())),
        review="; ".join(rule["review"] for rule in rules if "review" in rule),
        run_out_matters=any(rule.get("run_out_matters", False) for rule in rules),
        expedite=any(rule.get("expedite", False) for rule in rules),
        withdrawn="; ".join(rule["withdrawn"] for rule in rules if "withdrawn" in rule),
        spoken=(*_spoken(drugs), *written),
    )


def _as_listed(label: str, policy: Policy) -> tuple[str, tuple[str, ...]]:
    """The label with the formulary's names in the place of others, and those others without digits."""
    replaced: list[str] = []
    for writing, name in policy.written.items():
        label, count = re.subn(rf"\b{re.escape(writing)}\b", name, label, flags=re.IGNORECASE)
        if count and not any(letter.isdigit() for letter in writing):
            replaced.append(writing)
    return label, tuple(replaced)


def _spoken(drugs: tuple[Drug, ...]) -> tuple[str, ...]:
    """What people call it: brands and lay names; a combination only by its parts' own names."""
    if len(drugs) > 1:
        return tuple(drug.generic for drug in drugs)
    return (*drugs[0].names[1:], *drugs[0].spoken)


def _names_more(label: str, drugs: tuple[Drug, ...], policy: Policy) -> bool:
    """Whether an order's text names a medicine besides those known: then none of them speaks for it."""
    known = {word for drug in drugs for name in drug.names for word in re.findall(r"[a-z]+", name.lower())}
    for part in _PARTS.split(label.lower()):
        words = re.findall(r"[a-z]+\d*|\d+", re.sub(r"(?<=\d)[.,](?=\d)", "", part))
        words = _from_the_name(words, policy)
        for word in words:
            if word.isdigit():
                break
            if word not in known and word not in policy.salts_and_forms:
                return True
    return False


def _from_the_name(words: list[str], policy: Policy) -> list[str]:
    """Without what RxNorm puts before a name: "24 hr ...", "120 actuat ...", "nda020800 0.3 ml ..."."""
    at = 0
    while at < len(words) and (
        words[at][0].isdigit() or words[at] in policy.units or _NDA.fullmatch(words[at])
    ):
        at += 1
    return words[at:]


def drugs_in(label: str) -> tuple[Drug, ...]:
    """The formulary's drugs that an order's text names, the longest names first taken."""
    left = f" {' '.join(re.findall(r'[a-z0-9]+', label.lower()))} "
    found: list[tuple[int, Drug]] = []
    for name in _longest_first(drug_names()):
        at = left.find(f" {name} ")
        if at >= 0:
            drug = by_name(name)
            if drug is not None and drug not in [other for _, other in found]:
                found.append((at, drug))
            left = left.replace(f" {name} ", f" {'#' * len(name)} ")
    return tuple(drug for _, drug in sorted(found, key=lambda pair: pair[0]))


@cache
def _longest_first(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names, key=len, reverse=True))


def _any_known(*values: bool | None) -> bool | None:
    """True when any is true, else None when any is not known."""
    if any(value is True for value in values):
        return True
    return None if any(value is None for value in values) else False


def _first_words(label: str, policy: Policy) -> str:
    """The name before the first amount, as it can be said: "mysterium" of "NDA1 2 ML Mysterium 5 MG"."""
    words = _from_the_name(label.lower().split(), policy)
    named = itertools.takewhile(lambda word: not word[0].isdigit(), words)
    return (
        " ".join(word for text in named if (word := re.sub(r"[^a-z0-9'-]+", " ", text).strip())) or "medicine"
    )
