from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir.capability import Capabilities, read_capabilities
from fhir.errors import (
    Conflicting,
    Forbidden,
    Gone,
    Permanent,
    Redirected,
    Retryable,
    Unauthorised,
    error_for,
)
from fhir.outcome import Issue, brief, issues_of

STATEMENT: dict[str, Any] = {
    "resourceType": "CapabilityStatement",
    "rest": [
        {"mode": "client", "interaction": [{"code": "batch"}]},
        {
            "mode": "server",
            "interaction": [{"code": "transaction"}],
            "resource": [
                {"type": "Task", "interaction": [{"code": "read"}, {"code": "update"}]},
                {"type": "Encounter", "interaction": [{"code": "create"}], "conditionalCreate": True},
            ],
        },
    ],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resourceType",
                    "rest",
                    "resource",
                    "interaction",
                    "code",
                    "type",
                    "issue",
                    "mode",
                    "expression",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


def test_a_capability_statement_says_what_may_be_tried() -> None:
    found = read_capabilities(STATEMENT)
    assert found.transaction
    assert found.conditional_create == {"Encounter"}
    assert found.can("create", "Encounter")
    assert not found.can("create", "Task")
    assert not found.can("create", "DocumentReference")


def test_a_server_that_says_nothing_is_given_the_benefit_of_the_doubt() -> None:
    found = read_capabilities({"resourceType": "CapabilityStatement"})
    assert found == Capabilities()
    assert found.can("create", "DocumentReference")
    assert not found.transaction


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_no_answer_of_a_server_breaks_the_readers(body: object) -> None:
    read_capabilities(body)
    issues_of(body)
    if isinstance(body, dict):
        read_capabilities(body | {"resourceType": "CapabilityStatement"})
        issues_of(body | {"resourceType": "OperationOutcome"})


def test_an_outcome_keeps_free_text_apart_from_what_may_be_logged() -> None:
    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "value",
                "diagnostics": "Maria Lopez",
                "expression": ["Task.status"],
            },
            {
                "severity": "warning",
                "code": "processing",
                "details": {"text": "slow"},
                "location": ["/f:Task"],
            },
        ],
    }
    issues = issues_of(outcome)
    assert issues[0] == Issue("error", "value", "Maria Lopez", ("Task.status",))
    assert issues[1] == Issue("warning", "processing", "slow", ("/f:Task",))
    assert brief(422, issues) == "HTTP 422 (value at Task.status; processing at /f:Task)"
    error = error_for("create Task", 422, issues)
    assert "Maria" not in str(error)
    assert error.issues == issues


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Permanent),
        (401, Unauthorised),
        (403, Forbidden),
        (404, Gone),
        (405, Permanent),
        (409, Conflicting),
        (410, Gone),
        (412, Conflicting),
        (422, Permanent),
        (429, Retryable),
        (500, Retryable),
        (503, Retryable),
        (302, Redirected),
    ],
)
def test_every_status_has_one_kind_of_error(status: int, kind: type[Exception]) -> None:
    assert type(error_for("create Task", status)) is kind
