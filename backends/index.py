"""Which values of a resource can be searched for: the search parameters of FHIR R4 as a table of paths.

https://hl7.org/fhir/R4/searchparameter-registry.html. Values that say who somebody is are stored as keyed
fingerprints (``blind``); the others (codes, references, times) as they are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from backends.fhir_time import FhirTimeError, interval
from backends.not_searchable import NOT_SEARCHABLE
from backends.refusals import Json
from backends.telephones import telecom_forms

Blind = Callable[[str, str], str]  # KeyRing.blind
MAX_VALUE = 400  # chart_index.value
MAX_PREFIX = 20  # letters of a name that can be searched by its beginning
HIGH = ":high"  # the row holding the end of a date's interval


class Kind(Enum):
    TOKEN = "token"
    REFERENCE = "reference"
    DATE = "date"
    NAME = "name"  # string, found by its beginning; personal
    IDENTIFIER = "identifier"  # token; personal
    TELECOM = "telecom"  # token; personal
    BIRTHDATE = "birthdate"  # date, equality only; personal


@dataclass(frozen=True, slots=True)
class Parameter:
    """One search parameter: where its values are (dotted paths) and how they compare."""

    kind: Kind
    paths: tuple[str, ...]
    only: str = ""  # references of this type, or telecoms of this system


def _token(*paths: str) -> Parameter:
    return Parameter(Kind.TOKEN, paths)


def _reference(*paths: str, only: str = "") -> Parameter:
    return Parameter(Kind.REFERENCE, paths, only)


def _date(*paths: str) -> Parameter:
    return Parameter(Kind.DATE, paths)


def _name(*paths: str) -> Parameter:
    return Parameter(Kind.NAME, paths)


_EVERY = {"identifier": Parameter(Kind.IDENTIFIER, ("identifier",)), "status": _token("status")}
_SUBJECT = {"subject": _reference("subject"), "patient": _reference("subject", only="Patient")}
_PATIENT = {"patient": _reference("patient")}
_ENCOUNTER = {"encounter": _reference("encounter")}
_CODE = {"code": _token("code"), "category": _token("category")}
_PERSON = {
    "name": _name("name.text", "name.family", "name.given"),
    "family": _name("name.family"),
    "given": _name("name.given"),
    "phone": Parameter(Kind.TELECOM, ("telecom",), "phone"),
    "email": Parameter(Kind.TELECOM, ("telecom",), "email"),
    "birthdate": Parameter(Kind.BIRTHDATE, ("birthDate",)),
    "gender": _token("gender"),
    "active": _token("active"),
    "address-postalcode": _name("address.postalCode"),
}
_MEDICINE = {"code": _token("medicationCodeableConcept"), **_SUBJECT, "category": _token("category")}

SPECIFIC: dict[str, dict[str, Parameter]] = {
    "Patient": {**_PERSON, "general-practitioner": _reference("generalPractitioner")},
    "Practitioner": _PERSON,
    "RelatedPerson": {**_PERSON, **_PATIENT},
    "Organization": {"name": _name("name"), "type": _token("type"), "active": _token("active")},
    "Location": {"name": _name("name"), "organization": _reference("managingOrganization")},
    "PractitionerRole": {
        "practitioner": _reference("practitioner"),
        "organization": _reference("organization"),
        "active": _token("active"),
    },
    "Schedule": {
        "actor": _reference("actor"),
        "active": _token("active"),
        "date": _date("planningHorizon"),
    },
    "Slot": {"schedule": _reference("schedule"), "start": _date("start")},
    "Appointment": {
        "actor": _reference("participant.actor"),
        "patient": _reference("participant.actor", only="Patient"),
        "practitioner": _reference("participant.actor", only="Practitioner"),
        "date": _date("start"),
        "slot": _reference("slot"),
        "service-type": _token("serviceType"),
    },
    "MedicationRequest": {
        **_MEDICINE,
        **_ENCOUNTER,
        "intent": _token("intent"),
        "authoredon": _date("authoredOn"),
        "requester": _reference("requester"),
    },
    "MedicationDispense": {
        **_MEDICINE,
        "prescription": _reference("authorizingPrescription"),
        "whenhandedover": _date("whenHandedOver"),
    },
    "MedicationStatement": {**_MEDICINE, "effective": _date("effectiveDateTime", "effectivePeriod")},
    "MedicationAdministration": {
        **_MEDICINE,
        "effective-time": _date("effectiveDateTime", "effectivePeriod"),
    },
    "Observation": {
        **_SUBJECT,
        **_ENCOUNTER,
        **_CODE,
        "date": _date("effectiveDateTime", "effectivePeriod", "effectiveInstant"),
    },
    "DiagnosticReport": {
        **_SUBJECT,
        **_ENCOUNTER,
        **_CODE,
        "date": _date("effectiveDateTime", "effectivePeriod"),
    },
    "Encounter": {
        **_SUBJECT,
        "date": _date("period"),
        "class": _token("class"),
        "type": _token("type"),
        "participant": _reference("participant.individual"),
    },
    "Condition": {
        **_SUBJECT,
        **_ENCOUNTER,
        **_CODE,
        "clinical-status": _token("clinicalStatus"),
        "onset-date": _date("onsetDateTime", "onsetPeriod"),
        "recorded-date": _date("recordedDate"),
    },
    "Procedure": {
        **_SUBJECT,
        **_ENCOUNTER,
        **_CODE,
        "date": _date("performedDateTime", "performedPeriod"),
    },
    "DocumentReference": {
        **_SUBJECT,
        "encounter": _reference("context.encounter"),
        "type": _token("type"),
        "category": _token("category"),
        "date": _date("date"),
        "author": _reference("author"),
        "relatesto": _reference("relatesTo.target"),
    },
    "Task": {
        "subject": _reference("for"),
        "patient": _reference("for", only="Patient"),
        **_ENCOUNTER,
        "code": _token("code"),
        "focus": _reference("focus"),
        "owner": _reference("owner"),
        "requester": _reference("requester"),
        "intent": _token("intent"),
        "priority": _token("priority"),
        "authored-on": _date("authoredOn"),
    },
    "Communication": {**_SUBJECT, **_ENCOUNTER, "category": _token("category"), "sent": _date("sent")},
    "Provenance": {
        "target": _reference("target"),
        "agent": _reference("agent.who"),
        "recorded": _date("recorded"),
    },
    "AuditEvent": {
        "entity": _reference("entity.what"),
        "agent": _reference("agent.who"),
        "patient": _reference("agent.who", "entity.what", only="Patient"),
        "date": _date("recorded"),
        "type": _token("type"),
        "action": _token("action"),
        "outcome": _token("outcome"),
    },
    "Device": {**_PATIENT, "type": _token("type")},
    "Immunization": {**_PATIENT, "vaccine-code": _token("vaccineCode"), "date": _date("occurrenceDateTime")},
    "AllergyIntolerance": {**_PATIENT, **_CODE, "clinical-status": _token("clinicalStatus")},
    "Consent": {**_PATIENT, "category": _token("category"), "date": _date("dateTime")},
    "Coverage": {"patient": _reference("beneficiary"), "beneficiary": _reference("beneficiary")},
    "DetectedIssue": {**_PATIENT, "code": _token("code")},
    "Claim": _PATIENT,
    "ExplanationOfBenefit": _PATIENT,
    "QuestionnaireResponse": {**_SUBJECT, **_ENCOUNTER, "authored": _date("authored")},
}


@cache
def parameters(resource_type: str) -> dict[str, Parameter]:
    """Every search parameter of a type, besides _id and _lastUpdated."""
    generic = {**_SUBJECT, **_ENCOUNTER, **_CODE}
    every = {**_EVERY, **SPECIFIC.get(resource_type, generic)}
    return {name: at for name, at in every.items() if name not in NOT_SEARCHABLE.get(resource_type, ())}


def entries(resource: Json, blind: Blind) -> set[tuple[str, str]]:
    """The (parameter, value) rows of one resource."""
    found: set[tuple[str, str]] = set()
    for name, parameter in parameters(resource["resourceType"]).items():
        for path in parameter.paths:
            for value in walk(resource, path.split(".")):
                for param, text in _rows(name, parameter, value, blind):
                    found.add((param, text.replace("\0", "")[:MAX_VALUE]))
    return found


def walk(value: Any, path: list[str]) -> Iterator[Any]:
    """Every value at a dotted path, lists opened."""
    if isinstance(value, list):
        for item in value:
            yield from walk(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from walk(value[path[0]], path[1:])


def _rows(name: str, parameter: Parameter, value: Any, blind: Blind) -> Iterator[tuple[str, str]]:
    match parameter.kind:
        case Kind.TOKEN:
            yield from ((name, text) for text in token_values(value))
        case Kind.REFERENCE:
            yield from ((name, text) for text in _reference_values(value, parameter.only))
        case Kind.DATE:
            yield from _date_rows(name, value)
        case Kind.NAME:
            yield from ((name, blind(f"chart.{name}", text)) for text in _beginnings(str(value)))
        case Kind.IDENTIFIER:
            yield from ((name, fingerprint) for fingerprint in identifier_values(value, blind))
        case Kind.TELECOM:
            if value.get("system") == parameter.only and value.get("value"):
                yield from (
                    (name, blind(f"chart.{name}", form)) for form in telecom_forms(str(value["value"]))
                )
        case Kind.BIRTHDATE:
            yield from ((name, blind(f"chart.{name}", str(value)[:end])) for end in (4, 7, 10))


def token_values(value: Any) -> Iterator[str]:
    """``code``, ``system|code`` and ``|code`` forms of a code, Coding, CodeableConcept or boolean."""
    if isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, str):
        yield value
    elif isinstance(value, dict) and "coding" in value:
        for coding in value["coding"]:
            yield from token_values(coding)
    elif isinstance(value, dict) and value.get("code"):
        yield value["code"]
        yield f"{value.get('system', '')}|{value['code']}"


def _reference_values(value: Any, only: str) -> Iterator[str]:
    reference = value.get("reference", "") if isinstance(value, dict) else ""
    if reference and (not only or reference.startswith(f"{only}/")):
        yield reference
        yield reference.rpartition("/")[2]


def _date_rows(name: str, value: Any) -> Iterator[tuple[str, str]]:
    try:
        low, high = interval(value)
    except FhirTimeError:
        return
    yield name, low
    yield name + HIGH, high


def identifier_values(value: Any, blind: Blind) -> Iterator[str]:
    """Fingerprints of ``system|value`` and of the value alone."""
    if isinstance(value, dict) and value.get("value"):
        yield identifier_key(value.get("system", ""), value["value"], blind)
        yield blind("chart.identifier.value", value["value"])


def identifier_key(system: str, value: str, blind: Blind) -> str:
    """The fingerprint that chart_identifier and chart_index know ``system|value`` by."""
    return blind("chart.identifier", f"{system}|{value}")


def fold(text: str) -> str:
    """Case and accents away: FHIR string search ignores both."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).strip()


def _beginnings(text: str) -> Iterator[str]:
    folded = fold(text)
    for word in {folded, *folded.replace("-", " ").split()}:
        for end in range(1, min(len(word), MAX_PREFIX) + 1):
            yield word[:end]
