"""Why the chart or the schedule says no: one error type for FHIR, named conflicts for scheduling."""

from __future__ import annotations

from typing import Any

from fhir.outcome import Issue
from models.errors import BackendError, Conflict

Json = dict[str, Any]


def issue(code: str, diagnostics: str, expression: str = "", severity: str = "error") -> Issue:
    """What is wrong, at which element; it holds no personal data."""
    return Issue(severity, code, diagnostics, (expression,) if expression else ())


class ChartRefusal(BackendError):
    """The chart refuses an interaction. ``status`` is the HTTP status it is served with."""

    code = "chart-refused"

    def __init__(self, status: int, *issues: Issue) -> None:
        super().__init__("; ".join(f"{_place(one)}: {one.diagnostics}" for one in issues))
        self.status = status
        self.issues = issues


def _place(one: Issue) -> str:
    return one.expression[0] if one.expression else one.code


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
    return ChartRefusal(status, issue(code, diagnostics, expression))
