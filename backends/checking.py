"""Is this a FHIR R4 resource? Structure by fhir.resources' R4B models, required codes by their lists."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from fhir.resources.R4B import get_fhir_model_class

from backends.refusals import ChartRefusal, Json, issue, refuse
from fhir import codes
from fhir.outcome import Issue

MAX_ISSUES = 10

# Only these: fhir.resources knows many more kinds, but nobody has a use for them in a practice's chart.
RESOURCE_TYPES = (
    "AllergyIntolerance", "Appointment", "AuditEvent", "Binary", "CarePlan", "CareTeam", "Claim",
    "Communication", "CommunicationRequest", "Composition", "Condition", "Consent", "Coverage",
    "DetectedIssue", "Device", "DiagnosticReport", "DocumentReference", "Encounter", "Endpoint",
    "EpisodeOfCare", "ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal", "Group",
    "HealthcareService", "ImagingStudy", "Immunization", "List", "Location", "Media", "Medication",
    "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement",
    "Observation", "Organization", "Patient", "Practitioner", "PractitionerRole", "Procedure",
    "Provenance", "Questionnaire", "QuestionnaireResponse", "RelatedPerson", "Schedule",
    "ServiceRequest", "Slot", "Specimen", "SupplyDelivery", "Task",
)  # fmt: skip


def check_type(resource_type: object) -> str:
    """The name of a kind that this chart holds; raises `ChartRefusal` 404 otherwise."""
    if isinstance(resource_type, str) and resource_type in RESOURCE_TYPES:
        return resource_type
    raise refuse(404, "not-supported", "this chart does not hold resources of that type")


def check_resource(resource: object) -> Json:
    """``resource`` itself when it is valid FHIR R4.

    Raises `ChartRefusal`: 400 when it is no resource at all, 422 when an element is wrong.
    """
    if not isinstance(resource, dict):
        raise refuse(400, "structure", "the body is not a JSON object")
    resource_type = check_type(resource.get("resourceType"))
    issues = list(_structure(resource_type, resource))
    if not issues:
        issues = list(_codes(resource_type, resource))
    if issues:
        raise ChartRefusal(422, *issues[:MAX_ISSUES])
    return resource


def check_structure(resource_type: str, document: Json) -> None:
    """For what a client sends and the chart does not keep. Raises `ChartRefusal` 400 naming each element."""
    issues = list(_structure(resource_type, document))
    if issues:
        raise ChartRefusal(400, *issues[:MAX_ISSUES])


def _structure(resource_type: str, resource: Json) -> Iterator[Issue]:
    try:
        yield from list(_nulls(resource, resource_type))
    except RecursionError:
        yield issue("structure", "an element has a form that FHIR does not allow", resource_type)
        return
    for fault in codes.shape_faults(resource_type, resource):
        yield issue(fault.issue_code, fault.says, fault.path)


def _nulls(value: Any, where: str) -> Iterator[Issue]:
    """FHIR JSON knows null in lists of primitives only, https://hl7.org/fhir/R4/json.html#null."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _nulls(item, f"{where}[{number}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            if item is None:
                yield issue("structure", "an element may be absent, never null", f"{where}.{name}")
            else:
                yield from _nulls(item, f"{where}.{name}")


def _codes(resource_type: str, resource: Json) -> Iterator[Issue]:
    for name, allowed in _required_codes(resource_type).items():
        value = resource.get(name)
        if isinstance(value, str) and value not in allowed:
            yield issue("code-invalid", f"must be one of {', '.join(allowed)}", f"{resource_type}.{name}")
    for path, binding in codes.outside(resource_type, resource):
        # Lists that the models know in part only ("draft | requested | received | +").
        yield issue("code-invalid", f"must be one of {', '.join(sorted(binding.codes))}", path)


@cache
def _required_codes(resource_type: str) -> dict[str, tuple[str, ...]]:
    """Top-level code elements with a closed list. A "+" in a list says that it is not whole."""
    found: dict[str, tuple[str, ...]] = {}
    fields: dict[str, Any] = get_fhir_model_class(resource_type).model_fields
    for name, info in fields.items():
        extra = info.json_schema_extra
        allowed = tuple(extra.get("enum_values", ())) if isinstance(extra, dict) else ()
        if allowed and "+" not in allowed:
            found[info.alias or name] = allowed
    return found
