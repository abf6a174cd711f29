"""Pairs of medicines that the screen found, for a chart that lacks them: DetectedIssue, preliminary.

https://hl7.org/fhir/R4/detectedissue.html. A person confirms or dismisses it; the caller heard no advice.
"""

from __future__ import annotations

from collections.abc import Iterator

from ehr_writeback.config import WritebackConfig
from ehr_writeback.planned import DEVICE, ISSUE, Json, PlannedResource, placeholder
from ehr_writeback.times import instant
from models.domain import CallRecord, DrugIssue, IssueKind, RefillAnswered

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_SEVERITY = {IssueKind.INTERACTION: "high", IssueKind.DUPLICATE: "moderate"}


def issues_of(record: CallRecord) -> tuple[DrugIssue, ...]:
    """Every pair that the call's refill requests brought up."""
    results = (done.result for done in record.done if isinstance(done.result, RefillAnswered))
    return tuple(issue for result in results for issue in result.issues)


def drug_issues(record: CallRecord, config: WritebackConfig, patient: Json) -> Iterator[PlannedResource]:
    """Those that the target does not have. Its orders have other ids there, so the text names them."""
    if config.same_server:
        return
    for n, issue in enumerate(issues_of(record), start=1):
        resource: Json = {
            "resourceType": "DetectedIssue",
            "identifier": [{"system": config.call_system, "value": f"{record.call_id}/{ISSUE}/w{n}"}],
            "status": "preliminary",
            "code": {"coding": [{"system": ACT_CODE, "code": issue.kind.value}]},
            "severity": _SEVERITY[issue.kind],
            "patient": patient,
            "identifiedDateTime": instant(record.ended),
            "author": {"reference": placeholder(record.call_id, DEVICE), "display": "AI phone assistant"},
            "detail": f"{issue.detail}; found by a screen of pairs, {issue.rule}, not by a review",
        }
        yield PlannedResource(ISSUE, n, resource, depends_on=(DEVICE,))
