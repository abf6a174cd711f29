"""The demo's fictional patients as FHIR resources, pure: ``demo_patients.toml`` and a day give the charts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from backends.refusals import Json
from backends.seed_checkins import checkin_reasons
from backends.seed_practice import OFFICE_ID, PRACTICE_ID
from backends.seed_speakers import speaker_resources
from backends.visit_texts import consent_url

DEMO_PATIENTS = Path(__file__).with_name("demo_patients.toml")
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
# code -> (display, unit), https://loinc.org
LABS = {
    "2823-3": ("Potassium [Moles/volume] in Serum or Plasma", "mmol/L"),
    "2160-0": ("Creatinine [Mass/volume] in Serum or Plasma", "mg/dL"),
    "4548-4": ("Hemoglobin A1c/Hemoglobin.total in Blood", "%"),
    "3016-3": ("Thyrotropin [Units/volume] in Serum or Plasma", "m[IU]/L"),
    "6301-6": ("INR in Platelet poor plasma by Coagulation assay", "{INR}"),
    "13457-7": ("Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation", "mg/dL"),
}


def read_patients(path: Path = DEMO_PATIENTS) -> list[dict[str, Any]]:
    """The patients as the file tells them."""
    patients: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["patients"]
    return patients


def chart_of(patient: dict[str, Any], today: date, system_url: str) -> Iterator[Json]:
    """One patient's resources, as of ``today``."""
    yield _patient(patient, system_url)
    yield _visit(patient, today)
    yield from checkin_reasons(patient, today)
    for number, speaker in enumerate(patient.get("speakers", []), 1):
        yield from speaker_resources(patient, speaker, number, today, system_url)
    for lab in patient.get("labs", []):
        yield _lab(patient, lab, today)
    for number, order in enumerate(patient.get("orders", []), 1):
        yield _order(patient, order, number, today)
        for days_ago in order["fills"]:
            yield _fill(patient, order, number, days_ago, today)


def _patient(patient: dict[str, Any], system_url: str) -> Json:
    document: Json = {
        "resourceType": "Patient",
        "id": patient["id"],
        "identifier": [{"system": f"{system_url}/mrn", "value": patient["id"].removeprefix("pt-")}],
        "active": True,
        "name": list(_names(patient)),
        "gender": patient["gender"],
        "birthDate": patient["born"].isoformat(),
        "address": [{"use": "home", "postalCode": patient["zip"], "country": "US"}],
        "generalPractitioner": [{"reference": f"Practitioner/{patient['provider']}"}],
    }
    if "phone" in patient:
        document["telecom"] = [{"system": "phone", "value": patient["phone"], "use": "mobile"}]
    if patient.get("texts"):
        document["extension"] = [{"url": consent_url(system_url), "valueBoolean": True}]
    return document


def _names(patient: dict[str, Any]) -> Iterator[Json]:
    yield {"use": "official", "family": patient["family"], "given": patient["given"]}
    if "maiden" in patient:
        yield {"use": "maiden", "family": patient["maiden"], "given": patient["given"]}
    if "nickname" in patient:
        yield {"use": "nickname", "family": patient["family"], "given": [patient["nickname"]]}


def _visit(patient: dict[str, Any], today: date) -> Json:
    day = _ago(today, patient["visit_days_ago"])
    return {
        "resourceType": "Encounter",
        "id": f"{patient['id']}-visit",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [{"text": "Office visit"}],
        "subject": _subject(patient),
        "participant": [{"individual": {"reference": f"Practitioner/{patient['provider']}"}}],
        "period": {"start": day, "end": day},
        "location": [{"location": {"reference": f"Location/{OFFICE_ID}"}}],
        "serviceProvider": {"reference": f"Organization/{PRACTICE_ID}"},
    }


def _lab(patient: dict[str, Any], lab: dict[str, Any], today: date) -> Json:
    display, unit = LABS[lab["loinc"]]
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    return {
        "resourceType": "Observation",
        "id": f"{patient['id']}-lab-{lab['loinc']}",
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "laboratory"}]}],
        "code": {"coding": [{"system": LOINC, "code": lab["loinc"], "display": display}]},
        "subject": _subject(patient),
        "effectiveDateTime": _ago(today, lab["days"]),
        "valueQuantity": {"value": lab["value"], "unit": unit, "system": UCUM, "code": unit},
    }


def _order(patient: dict[str, Any], order: dict[str, Any], number: int, today: date) -> Json:
    return {
        "resourceType": "MedicationRequest",
        "id": _order_id(patient, number),
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": order["label"]},
        "subject": _subject(patient),
        "authoredOn": _ago(today, order["days"]),
        "requester": {"reference": f"Practitioner/{patient['provider']}"},
        "dispenseRequest": {
            "numberOfRepeatsAllowed": order["repeats"],
            "quantity": {"value": order["supply"]},
            "expectedSupplyDuration": _days(order["supply"]),
            "performer": {"reference": f"Organization/{order['pharmacy']}"},
        },
    }


def _fill(patient: dict[str, Any], order: dict[str, Any], number: int, days_ago: int, today: date) -> Json:
    return {
        "resourceType": "MedicationDispense",
        "id": f"{_order_id(patient, number)}-fill-{days_ago}",
        "status": "completed",
        "medicationCodeableConcept": {"text": order["label"]},
        "subject": _subject(patient),
        "performer": [{"actor": {"reference": f"Organization/{order['pharmacy']}"}}],
        "authorizingPrescription": [{"reference": f"MedicationRequest/{_order_id(patient, number)}"}],
        "quantity": {"value": order["supply"]},
        "daysSupply": _days(order["supply"]),
        "whenHandedOver": _ago(today, days_ago),
    }


def _order_id(patient: dict[str, Any], number: int) -> str:
    return f"{patient['id']}-rx-{number}"


def _subject(patient: dict[str, Any]) -> Json:
    return {"reference": f"Patient/{patient['id']}"}


def _days(count: int) -> Json:
    return {"value": count, "unit": "days", "system": UCUM, "code": "d"}


def _ago(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()
