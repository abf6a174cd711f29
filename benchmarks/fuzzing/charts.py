"""FHIR: what a chart's client sends, what another server answers, and files of charts."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

import orjson

from backends import checking, foreign_cleaning, foreign_file, index, transaction
from backends.operation_parameters import read_book
from fhir import answers, capability, outcome
from models.errors import FirstringError

NAME = [{"family": "Example", "given": ["Ann"]}]
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "name": NAME,
    "birthDate": "1980-02-29",
    "meta": {"versionId": "1"},
    "identifier": [{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-99-9999"}],
    "telecom": [{"system": "phone", "value": "+16175550123"}],
}
APPOINTMENT: dict[str, Any] = {
    "resourceType": "Appointment",
    "status": "booked",
    "start": "2026-11-23T14:00:00Z",
    "end": "2026-11-23T14:20:00Z",
    "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
}
ORDER: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
    "medicationCodeableConcept": {
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "314076"}]
    },
}
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "invalid", "diagnostics": "x"}],
}


def seeds() -> list[bytes]:
    entry = {"fullUrl": "urn:uuid:1", "resource": PATIENT, "request": {"method": "POST", "url": "Patient"}}
    statement = {
        "resourceType": "CapabilityStatement",
        "rest": [{"mode": "server", "resource": [{"type": "Patient"}]}],
    }
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "appt-resource", "resource": APPOINTMENT}],
    }
    documents: tuple[dict[str, Any], ...] = (
        PATIENT,
        APPOINTMENT,
        ORDER,
        OUTCOME,
        statement,
        parameters,
        {"resourceType": "Bundle", "type": "transaction", "entry": [entry]},
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": 1,
            "entry": [{**entry, "search": {"mode": "match"}}],
        },
    )
    return [json.dumps(document).encode() for document in documents]


def once(data: bytes) -> None:
    for read in (_answer, _file, _body):
        with contextlib.suppress(FirstringError):
            read(data)


def _answer(data: bytes) -> None:
    """Another server's: whatever it says is one of our errors or is read."""
    answer = answers.Answer(200, {"location": "https://x/fhir/Patient/1", "etag": 'W/"1"'}, data)
    capability.read_capabilities(answer.document)
    outcome.brief(422, outcome.issues_of(answer.document))
    for read in _READS:
        with contextlib.suppress(FirstringError):
            read(answer)


_READS: tuple[Callable[[answers.Answer], object], ...] = (
    lambda answer: answers.stored("read", answer, "https://x/fhir", "Patient"),
    lambda answer: answers.matches(answers.bundle("search", answer), "Patient"),
)


def _file(data: bytes) -> None:
    bundle = foreign_file.read_bundle(data)
    foreign_cleaning.clean([one.resource for one in bundle.incoming], "US")


def _body(data: bytes) -> None:
    """Of a client of the chart."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return
    with contextlib.suppress(FirstringError):
        list(transaction._entries(document))
    with contextlib.suppress(FirstringError):
        read_book(document)
    index.entries(checking.check_resource(document), lambda name, text: f"{name}:{text}")
