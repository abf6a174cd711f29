"""What the note's checker withholds is in no other resource of the call, and staff are asked of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from ehr_writeback import WritebackConfig, plan
from ehr_writeback import note as note_module
from ehr_writeback.checker import unsupported
from ehr_writeback.faulty_server import ALL_TYPES, FaultyFhirServer
from ehr_writeback.note_form import text_in
from ehr_writeback.note_review import LACKS
from ehr_writeback.planned import NOTE
from ehr_writeback.vendor_server import VendorServer
from ehr_writeback.vendors import Vendor
from fhir.codes import check
from models.domain import (
    Authority,
    CallRecord,
    DoneAction,
    FileCheckin,
    IdentityLevel,
    IdentityVerified,
    OpenTask,
    ProxyScope,
    StopTranscript,
    TaskOpened,
    TranscriptStopped,
    VerifyIdentity,
)
from models.storage import Storage
from tests.ehr_writeback.agreed import CONFIG, ELSEWHERE
from tests.ehr_writeback.conftest import make_bench
from tests.ehr_writeback.contract.records import EVERYTHING
from tests.ehr_writeback.misnoted import FALSE, MISNOTED, SIGN, TASK, WEIGHT
from tests.ehr_writeback.records import RED_FLAG, REFILL, turn

Json = dict[str, Any]


def resources(record: CallRecord, config: WritebackConfig = ELSEWHERE) -> dict[str, Json]:
    return {item.key: item.resource for item in plan(record, config)}


def all_words(record: CallRecord, config: WritebackConfig) -> str:
    """Everything that would go to the chart, the note's text among it."""
    made = [item.resource for item in plan(record, config)]
    notes = [text_in(item.resource) for item in plan(record, config) if item.kind == NOTE]
    return "\n".join([orjson.dumps(made).decode(), *notes])


@pytest.mark.parametrize("config", [CONFIG, ELSEWHERE], ids=["same", "elsewhere"])
@pytest.mark.parametrize("false", FALSE)
def test_what_nobody_said_is_in_no_resource(false: str, config: WritebackConfig) -> None:
    assert false not in all_words(MISNOTED, config)


def test_a_danger_sign_keeps_its_task_and_message_with_what_the_caller_did_say() -> None:
    made = resources(MISNOTED)
    said = 'Said in that turn: "I have chest pain and my arm hurts, no fever"'
    message, *_ = made["comm/1"]["payload"]
    for words in (made["task/1"]["description"], message["contentString"]):
        assert words.startswith("Words withheld, no source on the call: read the transcript")
        assert words.endswith(said)
    assert (made["task/1"]["priority"], made["comm/1"]["priority"]) == ("stat", "stat")
    assert made["comm/1"]["topic"] == {"text": "Red flag RF01 (emergency)"}


def test_a_refill_of_what_was_not_said_is_not_proposed_to_another_chart() -> None:
    assert {"rx/1", "issue/1"} <= set(resources(EVERYTHING))
    assert not {"rx/1", "issue/1"} & set(resources(MISNOTED))


def test_a_visit_was_booked_whatever_for() -> None:
    made = resources(MISNOTED)["appt/1"]
    assert (made["status"], made.get("reasonCode")) == ("booked", None)
    assert "reasonCode" not in resources(MISNOTED)["enc"]


def test_an_answer_without_a_source_is_not_known_and_nothing_is_counted_from_it() -> None:
    items = {item["linkId"]: item for item in resources(MISNOTED)["qr/1"]["item"]}
    for name in ("weight", "mood"):
        assert "answer" not in items[name]
        assert items[name]["extension"][-1]["valueCode"] == "unknown"
    assert items["weight"]["extension"][0]["valueString"] == "182.5", "what was said is kept"
    made = [one for one in resources(MISNOTED).values() if one["resourceType"] == "Observation"]
    assert [one["code"]["coding"][0]["code"] for one in made] == ["85354-9"], "the blood pressure alone"
    note = text_in(resources(MISNOTED)["note"])
    assert "score phq2" not in note
    assert "rule met" not in note


def test_all_that_is_left_of_it_is_valid_r4() -> None:
    for config in (CONFIG, ELSEWHERE):
        assert [check(item.resource) for item in plan(MISNOTED, config) if check(item.resource)] == []


def test_a_true_call_loses_nothing() -> None:
    assert "Words withheld" not in all_words(EVERYTHING, ELSEWHERE)
    assert "no source on the call" not in all_words(EVERYTHING, ELSEWHERE)


def test_a_choice_that_was_understood_and_not_said_is_marked_so() -> None:
    def vaguer(done: DoneAction) -> DoneAction:
        if not isinstance(done.action, FileCheckin):
            return done
        answers = [
            replace(one, quote="now and then") if one.link_id == "mood" else one
            for one in done.action.answers
        ]
        return replace(done, action=replace(done.action, answers=tuple(answers)))

    turns = [
        replace(one, caller_text="now and then") if one.caller_text == "several days" else one
        for one in EVERYTHING.turns
    ]
    made = resources(replace(EVERYTHING, turns=tuple(turns), done=tuple(map(vaguer, EVERYTHING.done))))
    mood = next(item for item in made["qr/1"]["item"] if item["linkId"] == "mood")
    assert mood["answer"][0]["valueCoding"]["display"] == "Several days"
    assert {"url": "urn:firstring:checkin:understood", "valueBoolean": True} in mood["extension"]
    marked = [one["code"]["coding"][0]["code"] for one in made.values() if "note" in one and "code" in one]
    assert marked == ["44255-8", "55758-7"], "the answer, and the score that it counts in"


