from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from ehr_writeback import WritebackConfig, plan, write_note
from ehr_writeback.planned import identifier_query, placeholder, point
from ehr_writeback.resources import made_by_call
from fhir.codes import check
from models.domain import CallRecord, VisitBooked
from tests.ehr_writeback.agreed import CONFIG, ELSEWHERE
from tests.ehr_writeback.records import BOOKING, LINKED, RED_FLAG, REFILL, TRANSFER, UNKNOWN_CALLER, VISIT


@pytest.mark.parametrize(
    "config", [CONFIG, ELSEWHERE, WritebackConfig()], ids=["same", "elsewhere", "default"]
)
@pytest.mark.parametrize("record", LINKED, ids=lambda record: record.call_id)
def test_every_resource_is_valid(record: CallRecord, config: WritebackConfig) -> None:
    for item in plan(record, config):
        assert check(item.resource) == [], item.key


def test_the_note_in_the_chart_is_the_note() -> None:
    note = next(item.resource for item in plan(REFILL, CONFIG) if item.kind == "note")
    attachment = note["content"][0]["attachment"]
    assert attachment["contentType"] == "text/plain; charset=utf-8"
    assert base64.b64decode(attachment["data"]).decode() == write_note(REFILL)
    assert note["meta"]["security"][0]["code"] == "AIAST"
    assert note["docStatus"] == "preliminary"


def test_what_the_call_made_on_the_same_server_is_referred_to_and_not_made_again() -> None:
    made = ("MedicationRequest/prop-1", "Task/t-1")
    assert made_by_call(REFILL) == made
    by_kind = {item.kind: item.resource for item in plan(REFILL, CONFIG)}
    assert [item["reference"] for item in by_kind["note"]["context"]["related"]] == list(made)
    assert set(made) <= {item["reference"] for item in by_kind["prov"]["target"]}
    assert "task" not in by_kind
    assert "related" not in plan(REFILL, ELSEWHERE)[2].resource["context"]


def test_a_task_opened_elsewhere_or_not_at_all_is_made() -> None:
    assert [item.key for item in plan(TRANSFER, CONFIG)] == ["device", "enc", "note", "prov"]
    assert "task/1" in [item.key for item in plan(TRANSFER, ELSEWHERE)]
    task = next(item.resource for item in plan(RED_FLAG, CONFIG) if item.kind == "task")
    assert task["priority"] == "stat"
    assert task["restriction"]["period"]["end"] == "2026-11-22T14:06:50Z"  # five minutes after turn 2


def test_references_that_are_not_of_the_chart_are_left_out() -> None:
    strange = replace(BOOKING.done[3], result=VisitBooked(VISIT, "javascript:alert(1)"))
    record = replace(BOOKING, done=(strange,))
    assert made_by_call(record) == ()


def test_a_call_without_a_known_patient_plans_nothing() -> None:
    assert plan(UNKNOWN_CALLER, CONFIG) == ()


def test_the_same_call_is_the_same_plan_and_two_calls_share_their_device() -> None:
    assert plan(REFILL, CONFIG) == plan(REFILL, CONFIG)
    first, second = plan(REFILL, CONFIG)[0], plan(BOOKING, CONFIG)[0]
    assert first.body_sha256 == second.body_sha256
    other = replace(REFILL, models={**REFILL.models, "stt": "whisper base.en"})
    assert plan(other, CONFIG)[0].resource["identifier"] != first.resource["identifier"]


def test_queries_are_escaped() -> None:
    resource = {"identifier": [{"system": "https://x.example/call", "value": "a+b &c/enc"}]}
    assert identifier_query(resource) == "identifier=https://x.example/call|a%2Bb%20%26c/enc"
    assert identifier_query({}) == ""


def test_references_resolve_or_leave_their_display_or_go() -> None:
    here, gone = placeholder("C", "enc"), placeholder("C", "device")
    note = {
        "author": [{"reference": gone, "display": "AI"}],
        "context": {"encounter": [{"reference": here}]},
        "sender": {"reference": gone},
        "list": [{"reference": gone}],
        "kept": {"reference": "Patient/p1"},
    }
    assert point(note, {here: "Encounter/1", gone: ""}) == {
        "author": [{"display": "AI"}],
        "context": {"encounter": [{"reference": "Encounter/1"}]},
        "kept": {"reference": "Patient/p1"},
    }
    assert point(note, {}) == note
