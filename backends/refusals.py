"""Why the chart or the schedule says no: one error type for FHIR, named conflicts for scheduling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.errors import BackendError, Conflict

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Issue:
    """One OperationOutcome issue, https://hl7.org/fhir/R4/operationoutcome.html. Holds no personal data."""

    code: str  # http://hl7.org/fhir/ValueSet/issue-type
    diagnostics: str
    expression: str = ""
    severity: str = "error"  # or "fatal", "warning", "information"

    def as_json(self) -> Json:
        issue: Json = {"severity": self.severity, "code": self.code, "diagnostics": self.diagnostics}
        if self.expression:
            issue["expression"] = [self.expression]
        return issue


class ChartRefusal(BackendError):
    """The chart refuses an interaction. ``status`` is the HTTP status it is served with."""

    code = "chart-refused"

    def __init__(self, status: int, *issues: Issue) -> None:
        super().__init__("; ".join(f"{i.expression or i.code}: {i.diagnostics}" for i in issues))
        self.status = status
        self.issues = issues


class PatientBusy(Conflict):
    """The patient already has a visit at that time."""

    code = "patient-busy"


class TooManyVisits(Conflict):
    """The patient already has as many open visits of this type as the practice allows."""

    code = "too-many-visits"


class TooManyNoShows(Conflict):
    """The patient has missed so many visits that staff book the next one."""

    code = "too-many-no-shows"


def refuse(status: int, code: str, diagnostics: str, expression: str = "") -> ChartRefusal:
    """A refusal with one issue."""
    return ChartRefusal(status, Issue(code, diagnostics, expression))


def operation_outcome(*issues: Issue) -> Json:
    """The OperationOutcome document for these issues."""
    return {"resourceType": "OperationOutcome", "issue": [issue.as_json() for issue in issues]}
