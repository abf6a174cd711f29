"""Why a fictional patient is due for a check-in: a condition, a stay, an operation, a care plan. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from backends.refusals import Json

SNOMED = "http://snomed.info/sct"
V3 = "http://terminology.hl7.org/CodeSystem"
STAY_DAYS = 3
CONDITIONS = {
    "84114007": "Heart failure",
    "13645005": "Chronic obstructive pulmonary disease",
    "44054006": "Diabetes mellitus type 2",
    "38341003": "Hypertension",
}


def checkin_reasons(patient: dict[str, Any], today: date) -> Iterator[Json]:
    """Resources of the keys ``conditions``, ``home_days_ago``, ``surgery_days_ago`` and ``plans``."""
    for code in patient.get("conditions", []):
        yield _condition(patient, code)
    if "home_days_ago" in patient:
        yield _stay(patient, today)
    if "surgery_days_ago" in patient:
        yield _surgery(patient, today)
    for name in patient.get("plans", []):
        yield _plan(patient, name)


def _condition(patient: dict[str, Any], code: str) -> Json:
    status = {"system": f"{V3}/condition-clinical", "code": "active"}
    return {
        "resourceType": "Condition",
        "id": f"{patient['id']}-condition-{code}",
        "clinicalStatus": {"coding": [status]},
        "code": {"coding": [{"system": SNOMED, "code": code, "display": CONDITIONS[code]}]},
        "subject": _subject(patient),
    }


def _stay(patient: dict[str, Any], today: date) -> Json:
    left = today - timedelta(days=patient["home_days_ago"])
    came = left - timedelta(days=STAY_DAYS)
    return {
        "resourceType": "Encounter",
        "id": f"{patient['id']}-stay",
        "status": "finished",
        "class": {"system": f"{V3}/v3-ActCode", "code": "IMP", "display": "inpatient encounter"},
        "type": [{"text": "Hospital stay"}],
        "subject": _subject(patient),
        "period": {"start": came.isoformat(), "end": left.isoformat()},
    }


def _surgery(patient: dict[str, Any], today: date) -> Json:
    category = {"system": SNOMED, "code": "387713003", "display": "Surgical procedure"}
    return {
        "resourceType": "Procedure",
        "id": f"{patient['id']}-surgery",
        "status": "completed",
        "category": {"coding": [category]},
        "code": {"text": "Operation"},
        "subject": _subject(patient),
        "performedDateTime": (today - timedelta(days=patient["surgery_days_ago"])).isoformat(),
    }


def _plan(patient: dict[str, Any], name: str) -> Json:
    return {
        "resourceType": "CarePlan",
        "id": f"{patient['id']}-plan-{name}",
        "status": "active",
        "intent": "plan",
        "subject": _subject(patient),
        "instantiatesCanonical": [f"urn:firstring:questionnaire:{name}"],
    }


def _subject(patient: dict[str, Any]) -> Json:
    return {"reference": f"Patient/{patient['id']}"}
