"""Foreign Bundles written for the tests: invented people, as several kinds of systems would export them."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SSN, LICENCE, PASSPORT = "999-45-1234", "S99912345", "X7654321X"
ID_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"
PATIENT, DOCTOR, CLINIC, VISIT, ORDER = (
    "urn:uuid:5b1d2c1e-0001-4a6b-9b1e-000000000001",
    "urn:uuid:5b1d2c1e-0002-4a6b-9b1e-000000000002",
    "urn:uuid:5b1d2c1e-0003-4a6b-9b1e-000000000003",
    "urn:uuid:5b1d2c1e-0004-4a6b-9b1e-000000000004",
    "urn:uuid:5b1d2c1e-0005-4a6b-9b1e-000000000005",
)


def typed(code: str, system: str, value: str) -> Json:
    return {"type": {"coding": [{"system": ID_TYPES, "code": code}]}, "system": system, "value": value}


def patient(**changes: Any) -> Json:
    document = {
        "resourceType": "Patient",
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{SSN}</div>'},
        "identifier": [
            typed("MR", "https://old-clinic.example/mrn", "778"),
            typed("SS", "http://hl7.org/fhir/sid/us-ssn", SSN),
            typed("DL", "urn:oid:2.16.840.1.113883.4.3.25", LICENCE),
            typed("PPN", "https://passports.example/number", PASSPORT),
        ],
        "name": [
            {"use": "official", "given": ["Ottilie", "Jane"], "family": "Brandt"},
            {"use": "maiden", "given": ["Ottilie"], "family": "Vesper"},
        ],
        "telecom": [{"system": "phone", "value": "(617) 555-0178 ext. 3", "use": "home"}],
        "gender": "female",
        "birthDate": "1961-04-09",
        "address": [{"postalCode": "02110"}],
    }
    return {**document, **changes}


def doctor(**changes: Any) -> Json:
    document = {
        "resourceType": "Practitioner",
        "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "9999999901"}],
        "name": [{"given": ["Ada"], "family": "Quill"}],
    }
    return {**document, **changes}


def clinic(**changes: Any) -> Json:
    document = {
        "resourceType": "Organization",
        "identifier": [{"system": "https://registry.example", "value": "org-5"}],
        "name": "Old Mill Clinic",
    }
    return {**document, **changes}


def visit(subject: str = PATIENT, by: str = DOCTOR, **changes: Any) -> Json:
    document = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": subject},
        "participant": [{"individual": {"reference": by}}],
        "period": {"start": "2026-05-04T09:00:00-04:00", "end": "2026-05-04T09:20:00-04:00"},
        "serviceProvider": {"reference": CLINIC},
    }
    return {**document, **changes}


def order(subject: str = PATIENT, by: str = DOCTOR, **changes: Any) -> Json:
    document = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": RXNORM, "code": "314076", "display": "lisinopril 10 MG Oral Tablet"}]
        },
        "subject": {"reference": subject},
        "encounter": {"reference": VISIT},
        "authoredOn": "2026-05-04",
        "requester": {"reference": by},
    }
    return {**document, **changes}


def entry(full_url: str, resource: Json, *, request: bool = True) -> Json:
    found: Json = {"fullUrl": full_url, "resource": resource}
    return {**found, "request": {"method": "POST", "url": resource["resourceType"]}} if request else found


def bundle(*entries: Json, kind: str = "transaction") -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": copy.deepcopy(list(entries))}


def whole(kind: str = "transaction") -> Json:
    """One person's chart, as Synthea or an EHR would write it."""
    return bundle(
        entry(PATIENT, patient()),
        entry(DOCTOR, doctor()),
        entry(CLINIC, clinic()),
        entry(VISIT, visit()),
        entry(ORDER, order()),
        kind=kind,
    )


def on_server(base: str, *resources: Json, kind: str = "searchset") -> Json:
    """A Bundle as the server at ``base`` answers a search: absolute addresses, relative references."""
    entries = [entry(f"{base}/{r['resourceType']}/{r['id']}", r, request=False) for r in resources]
    return bundle(*entries, kind=kind)
