"""Whose chart on another server is this person's? One certain answer, or none; never a guess.

``Patient/$match`` where the server names it (https://hl7.org/fhir/R4/patient-operation-match.html), and a
search otherwise. Accepted are exactly one record graded "certain", or exactly one with the same family name,
the same whole date of birth and the same telephone number.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fhir.capability import Capabilities
from fhir.client import FhirClient, Resource
from fhir.errors import Permanent
from fhir.shapes import object_of, objects_of

GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"
PHONE_DIGITS = 10  # of a number in North America, without its country code
MOST_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Person:
    """Who is looked for. ``families`` are all family names on record, ``phones`` in any spelling."""

    families: tuple[str, ...]
    given: tuple[str, ...]
    birth_date: str  # ISO, whole
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """``reference`` is "Patient/id" there, "" when nobody is certain; ``reason`` then says why, for staff."""

    reference: str = ""
    reason: str = ""


def person_of(patient: Mapping[str, Any]) -> Person:
    """Of a Patient resource, https://hl7.org/fhir/R4/patient.html."""
    names = objects_of(patient.get("name"))
    phones = [item for item in objects_of(patient.get("telecom")) if item.get("system") == "phone"]
    return Person(
        families=tuple(str(name["family"]) for name in names if name.get("family")),
        given=tuple(str(given) for name in names for given in name.get("given") or []),
        birth_date=str(patient.get("birthDate", "")),
        phones=tuple(str(item["value"]) for item in phones if item.get("value")),
    )


async def match_patient(client: FhirClient, capabilities: Capabilities, person: Person) -> Match:
    """The one chart that is certainly this person's, or why there is none. Raises `FhirError`."""
    if not person.families or len(person.birth_date) != len("2026-11-22"):
        return Match(reason="our own record has no family name or no whole date of birth")
    if capabilities.offers("match", "Patient") and (found := await _graded(client, person)):
        return found
    if not capabilities.can("search-type", "Patient"):
        return Match(reason="the server answers no search for patients")
    return await _searched(client, person)


async def _graded(client: FhirClient, person: Person) -> Match | None:
    """What ``$match`` says, None where a search should have the word."""
    try:
        bundle = await client.operation("match", "Patient", _question(person))
    except Permanent:
        return None  # named, and not to be had: some list what a site has switched off
    entries = objects_of(bundle.get("entry"))
    certain = [object_of(entry.get("resource")) for entry in entries if _grade(entry) == "certain"]
    usable = [one for one in certain if _may_be(one, person)]
    if len(usable) > 1:
        return Match(reason="several charts are graded as certain")
    return Match(f"Patient/{usable[0]['id']}") if usable else None


def _may_be(found: Mapping[str, Any], wanted: Person) -> bool:
    """Certain or not: a record with another date of birth is somebody else's."""
    return bool(found.get("id")) and in_use(found) and found.get("birthDate") in (None, wanted.birth_date)


def _question(person: Person) -> Resource:
    patient: Resource = {
        "resourceType": "Patient",
        "name": [{"family": family, "given": list(person.given)} for family in person.families],
        "birthDate": person.birth_date,
        "telecom": [{"system": "phone", "value": phone} for phone in person.phones],
    }
    parameters = [
        {"name": "resource", "resource": {name: value for name, value in patient.items() if value}},
        {"name": "onlyCertainMatches", "valueBoolean": True},
        {"name": "count", "valueInteger": MOST_CANDIDATES},
    ]
    return {"resourceType": "Parameters", "parameter": parameters}


def _grade(entry: Mapping[str, Any]) -> str:
    extensions = objects_of(object_of(entry.get("search")).get("extension"))
    return next((str(one.get("valueCode", "")) for one in extensions if one.get("url") == GRADE), "")


async def _searched(client: FhirClient, person: Person) -> Match:
    same: dict[str, Mapping[str, Any]] = {}
    for family in person.families:
        found = await client.search("Patient", {"birthdate": person.birth_date, "family": family})
        same.update({str(one.get("id")): one for one in found if _is(one, person) and in_use(one)})
    if len(same) > 1:
        return Match(reason="several charts have this name, date of birth and number")
    if not same:
        return Match(reason="no chart has this name, date of birth and number")
    return Match(f"Patient/{next(iter(same))}")


def _is(found: Mapping[str, Any], wanted: Person) -> bool:
    """Servers search loosely (by beginnings, by sound): believed is only what the record itself says."""
    there = person_of(found)
    return (
        bool(found.get("id"))
        and there.birth_date == wanted.birth_date
        and bool(family_names(there) & family_names(wanted))
        and bool(numbers(there) & numbers(wanted))
    )


def in_use(found: Mapping[str, Any]) -> bool:
    """Not inactive, and not merged into another record (link of type replaced-by)."""
    links = objects_of(found.get("link"))
    return found.get("active") is not False and all(link.get("type") != "replaced-by" for link in links)


def family_names(person: Person) -> set[str]:
    """Without accents, case, hyphens and spaces; a double name is known by its parts too."""
    names = {plain(family) for family in person.families}
    parts = {part for name in names for part in name.replace("-", " ").split()}
    return {name.replace("-", "").replace(" ", "") for name in names} | parts


def plain(text: str) -> str:
    """Without accents and case."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()


def numbers(person: Person) -> set[str]:
    """The last ten digits of each; shorter ones tell nothing."""
    digits = ("".join(letter for letter in phone if letter.isdigit()) for phone in person.phones)
    return {number[-PHONE_DIGITS:] for number in digits if len(number) >= PHONE_DIGITS}
