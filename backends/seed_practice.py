"""The practice itself as FHIR resources: organisation, place, providers, pharmacies, schedules and slots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from backends.fhir_time import fhir_instant
from backends.practice import Clinician, DrugStore, Practice
from backends.refusals import Json
from backends.schedule_rules import slot_times

PRACTICE_ID = "practice"
OFFICE_ID = "main-office"


def practice_resources(practice: Practice) -> Iterator[Json]:
    """Everything but slots; ids are those of ``practice.toml``."""
    yield _organization(PRACTICE_ID, practice.name, practice.phone, "prov")
    yield {
        "resourceType": "Location",
        "id": OFFICE_ID,
        "status": "active",
        "name": practice.name,
        "address": {"text": practice.address or practice.name},
        "managingOrganization": {"reference": f"Organization/{PRACTICE_ID}"},
    }
    for store in practice.drug_stores:
        yield _pharmacy(store)
    for clinician in practice.clinicians:
        yield _practitioner(clinician)
        yield _schedule(clinician)


def slots(practice: Practice, first: date, days: int) -> Iterator[Json]:
    """Free slots of every provider; the same day always gives the same ids."""
    for number in range(days):
        day = first + timedelta(days=number)
        for clinician in practice.clinicians:
            for start, end in slot_times(practice, day, clinician.weekdays):
                yield slot_of(clinician.provider.provider_id, start, end)


def _organization(resource_id: str, name: str, phone: str, kind: str) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/organization-type"
    document: Json = {
        "resourceType": "Organization",
        "id": resource_id,
        "active": True,
        "type": [{"coding": [{"system": system, "code": kind}]}],
        "name": name,
    }
    return {**document, "telecom": [{"system": "phone", "value": phone}]} if phone else document


def _pharmacy(store: DrugStore) -> Json:
    document = _organization(store.pharmacy_id, store.name, store.phone, "other")
    return {**document, "address": [{"text": store.street}]} if store.street else document


def _practitioner(clinician: Clinician) -> Json:
    name: Json = {"family": clinician.family, "text": clinician.provider.name}
    if clinician.given:
        name["given"] = [clinician.given]
    return {
        "resourceType": "Practitioner",
        "id": clinician.provider.provider_id,
        "active": True,
        "name": [name],
    }


def schedule_id(provider_id: str) -> str:
    return f"schedule-{provider_id}"


def _schedule(clinician: Clinician) -> Json:
    provider_id = clinician.provider.provider_id
    return {
        "resourceType": "Schedule",
        "id": schedule_id(provider_id),
        "active": True,
        "actor": [{"reference": f"Practitioner/{provider_id}"}, {"reference": f"Location/{OFFICE_ID}"}],
    }


def slot_of(provider_id: str, start: datetime, end: datetime) -> Json:
    """A free Slot; its id says whose it is and when."""
    return {
        "resourceType": "Slot",
        "id": f"{provider_id}-{start.astimezone(UTC):%Y%m%dT%H%M}",
        "schedule": {"reference": f"Schedule/{schedule_id(provider_id)}"},
        "status": "free",
        "start": fhir_instant(start),
        "end": fhir_instant(end),
    }
