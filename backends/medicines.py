"""Reading orders (MedicationRequest) of the chart, https://hl7.org/fhir/R4/medicationrequest.html."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from backends.refill_policy import drug_facts
from backends.refusals import Json
from backends.store import ChartStore
from models.domain import Medicine
from words.dosing import Taking, taking

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
_COUNTED = ("", "1", "tablet", "tablets", "capsule", "capsules", "tab", "cap", "puff", "puffs")
_DAYS = {"d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7, "mo": 30, "month": 30, "months": 30}


def label_of(order: Json) -> str:
    """The medicine as ordered: "lisinopril 10 MG Oral Tablet", "" when the order does not name it."""
    concept = order.get("medicationCodeableConcept", {})
    displays = (coding.get("display", "") for coding in concept.get("coding", []))
    named = concept.get("text") or next((text for text in displays if text), "")
    return str(named or order.get("medicationReference", {}).get("display", ""))


def rxnorm_of(order: Json) -> str:
    """The order's RxNorm code, "" when it has none."""
    codings = order.get("medicationCodeableConcept", {}).get("coding", [])
    return next((str(coding["code"]) for coding in codings if coding.get("system") == RXNORM), "")


def medicine(order: Json) -> Medicine:
    """What a call may match a caller's words against."""
    label = label_of(order)
    facts = drug_facts(label)
    return Medicine(order_id=order["id"], name=facts.name, label=label, spoken=facts.spoken)


def supply_days(quantity: Any) -> int | None:
    """A Quantity or Duration in days; a bare number counts as days, another unit is not known."""
    if not isinstance(quantity, dict) or not isinstance(quantity.get("value"), int | float):
        return None
    unit = str(quantity.get("code") or quantity.get("unit") or "d").lower()
    days = _DAYS.get(unit)
    return round(quantity["value"] * days) if days and quantity["value"] > 0 else None


def ordered_taking(order: Json) -> Taking:
    """How an order says to take it: in its own figures, else in its text ("1 tablet twice daily")."""
    dosage: Json = next(iter(order.get("dosageInstruction", [])), {})
    rate: Json = next(iter(dosage.get("doseAndRate", [])), {})
    dose = rate.get("doseQuantity", {})
    repeat = dosage.get("timing", {}).get("repeat", {})
    said = taking(str(dosage.get("text", "")))
    counted = dose.get("value") if str(dose.get("unit", "")).lower() in _COUNTED else None
    return Taking(float(counted) if counted else said.each, _times_a_day(repeat) or said.times)


def _times_a_day(repeat: Json) -> float | None:
    frequency, period = repeat.get("frequency", 1), repeat.get("period")
    if repeat.get("periodUnit") != "d" or not isinstance(period, int | float) or not period:
        return None
    return float(frequency) / float(period)


def prescriber_id(order: Json) -> str:
    """The id of the practitioner who ordered, "" when there is none."""
    reference = str(order.get("requester", {}).get("reference", ""))
    return reference.removeprefix("Practitioner/") if reference.startswith("Practitioner/") else ""


def pharmacy_of_order(store: ChartStore, session: Session, order: Json) -> str:
    """The name of the pharmacy that an order went to, "" when it names none."""
    performer = order.get("dispenseRequest", {}).get("performer", {})
    reference = str(performer.get("reference", ""))
    if reference.startswith("Organization/"):
        stored = store.find(session, "Organization", reference.removeprefix("Organization/"))
        if stored is not None and stored.body.get("name"):
            return str(stored.body["name"])
    return str(performer.get("display", ""))


def active_orders(store: ChartStore, session: Session, patient_id: str) -> list[Json]:
    """A patient's active orders, newest first; one per medicine as ordered."""
    orders = store.all(
        session,
        "MedicationRequest",
        ("patient", f"Patient/{patient_id}"),
        ("status", "active"),
        ("intent", "order"),
    )
    newest: dict[str, Json] = {}
    for order in sorted(orders, key=lambda item: str(item.get("authoredOn", "")), reverse=True):
        newest.setdefault(label_of(order).lower(), order)
    return [order for label, order in newest.items() if label]
