"""The screen of a patient's list when a refill is asked for: what it finds goes to a pharmacist or nurse.

https://hl7.org/fhir/R4/detectedissue.html, status preliminary. A screen, not a check: see words/interactions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backends.fhir_time import fhir_instant
from backends.medicines import label_of
from backends.refill_documents import Request
from backends.refill_policy import drug_facts, drugs_in
from backends.refusals import Json
from models.domain import DrugIssue, IssueKind, OpenTask, Priority, TaskKind
from words.interactions import DUPLICATE, VERSION, screen

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_DISPLAY = {IssueKind.INTERACTION: "Drug Interaction Alert", IssueKind.DUPLICATE: "Duplicate Therapy Alert"}


@dataclass(frozen=True, slots=True)
class _Taken:
    name: str
    reference: str = ""  # of the order; "" for what the caller says they take

    @property
    def told(self) -> str:
        return self.name if self.reference else f"{self.name} (reported by caller)"


def find_issues(order: Json, orders: Sequence[Json], beside: str) -> tuple[DrugIssue, ...]:
    """What the screen finds that touches the order asked for, or what the caller says they also take."""
    taken = [_Taken(drug_facts(label_of(each)).name, _reference(each)) for each in orders]
    taken += [_Taken(drug.generic) for drug in drugs_in(beside)]
    asked = _reference(order)
    return tuple(
        _issue(hit.pair, taken[hit.first], taken[hit.second])
        for hit in screen([each.name for each in taken])
        if {"", asked} & {taken[hit.first].reference, taken[hit.second].reference}
    )


def _reference(order: Json) -> str:
    return f"MedicationRequest/{order['id']}"


def _issue(pair: str, one: _Taken, other: _Taken) -> DrugIssue:
    kind = IssueKind.DUPLICATE if pair == DUPLICATE else IssueKind.INTERACTION
    refs = tuple(each.reference for each in (one, other) if each.reference)
    return DrugIssue(kind, f"{one.told} with {other.told}", refs, f"{pair} ({VERSION})")


def detected_issue(request: Request, issue: DrugIssue, identifiers: list[Json]) -> Json:
    """A DetectedIssue for staff to confirm or dismiss."""
    return {
        "resourceType": "DetectedIssue",
        "identifier": identifiers,
        "status": "preliminary",
        "code": {"coding": [{"system": _ACT_CODE, "code": issue.kind, "display": _DISPLAY[issue.kind]}]},
        "severity": "moderate" if issue.kind is IssueKind.DUPLICATE else "high",
        "patient": {"reference": f"Patient/{request.wish.patient_id}"},
        "identifiedDateTime": fhir_instant(request.now),
        "author": {"display": "AI phone assistant"},
        **({"implicated": [{"reference": ref} for ref in issue.implicated]} if issue.implicated else {}),
        "detail": f"{issue.detail}; found by a screen of pairs, {issue.rule}, not by a review",
    }


def review_task(request: Request, issues: Sequence[DrugIssue]) -> OpenTask:
    """For the pharmacist or nurse."""
    found = "; ".join(f"{issue.detail} [{issue.rule}]" for issue in issues)
    summary = f"Review the list of medicines, asked for by a screen of pairs: {found}"
    action = f"{request.wish.action_id}-issue"
    return OpenTask(action, TaskKind.INTERACTION_REVIEW, Priority.ROUTINE, summary, request.wish.patient_id)
