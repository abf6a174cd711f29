"""Who may speak for the demo's patients, as RelatedPerson and Consent. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from backends.refusals import Json

CONSENTED_DAYS = 400  # before the day of seeding


def speaker_resources(
    patient: dict[str, Any], speaker: dict[str, Any], number: int, today: date, system_url: str
) -> Iterator[Json]:
    """The person, and what the patient lets them do."""
    person_id = f"{patient['id']}-speaker-{number}"
    yield _person(patient, speaker, person_id)
    if scopes := speaker.get("consents"):
        yield _consent(patient, speaker, person_id, scopes, today, system_url)


def _person(patient: dict[str, Any], speaker: dict[str, Any], person_id: str) -> Json:
    role = {"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": speaker["code"]}
    document: Json = {
        "resourceType": "RelatedPerson",
        "id": person_id,
        "active": True,
        "patient": {"reference": f"Patient/{patient['id']}"},
        "relationship": [{"coding": [role], "text": speaker["relation"]}],
        "name": [{"use": "official", "family": speaker["family"], "given": [speaker["given"]]}],
    }
    if "phone" in speaker:
        document["telecom"] = [{"system": "phone", "value": speaker["phone"], "use": "mobile"}]
    return document


def _consent(
    patient: dict[str, Any],
    speaker: dict[str, Any],
    person_id: str,
    scopes: list[str],
    today: date,
    system_url: str,
) -> Json:
    start = (today - timedelta(days=CONSENTED_DAYS)).isoformat()
    period: Json = {"start": start}
    if "ended_days_ago" in speaker:
        period["end"] = (today - timedelta(days=speaker["ended_days_ago"])).isoformat()
    scope_system = f"{system_url}/cs/proxy-scope"
    return {
        "resourceType": "Consent",
        "id": f"{person_id}-consent",
        "status": "active",
        "scope": _concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        "category": [_concept("http://terminology.hl7.org/CodeSystem/v3-ActCode", "INFA")],
        "patient": {"reference": f"Patient/{patient['id']}"},
        "dateTime": start,
        "policyRule": {"text": "Authorization form signed at the practice"},
        "provision": {
            "type": "permit",
            "period": period,
            "actor": [
                {
                    "role": _concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "DELEGATEE"),
                    "reference": {"reference": f"RelatedPerson/{person_id}"},
                }
            ],
            "code": [_concept(scope_system, scope) for scope in scopes],
        },
    }


def _concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}
