"""Calls of a practice whose charts and schedule are another system's, by keyboard, judged on that system."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dialog.flows.waitlist_joining import NOT_KEPT, ON_THE_LIST, WE_CALL, WE_TEXT
from intents.understand import MindService
from models.desk import open_tasks
from models.domain import Disposition, RefillAnswered, VisitBooked, WaitlistJoined
from tests.conversations.conftest import JAMES, MARIA, KeyboardCall
from tests.conversations.elsewhere import Elsewhere, practice_elsewhere
from tests.reading.conftest import patient


@pytest.fixture(params=["by slots", "by operations"])
async def practice(
    request: pytest.FixtureRequest,
    seeded: Path,
    tmp_path: Path,
    mind: MindService,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Elsewhere]:
    """The demo practice's chart on the other side, an empty database on ours."""
    patient(monkeypatch)
    theirs, by_operations = shutil.copytree(seeded, tmp_path / "theirs"), request.param == "by operations"
    async with practice_elsewhere(theirs, tmp_path / "ours", mind, operations=by_operations) as opened:
        yield opened


def results(call: KeyboardCall, kind: type) -> list[Any]:
    return [result for _, result in call.keyboard.conversation.done if isinstance(result, kind)]


async def test_a_refill_and_a_visit_end_on_that_server(practice: Elsewhere) -> None:
    call = await practice.line.call(MARIA)
    await call.all_of("i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one")
    reply = await call.all_of("no", "main street pharmacy", "yes")
    (refill,) = results(call, RefillAnswered)
    assert refill.outcome.value == "READY_FOR_APPROVAL"
    assert "approved" not in reply.lower()
    await call.all_of("i would like to make an appointment with doctor chen", "a follow up visit")
    reply = await call.all_of("next week in the morning", "the first one", "yes that's right")
    assert "booked" in reply.lower()
    (booked,) = results(call, VisitBooked)
    (visit,) = await practice.held("Appointment", patient="Patient/pt-1001", status="booked")
    assert booked.resource_ref == f"Appointment/{visit['id']}"
    assert {
        slot["status"] for slot in await practice.held("Slot", _id=visit["slot"][0]["reference"][5:])
    } == {"busy"}
    await call.all_of("no that's all")
    record = await call.hangs_up()
    assert record.disposition is Disposition.COMPLETED
    assert len(await practice.held("Appointment", patient="Patient/pt-1001")) == 1, (
        "the write-back makes no second"
    )
    orders = {one["id"]: one for one in await practice.held("MedicationRequest", patient="Patient/pt-1001")}
    prior = [order["priorPrescription"] for order in orders.values() if "priorPrescription" in order]
    assert [before["reference"].removeprefix("MedicationRequest/") in orders for before in prior] == [True]
    (note,) = await practice.held("DocumentReference")
    assert note["subject"] == {"reference": "Patient/pt-1001"}
    assert await practice.held("Encounter", patient="Patient/pt-1001", **{"class": "VR"})
    assert await practice.tasks() == ["refill-review"]


async def test_a_visit_is_cancelled_on_that_server(practice: Elsewhere) -> None:
    (before,) = await practice.held("Appointment", patient="Patient/pt-1002", status="booked")
    call = await practice.line.call(JAMES)
    await call.all_of("i need to cancel my appointment", "james walker", "march third nineteen fifty eight")
    for answer in ("yes", "i feel better", "yes", "no"):
        await call.says(answer)
    (after,) = await practice.held("Appointment", _id=before["id"])
    assert after["status"] == "cancelled"
    assert {
        slot["status"] for slot in await practice.held("Slot", _id=before["slot"][0]["reference"][5:])
    } == {"free"}


async def test_a_wish_for_the_waitlist_is_a_persons_work_and_nothing_is_promised(
    practice: Elsewhere,
) -> None:
    """No list is kept where the schedule is another system's: staff get the wish in the caller's words."""
    call = await practice.line.call(MARIA)
    await call.all_of(
        "can you put me on the waiting list for a follow up with doctor chen on tuesday morning",
        "maria lopez",
        "march fifth nineteen eighty one",
    )
    replies = [await call.says(words) for words in ("yes", "yes please")]
    await call.hangs_up()
    heard = " ".join(call.heard)
    assert not any(promise in heard for promise in (ON_THE_LIST, WE_TEXT, WE_CALL)), replies
    assert not results(call, WaitlistJoined)
    (task,) = await practice.line.services.storage.read(open_tasks)
    assert task.kind == "schedule-assist"
    assert (
        "For your waiting list: a follow-up visit, on a Tuesday, in the morning, with Doctor" in task.summary
    )
    assert NOT_KEPT in heard
    assert "Our scheduling staff will call you." in heard
    assert not await practice.held("Appointment", patient="Patient/pt-1001", status="waitlist")


async def test_a_chart_that_is_down_is_an_honest_sentence_and_a_task(practice: Elsewhere) -> None:
    practice.server.before = lambda _: httpx.Response(503)
    call = await practice.line.call(MARIA)
    reply = await call.all_of(
        "i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one"
    )
    assert "can't reach" in reply
    assert await practice.tasks() == ["same-day-callback"]
    assert "Monday" in await call.says("what are your opening hours")


async def test_a_chart_that_goes_down_in_a_call_loses_nothing(practice: Elsewhere) -> None:
    call = await practice.line.call(MARIA)
    await call.all_of("i would like to make an appointment with doctor chen", "maria lopez")
    await call.all_of("march fifth nineteen eighty one", "a follow up visit", "next week in the morning")
    practice.server.before = lambda _: httpx.Response(503)
    replies = [await call.says(words) for words in ("the first one", "yes", "yes")]
    assert any("can't reach" in reply for reply in replies)
    assert not results(call, VisitBooked)
    assert "schedule-assist" in await practice.tasks()
    practice.server.before = lambda _: None
    await call.hangs_up()
    assert not await practice.held("Appointment", patient="Patient/pt-1001", status="booked")
    assert await practice.held("DocumentReference", patient="Patient/pt-1001")
