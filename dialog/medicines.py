"""Which of the patient's own orders the caller means. Never a guess, and never more than the caller said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from models.domain import Medicine

SURE_DRUG = 0.7  # below this the name is read back before anything is done with it
MISHEARD = 0.5  # likeness in letters from which words pass for a mishearing of a name
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def named(medicines: Iterable[Medicine], names: Iterable[str]) -> tuple[Medicine, ...]:
    """The orders that bear the first of the names heard that is on the list at all."""
    orders = tuple(medicines)
    for name in names:
        found = tuple(medicine for medicine in orders if bears(medicine, name))
        if found:
            return found
    return ()


def bears(medicine: Medicine, name: str) -> bool:
    wanted = name.strip().lower()
    return wanted in (medicine.name.lower(), *(spoken.lower() for spoken in medicine.spoken))


def as_said(medicine: Medicine, words: str, names: Iterable[str]) -> str:
    """The name to say back: the caller's own words, or the name that they were a mishearing of.

    A lay name ("water pill") stays a lay name: the chart's would tell more than the caller said.
    """
    words = words.lower()
    likely = next((name.lower() for name in names if bears(medicine, name)), words)
    return likely if not bears(medicine, words) and _alike(words, likely) else words


def _alike(words: str, name: str) -> bool:
    return SequenceMatcher(None, words.replace(" ", ""), name).ratio() >= MISHEARD


def of_strength(medicines: Iterable[Medicine], said: str) -> tuple[Medicine, ...]:
    """Those whose label holds the number that the caller says they take."""
    wanted = {number.removesuffix(".0") for number in _NUMBER.findall(said)}
    return tuple(m for m in medicines if wanted & set(_NUMBER.findall(m.label)))


_UNITS = {"mg": "milligrams", "mcg": "micrograms", "ml": "milliliters", "unt": "units", "%": "percent"}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(mg|mcg|g|ml|unt|units?|%)", re.IGNORECASE)


def with_strength(medicine: Medicine) -> str:
    """ "lisinopril 10 milligrams": spoken at L2 only. An order that states no strength has only its name."""
    amounts = [
        f"{number} {_UNITS.get(unit.lower(), unit)}" for number, unit in _AMOUNT.findall(medicine.label)
    ]
    return " ".join([medicine.name, " and ".join(amounts)]).strip()
