"""The canaries: a patient nobody else is, and a search that finds every spelling of them in anything."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus

GIVEN, FAMILY = "Zebulon", "Quackenbush"
NAME = f"{GIVEN} {FAMILY}"
NUMBER, NATIONAL = "+16175550187", "6175550187"
BORN, BORN_SPOKEN = "1933-02-17", "february seventeenth nineteen thirty three"
MEDICINE = "quinapril"
COMPLAINT = "my chest hurts says zebulon quackenbush"
SAYS = f"{NAME} {NUMBER} {BORN} wants {MEDICINE}"

# Whole values and the parts by which a person would still be known.
CANARIES = (
    *(GIVEN, FAMILY, NUMBER, NATIONAL, "5550187", "617-555-0187", "(617) 555-0187"),
    *(BORN, "17.02.1933", "02/17/1933", "Feb 17, 1933", "February 17, 1933", BORN_SPOKEN, MEDICINE),
)


def hits(told: bytes | str, canaries: Iterable[str] = CANARIES) -> list[str]:
    """The canaries that stand in it: plain, escaped, in an address, in hex or in base64."""
    searched = (told.encode() if isinstance(told, str) else told).lower()
    return [canary for canary in canaries if any(form in searched for form in _forms(canary))]


@cache
def _forms(canary: str) -> frozenset[bytes]:
    spellings = {canary, quote(canary), quote_plus(canary), json.dumps(canary)[1:-1]}
    plain = {spelling.lower().encode() for spelling in spellings}
    wide = {spelling.lower().encode("utf-16-le") for spelling in spellings}  # browsers keep strings so
    return frozenset(plain | wide | {canary.encode().hex().encode()} | set(_in_base64(canary)))


def _in_base64(canary: str) -> Iterator[bytes]:
    """The part that does not depend on its neighbours, at each of three places. Too short says nothing."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + canary.encode()).decode()
        inner = re.sub(r"=+$", "", encoded)[shift and shift + 1 : -1]
        if len(inner) >= 8:
            yield inner.lower().encode()


def chart() -> dict[str, Any]:
    """The patient as a chart that is loaded has them."""
    person, drug = (
        "urn:uuid:11111111-aaaa-4aaa-8aaa-111111111111",
        "urn:uuid:22222222-bbbb-4bbb-8bbb-222222222222",
    )
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": "https://canaries.example/mrn", "value": "C-1"}],
        "name": [{"use": "official", "given": [GIVEN], "family": FAMILY}],
        "telecom": [{"system": "phone", "value": NUMBER, "use": "mobile"}],
        "gender": "male",
        "birthDate": BORN,
        "address": [{"postalCode": "02139"}],
    }
    order = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"reference": person},
        "medicationCodeableConcept": {"text": f"{MEDICINE} 20 MG Oral Tablet"},
        "authoredOn": "2026-08-01",
    }
    entries = [
        {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}
        for url, resource in ((person, patient), (drug, order))
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}
