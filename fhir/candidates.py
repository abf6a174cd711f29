"""Charts on another server that may be this person's, for a person to choose from; never chosen by us.

Shown of each is what tells people apart and no more: the name, the date of birth, the end of the number, and
what agrees with our own record. https://hl7.org/fhir/R4/patient.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhir.capability import Capabilities
from fhir.client import FhirClient
from fhir.matching import Person, family_names, in_use, numbers, person_of, plain

MOST_SHOWN = 5
SAME, OTHER, UNKNOWN = "same", "other", "not on record"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chart there. ``agreement``: what is compared -> "same", "other" or "not on record".

    ``closed`` says why a chart should not be chosen ("inactive", "merged into another"), "" for one in use.
    """

    reference: str
    name: str
    birth_date: str
    phone_end: str
    agreement: Mapping[str, str]
    closed: str = ""

    @property
    def contradicts(self) -> bool:
        """Another whole date of birth: hardly the same person."""
        return self.agreement.get("date of birth") == OTHER

    @property
    def points(self) -> int:
        return sum(1 for found in self.agreement.values() if found == SAME)


async def candidates(client: FhirClient, able: Capabilities, person: Person) -> tuple[Candidate, ...]:
    """The most alike first, five at most: by date of birth with name, then by number. Raises `FhirError`."""
    found: dict[str, Mapping[str, Any]] = {}
    for query in _queries(able, person):
        for one in await client.search("Patient", {**query, "_count": "20"}):
            found.setdefault(str(one.get("id", "")), one)
    shown = [compared(one, person) for identity, one in found.items() if identity]
    alike = [one for one in shown if one.points >= 2]  # one thing alone is shared by strangers
    return tuple(sorted(alike, key=lambda one: (bool(one.closed), -one.points, one.reference))[:MOST_SHOWN])


async def candidate(client: FhirClient, reference: str, person: Person) -> Candidate:
    """One chart that somebody names. Raises `FhirError`; `Gone` where there is none."""
    stored = await client.read(reference)
    return compared(stored.resource or {}, person)


def compared(found: Mapping[str, Any], wanted: Person) -> Candidate:
    """What agrees between a chart there and our own record."""
    there = person_of(found)
    ours = {
        "family name": (family_names(there), family_names(wanted)),
        "first name": ({plain(one) for one in there.given}, {plain(one) for one in wanted.given}),
        "date of birth": ({there.birth_date} - {""}, {wanted.birth_date} - {""}),
        "telephone number": (numbers(there), numbers(wanted)),
    }
    return Candidate(
        reference=f"Patient/{found.get('id', '')}",
        name=" ".join([*there.given[:1], *there.families[:1]]) or "without a name",
        birth_date=there.birth_date,
        phone_end=next((one[-4:] for one in sorted(numbers(there))), ""),
        agreement={name: _said(*sides) for name, sides in ours.items()},
        closed=_closed(found),
    )


def _queries(able: Capabilities, person: Person) -> Iterator[dict[str, str]]:
    """What the server lets us search by; a name alone is never searched for."""
    if person.birth_date and able.finds_by("birthdate", "Patient"):
        yield from ({"birthdate": person.birth_date, "family": family} for family in person.families)
        yield from ({"birthdate": person.birth_date, "given": given} for given in person.given[:1])
    if able.finds_by("phone", "Patient"):
        yield from ({"phone": phone} for phone in person.phones)


def _said(there: set[str], ours: set[str]) -> str:
    if not there or not ours:
        return UNKNOWN
    return SAME if there & ours else OTHER


def _closed(found: Mapping[str, Any]) -> str:
    if found.get("active") is False:
        return "inactive"
    return "" if in_use(found) else "merged into another"
