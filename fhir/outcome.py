"""OperationOutcome, read and written: https://hl7.org/fhir/R4/operationoutcome.html"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem. What a server says in ``diagnostics`` may quote the chart: never speak or log it.

    In what we say ourselves it holds no personal data.
    """

    severity: str  # "fatal", "error", "warning", "information"
    code: str  # http://hl7.org/fhir/ValueSet/issue-type
    diagnostics: str = ""
    expression: tuple[str, ...] = ()


def document_of(issues: Iterable[Issue]) -> dict[str, Any]:
    """The OperationOutcome that says these."""
    return {"resourceType": "OperationOutcome", "issue": [_told(issue) for issue in issues]}


def _told(issue: Issue) -> dict[str, Any]:
    told = {"severity": issue.severity, "code": issue.code, "diagnostics": issue.diagnostics}
    return {**told, "expression": list(issue.expression)} if issue.expression else told


def issues_of(body: object) -> tuple[Issue, ...]:
    """The issues of an OperationOutcome, or none when ``body`` is anything else. Never raises."""
    if not isinstance(body, Mapping) or body.get("resourceType") != "OperationOutcome":
        return ()
    issues = body.get("issue")
    if not isinstance(issues, list):
        return ()
    return tuple(_issue(item) for item in issues if isinstance(item, Mapping))


def _issue(item: Mapping[str, Any]) -> Issue:
    expression = item.get("expression") or item.get("location") or []
    places = tuple(str(place) for place in expression) if isinstance(expression, list) else ()
    return Issue(
        severity=str(item.get("severity", "")),
        code=str(item.get("code", "")),
        diagnostics=str(item.get("diagnostics") or _details(item)),
        expression=places,
    )


def _details(item: Mapping[str, Any]) -> str:
    details = item.get("details")
    return str(details.get("text", "")) if isinstance(details, Mapping) else ""


def brief(status: int, issues: tuple[Issue, ...]) -> str:
    """The coded part only, fit for logs: "HTTP 422 (value at Task.status)"."""
    head = f"HTTP {status}" if status else NO_ANSWER
    coded = [issue.code + (f" at {issue.expression[0]}" if issue.expression else "") for issue in issues[:3]]
    return f"{head} ({'; '.join(coded)})" if coded else head
