"""Staff look a patient up: by name, birth date, telephone. Read, nothing written.

All that is searched for rests as keyed fingerprints; only what is shown is opened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from backends.identity import letters, phones_of, spoken_name
from backends.patient_state import why_closed
from backends.refusals import Json
from backends.store import ChartStore
from backends.telephones import bare_number

LEAST_NAME, LEAST_PHONE = 2, 7  # letters; digits


@dataclass(frozen=True, slots=True)
class Found:
    """A chart that fits. ``phone_end``: the last four digits; ``closed``: why it is not in use."""

    patient_id: str
    name: str
    born: str
    phone_end: str
    closed: str


def find_patients(
    store: ChartStore, session: Session, name: str, born: date | None, phone: str, limit: int
) -> tuple[Found, ...]:
    """Who fits in all that is given, charts in use first, then by name; nobody where nothing is given."""
    pairs: list[tuple[str, str]] = [("name", word) for word in name_words(name)]
    if born is not None:
        pairs.append(("birthdate", born.isoformat()))
    if number := phone_wanted(phone):
        pairs.append(("phone", number))
    if not pairs:
        return ()
    patients = store.newest(session, "Patient", "_lastUpdated", limit, *pairs)
    return tuple(sorted((_found(one) for one in patients), key=lambda one: (one.closed, one.name.casefold())))


def name_words(name: str) -> list[str]:
    """The beginnings to look for: the words that have two letters or more."""
    words = [word for word in re.split(r"[\s,]+", name.replace("-", " ").strip()) if letters(word)]
    return [word for word in words if len(word) >= LEAST_NAME][:6]


def phone_wanted(phone: str) -> str:
    """The number as charts are searched by it, "" for what is none."""
    digits = re.sub(r"\D", "", phone)
    return bare_number(phone.strip()) if len(digits) >= LEAST_PHONE else ""


def _found(patient: Json) -> Found:
    phones: Sequence[str] = sorted(phones_of(patient))
    return Found(
        patient_id=patient["id"],
        name=spoken_name(patient),
        born=str(patient.get("birthDate", "")),
        phone_end=phones[0][-4:] if phones else "",
        closed=why_closed(patient),
    )
