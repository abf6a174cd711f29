"""The bound codes that we write, and the check that every resource passes before it is sent.

``fhir.resources`` checks shape, cardinality and formats but takes any code where FHIR binds a closed list
(``status: "nope"`` passes). ``BOUND`` closes that gap for the resources of this application. There is no
plain R4 package there; R4B has the same structure for every resource used here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

R4 = "https://hl7.org/fhir/R4/"


@dataclass(frozen=True, slots=True)
class Binding:
    """A required binding: the codes that one element may hold, and the page that says so."""

    codes: frozenset[str]
    source: str


def _bound(page: str, codes: str) -> Binding:
    return Binding(frozenset(codes.split()), R4 + page)


_PRIORITY = _bound("valueset-request-priority.html", "routine urgent asap stat")
_REQUEST_INTENT = (
    "proposal plan order original-order reflex-order filler-order instance-order option"  # request-intent
)
_EVENT_STATUS = "preparation in-progress not-done on-hold stopped completed entered-in-error unknown"

BOUND: Mapping[str, Binding] = {
    "Appointment.status": _bound(
        "valueset-appointmentstatus.html",
        "proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in waitlist",
    ),
    "Appointment.participant.required": _bound(
        "valueset-participantrequired.html", "required optional information-only"
    ),
    "Appointment.participant.status": _bound(
        "valueset-participationstatus.html", "accepted declined tentative needs-action"
    ),
    "AuditEvent.action": _bound("valueset-audit-event-action.html", "C R U D E"),
    "AuditEvent.outcome": _bound("valueset-audit-event-outcome.html", "0 4 8 12"),
    "Bundle.type": _bound(
        "valueset-bundle-type.html",
        "document message transaction transaction-response batch batch-response history searchset collection",
    ),
    "Bundle.entry.request.method": _bound("valueset-http-verb.html", "GET HEAD POST PUT DELETE PATCH"),
    "Communication.priority": _PRIORITY,
    "Communication.status": _bound("valueset-event-status.html", _EVENT_STATUS),
    "DetectedIssue.severity": _bound("valueset-detectedissue-severity.html", "high moderate low"),
    "DetectedIssue.status": _bound(
        "valueset-observation-status.html",
        "registered preliminary final amended corrected cancelled entered-in-error unknown",
    ),
    "Device.deviceName.type": _bound(
        "valueset-device-nametype.html",
        "udi-label-name user-friendly-name patient-reported-name manufacturer-name model-name other",
    ),
    "Device.status": _bound("valueset-device-status.html", "active inactive entered-in-error unknown"),
    "DocumentReference.docStatus": _bound(
        "valueset-composition-status.html", "preliminary final amended entered-in-error"
    ),
    "DocumentReference.relatesTo.code": _bound(
        "valueset-document-relationship-type.html", "replaces transforms signs appends"
    ),
    "DocumentReference.status": _bound(
        "valueset-document-reference-status.html", "current superseded entered-in-error"
    ),
    "Encounter.status": _bound(
        "valueset-encounter-status.html",
        "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown",
    ),
    "MedicationDispense.status": _bound(
        "valueset-medicationdispense-status.html",
        "preparation in-progress cancelled on-hold completed entered-in-error stopped declined unknown",
    ),
    "MedicationRequest.intent": _bound("valueset-medicationrequest-intent.html", _REQUEST_INTENT),
    "MedicationRequest.priority": _PRIORITY,
    "MedicationRequest.status": _bound(
        "valueset-medicationrequest-status.html",
        "active on-hold cancelled completed entered-in-error stopped draft unknown",
    ),
    "Observation.status": _bound(
        "valueset-observation-status.html",
        "registered preliminary final amended corrected cancelled entered-in-error unknown",
    ),
    "Patient.gender": _bound("valueset-administrative-gender.html", "male female other unknown"),
    "QuestionnaireResponse.status": _bound(
        "valueset-questionnaire-answers-status.html",
        "in-progress completed amended entered-in-error stopped",
    ),
    "Slot.status": _bound(
        "valueset-slotstatus.html", "busy free busy-unavailable busy-tentative entered-in-error"
    ),
    "Task.intent": _bound("valueset-task-intent.html", f"unknown {_REQUEST_INTENT}"),
    "Task.priority": _PRIORITY,
    "Task.status": _bound(
        "valueset-task-status.html",
        "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed"
        " entered-in-error",
    ),
}


def check(resource: Mapping[str, Any]) -> list[str]:
    """What is wrong with a resource, one line each, empty when nothing is. Lines name places, never values.

    A Bundle's entries are checked with it. Takes about a millisecond, and 0.3 s on first use for the models.
    """
    kind = str(resource.get("resourceType", ""))
    inner = [entry.get("resource") for entry in resource.get("entry") or []] if kind == "Bundle" else []
    shapes = (f"{fault.path}: {fault.kind}" for fault in shape_faults(kind, resource))
    found = [*shapes, *_code_problems(kind, resource)]
    return found + [line for item in inner if isinstance(item, Mapping) for line in check(item)]


@dataclass(frozen=True, slots=True)
class ShapeFault:
    """An element whose form FHIR does not allow. ``kind`` and ``path`` hold nothing of its value."""

    kind: str  # as the models name it: "missing", "extra_forbidden", "value_error"
    path: str  # a FHIRPath, "Patient.name[0].family"
    says: str

    @property
    def issue_code(self) -> str:
        """http://hl7.org/fhir/ValueSet/issue-type"""
        return _ISSUE_CODES.get(self.kind, "value")


_ISSUE_CODES = {"missing": "required", "extra_forbidden": "structure", "form": "structure"}


def shape_faults(kind: str, resource: Mapping[str, Any]) -> Iterator[ShapeFault]:
    """Structure, cardinality and formats, by fhir.resources' R4B models. Never raises."""
    # Imported here: a third of a second that a process which only reads codes need not pay.
    from fhir.resources.R4B import get_fhir_model_class

    try:
        model = get_fhir_model_class(kind)
    except (ValueError, KeyError):
        yield ShapeFault("not a FHIR resource", "resourceType", "no FHIR resource is called so")
        return
    try:
        model.model_validate(dict(resource))
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False, include_context=False):
            yield ShapeFault(problem["type"], _path(kind, problem["loc"]), problem["msg"])
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        # LookupError: a contained resource of a kind that there is not
        yield ShapeFault("form", kind, "an element has a form that FHIR does not allow")


def _path(kind: str, loc: tuple[int | str, ...]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step.removesuffix('_fhir')}" for step in loc)
    return kind + "".join(steps)


def _code_problems(kind: str, resource: Mapping[str, Any]) -> Iterator[str]:
    for path, binding in outside(kind, resource):
        yield f"{path}: code outside {binding.source}"


def outside(kind: str, resource: Mapping[str, Any]) -> Iterator[tuple[str, Binding]]:
    """The elements of ``BOUND`` whose code is none of those that FHIR allows there."""
    for path, binding in BOUND.items():
        owner, *steps = path.split(".")
        if owner == kind and any(value not in binding.codes for value in _values(resource, steps)):
            yield path, binding


def _values(node: object, steps: list[str]) -> Iterator[object]:
    if isinstance(node, list):
        for item in node:
            yield from _values(item, steps)
    elif not steps:
        yield node
    elif isinstance(node, Mapping) and steps[0] in node:
        yield from _values(node[steps[0]], steps[1:])


def warm() -> None:
    """Load the models now, so that the first check does not hold anybody up."""
    check({"resourceType": "Encounter"})
