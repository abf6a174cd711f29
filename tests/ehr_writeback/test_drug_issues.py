"""A pair that the screen found: referred to where the chart has it, written where it does not."""

from __future__ import annotations

from dataclasses import replace

from ehr_writeback import WritebackConfig, plan
from ehr_writeback.resources import made_by_call
from fhir.codes import check
from models.domain import CallRecord, DoneAction, DrugIssue, IssueKind, RefillAnswered
from tests.ehr_writeback.records import REFILL

PAIR = DrugIssue(
    IssueKind.INTERACTION,
    "warfarin with ibuprofen (reported by caller)",
    ("MedicationRequest/m9",),
    "warfarin-nsaid (2026-11)",
    "DetectedIssue/d-1",
)


def with_issue() -> CallRecord:
    *before, last = REFILL.done
    assert isinstance(last.result, RefillAnswered)
    answered = replace(last.result, issues=(PAIR,))
    return replace(REFILL, done=(*before, DoneAction(last.turn_number, last.action, answered)))


def test_the_chart_that_has_it_is_only_pointed_to() -> None:
    assert "DetectedIssue/d-1" in made_by_call(with_issue())
    assert "issue" not in {item.kind for item in plan(with_issue(), WritebackConfig())}


def test_another_chart_gets_it_valid_and_preliminary() -> None:
    planned = plan(with_issue(), WritebackConfig(same_server=False))
    (issue,) = [item.resource for item in planned if item.kind == "issue"]
    assert check(issue) == []
    assert (issue["status"], issue["severity"]) == ("preliminary", "high")
    assert issue["code"]["coding"][0]["code"] == "DRG"
    assert "warfarin with ibuprofen" in issue["detail"]
    assert issue["patient"] == {"reference": "Patient/p1"}
    assert issue["identifier"][0]["value"] == "CA-refill/issue/w1"


def test_without_one_nothing_is_written() -> None:
    kinds = {item.kind for item in plan(REFILL, WritebackConfig(same_server=False))}
    assert "issue" not in kinds
