"""Orders that name their medicine only by reference get its name beside it, for people to be told. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from backends.refusals import Json

ORDERS = ("MedicationRequest", "MedicationDispense", "MedicationStatement")
Find = Callable[[str], Json | None]  # "Medication/id" -> the Medication


def named(order: Json, find: Find) -> Json:
    """The order with ``medicationReference.display``, itself when it names the medicine or nobody can."""
    reference = order.get("medicationReference")
    if order["resourceType"] not in ORDERS or not isinstance(reference, dict) or reference.get("display"):
        return order
    target = str(reference.get("reference", ""))
    medication = _contained(order, target) if target.startswith("#") else find(target)
    name = name_of((medication or {}).get("code"))
    return {**order, "medicationReference": {**reference, "display": name}} if name else order


def name_of(concept: Any) -> str:
    """The text of a CodeableConcept, else the first display of its codings, else ""."""
    if not isinstance(concept, dict):
        return ""
    displays = (coding.get("display", "") for coding in concept.get("coding", []))
    return str(concept.get("text") or next((text for text in displays if text), ""))


def _contained(order: Json, target: str) -> Json | None:
    inside = (item for item in order.get("contained", []) if f"#{item.get('id')}" == target)
    return next(inside, None)