async def test_staff_are_asked_of_everything_that_was_withheld(storage: Storage) -> None:
    bench = make_bench(storage, VendorServer(Vendor.EPIC), config=ELSEWHERE)
    call = bench.end_call(MISNOTED)
    (asked,) = [task for task in bench.staff_tasks(call.call_id) if task.summary.startswith(LACKS)]
    for words in (SIGN, TASK, f"weight = {WEIGHT} [lb_av]", "Celexa"):
        assert words in asked.summary
    assert asked.priority == "urgent"


async def test_nothing_comes_back_by_way_of_what_a_server_does_not_take(storage: Storage) -> None:
    """Epic takes no Task and no Appointment: they become lines of the note, and items for staff."""
    bench = make_bench(storage, server := VendorServer(Vendor.EPIC), config=ELSEWHERE)
    bench.end_call(MISNOTED)
    await bench.settle()
    (note,) = server.all("DocumentReference")
    assert "NOT FILED SEPARATELY" in text_in(note)
    assert [false for false in FALSE if false in text_in(note)] == []


async def test_a_task_that_the_call_opened_in_this_very_chart_is_put_right_there(storage: Storage) -> None:
    def opened(done: DoneAction) -> DoneAction:
        return replace(done, result=TaskOpened("Task/t-1")) if isinstance(done.action, OpenTask) else done

    bench = make_bench(storage, server := FaultyFhirServer(types=ALL_TYPES))
    task: Json = {"resourceType": "Task", "id": "t-1", "description": TASK, "meta": {"versionId": "1"}}
    server.stored["Task"] = [{**task, "status": "requested", "intent": "order"}]
    bench.end_call(replace(MISNOTED, done=tuple(map(opened, MISNOTED.done))))
    await bench.settle()
    (task,) = server.all("Task")
    assert task["description"].startswith("Words withheld, no source on the call")
    assert task["status"] == "requested"
    assert set(bench.states().values()) == {"confirmed"}


def test_a_task_in_true_words_is_left_as_it_is() -> None:
    assert "change/1" not in resources(EVERYTHING, CONFIG)


def test_a_speaker_that_nobody_named_is_not_named_anywhere() -> None:
    def somebody(done: DoneAction) -> DoneAction:
        if not isinstance(done.action, VerifyIdentity):
            return done
        given = Authority((ProxyScope.ALL,), "RelatedPerson/r1", "daughter")
        return replace(
            done,
            action=replace(done.action, caller_names=("Gordon Blake",)),
            result=IdentityVerified("p1", IdentityLevel.L1, given),
        )

    record = replace(EVERYTHING, done=tuple(map(somebody, EVERYTHING.done)))
    assert "Gordon" not in all_words(record, ELSEWHERE)
    assert resources(record)["rx/1"]["requester"] == {"display": "not verified"}


def test_off_the_record_a_danger_sign_stands_with_its_turn_and_without_words() -> None:
    """The caller wanted nothing written down: what staff need of it is kept for them, and marked."""
    quiet = (*RED_FLAG.turns[:2], turn(2, "", ""), turn(3, "", ""))
    stop = DoneAction(2, StopTranscript("a9"), TranscriptStopped())
    record = replace(RED_FLAG, turns=quiet, done=(*RED_FLAG.done[:1], stop, *RED_FLAG.done[1:]))
    record = replace(record, reason="", symptoms_present=("I have chest pain",), symptoms_denied=())
    checked = note_module.write_checked_note(record)
    assert checked.faults == ()
    at = "2026-11-22 09:01:50 EST (UTC-05:00)"
    assert f"- RF01, emergency, {at}, words not kept, as the caller asked [t2]" in checked.text
    assert "Wording delivered" not in checked.text
    (said, *_) = resources(record, CONFIG)["comm/1"]["payload"]
    assert said["contentString"] == (
        'Caller (words not kept, as the caller asked, so not verified): "I have chest pain"'
    )


def test_off_the_record_a_refill_stays_as_a_deed_without_a_word_of_it() -> None:
    quiet = tuple(
        replace(one, caller_text="", agent_text="") if one.number > 2 else one for one in REFILL.turns
    )
    stop = DoneAction(3, StopTranscript("a9"), TranscriptStopped())
    record = replace(REFILL, turns=quiet, done=(REFILL.done[0], stop, *REFILL.done[1:]))
    checked = note_module.write_checked_note(record)
    assert checked.faults == ()
    assert (
        "- Refill requested: words not kept, as the caller asked, order m9,"
        " protocol result NEEDS_REVIEW, MedicationRequest/prop-1 [t3]"
    ) in checked.text
    assert "- words not kept, as the caller asked [t3]" in checked.text
    assert resources(record)["rx/1"]["priorPrescription"]["identifier"]["value"] == "m9"
    lie = note_module.write_note(record).replace("order m9", "order m8")
    assert [fault.section for fault in unsupported(lie, record)] == ["DONE"]


def test_off_the_record_is_no_way_round_the_checker() -> None:
    line = "RF01, emergency, 2026-11-22 09:01:50 EST (UTC-05:00), words not kept, as the caller asked [t2]"
    note = note_module.write_note(RED_FLAG).replace("RED FLAGS\n", f"RED FLAGS\n- {line}\n")
    (fault,) = unsupported(note, RED_FLAG)
    assert fault.line == f"- {line}"


def test_where_the_checker_fails_no_words_go_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise KeyError("a defect")

    monkeypatch.setattr(note_module, "unsupported", breaks)
    assert 'Caller: \\"' not in all_words(EVERYTHING, ELSEWHERE)
    assert resources(EVERYTHING)["task/1"]["description"].startswith("Words withheld")
    assert not {"rx/1", "qr/1"} & set(resources(EVERYTHING))
    assert {"enc", "note", "task/1", "comm/1", "appt/1"} <= set(resources(EVERYTHING))
