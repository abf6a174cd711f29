"""What of a chart is kept from who speaks for a patient, and what may not be read out at all. Pure."""

from __future__ import annotations

from backends.refusals import Json
from words import confidential
from words.formulary import by_name


def marks_of(resource: Json) -> frozenset[str]:
    """The codes of a resource's security labels."""
    labels = resource.get("meta", {}).get("security", [])
    return frozenset(str(label.get("code", "")) for label in labels)


def is_marked(resource: Json) -> bool:
    return not marks_of(resource).isdisjoint(confidential.MARKS)


def is_part_2(resource: Json) -> bool:
    """Records of substance use treatment, 42 CFR part 2."""
    return confidential.PART_2 in marks_of(resource)


def is_confidential_medicine(order: Json, names: str) -> bool:
    """An order that bears a mark, or whose medicine's class tells of a confidential service."""
    drugs = [drug for word in (names, *names.split()) if (drug := by_name(word))]
    return is_marked(order) or any(drug.drug_class in confidential.CLASSES for drug in drugs)


def is_confidential_visit(visit: Json, visit_type: str, confidential_types: frozenset[str]) -> bool:
    return is_marked(visit) or visit_type in confidential_types
