"""From a call to a decision: the proposal is on the staff's page, one click decides it, once and for all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI

from backends.refill_policy import load_policy
from backends.script_messages import (
    DrugCoded,
    NewRx,
    Prescribed,
    ResponseKind,
    RxRenewalRequest,
    RxRenewalResponse,
)
from console.roles import Role
from models import audit, records
from models.tables import StaffTask
from tests.console.browser import browser
from tests.console.test_console import trail
from tests.console.test_markup import Outline
from tests.conversations.at_the_console import console_of, shown
from tests.conversations.conftest import MARIA, ROBERT, KeyboardCall, Line
from tests.conversations.test_refills import LINDA, THOMAS, caller

LISINOPRIL = "I need a refill of lisinopril at Main Street"
CLINICIANS = (Role.NURSE, Role.PRESCRIBER)


async def asked(line: Line, number: str = MARIA, first: str = LISINOPRIL) -> tuple[KeyboardCall, StaffTask]:
    """A call that asks for one refill, and the task that came of it."""
    call = await caller(line, number, first, "no", "yes")
    record = await call.hangs_up()
    tasks = await line.services.storage.read(lambda session: records.tasks_of(session, record.call_id))
    return call, tasks[0]


async def tasks_now(line: Line, call: KeyboardCall) -> dict[str, StaffTask]:
    call_id = call.keyboard.conversation.call_id
    found = await line.services.storage.read(lambda session: records.tasks_of(session, call_id))
    return {task.kind: task for task in found}


async def orders(call: KeyboardCall, patient: str = "pt-1001") -> list[dict[str, Any]]:
    return await call.chart("MedicationRequest", patient=f"Patient/{patient}", intent="order")


async def posted(app: FastAPI, name: str, path: str, **data: str) -> int:
    async with browser(app, name) as person:
        return (await person.post(path, data=data)).status_code


# --------------------------------------------------------------------------- what is seen


async def test_the_queue_has_all_that_a_decision_needs(line: Line) -> None:
    _, task = await asked(line)
    app = await console_of(line.services)
    async with browser(app, "prescriber") as doctor:
        html = (await doctor.get("/refills")).text
        own = (await doctor.get(f"/refills/{task.id}")).text
    for page in (html, own):
        text = shown(page)
        for words in (
            "lisinopril 10 MG Oral Tablet", "Every rule passed", "Maria Lopez", "Mar 5, 1981 (45)",
            "quantity 90, 90 days", "Last fill", "Days left", "8 days", "Last visit", "Creatinine",
            "0.8 mg/dL", "Potassium", "Prescriber Doctor Chen", "Main Street Pharmacy", "rules passed",
            "Could not be known", "Dose as ordered: no strength was said", "Approve as proposed", "h left",
        ):  # fmt: skip
            assert words in text, words
        assert "“" not in text
        outline = Outline(page)
        assert outline.faults == []
        assert len(outline.ids) == len(set(outline.ids))
        assert f'href="/calls/{task.call_id}#turn-' in page
    seen = [entry for entry in trail(line.services.storage) if entry[0] == "prescriber"]
    assert ("prescriber", "view", "patient/pt-1001/refills") in seen
    assert ("prescriber", "view", "refills") in seen


async def test_what_speaks_against_it_stands_first(line: Line) -> None:
    await asked(line, THOMAS, "refill of amlodipine at Harbor Drugs")
    app = await console_of(line.services)
    async with browser(app, "nurse") as nurse:
        text = shown((await nurse.get("/refills")).text)
    assert "Visit overdue: a short supply is proposed" in text
    assert "Not passed Visit recent: last visit more than 12 months ago" in text
    assert "30 days, no refills" in text
    assert "This practice leaves approvals to prescribers." in text
    assert "Approve as proposed" not in text


# --------------------------------------------------------------------------- one click


async def test_a_prescriber_approves_in_one_click_and_chart_and_pharmacy_have_it_once(line: Line) -> None:
    call, task = await asked(line)
    app = await console_of(line.services)
    before = await orders(call)
    async with browser(app, "prescriber") as doctor:
        path = f"/refills/{task.id}/approve"
        done = await doctor.post(path, data={"version": str(task.version)})
        assert (done.status_code, done.headers["location"]) == (303, f"/refills?done={task.id}")
        again = await doctor.post(path, data={"version": str(task.version)})
        assert again.status_code == 303, "a double click is harmless"
        text = shown((await doctor.get(done.headers["location"])).text)
        assert (
            "Approved, by prescriber : lisinopril 10 MG Oral Tablet, Maria Lopez . The chart has it." in text
        )
        assert "No refill waits for a decision." in text
        assert "Done today 1" in text
        assert "Approved prescriber" in shown((await doctor.get(f"/refills/{task.id}")).text)
    while await line.services.dispatcher.drain_once():
        pass
    [message] = await line.services.backends.refill_decisions.outbox()
    assert isinstance(message, NewRx)
    [order] = [one for one in await orders(call) if one["id"] not in {each["id"] for each in before}]
    assert (order["id"], order["status"]) == (message.prescriber_order_number, "active")
    assert order["requester"]["reference"] == "Practitioner/dr-chen"
    [in_chart] = await call.chart("Task", _id=task.resource_ref.removeprefix("Task/"))
    assert (in_chart["status"], in_chart["owner"]["display"]) == ("completed", "prescriber")
    row = (await tasks_now(line, call))["refill-review"]
    assert (row.state, row.owner, row.outcome) == ("done", "prescriber", "sent")
    async with browser(app, "prescriber") as doctor:
        history = shown((await doctor.get(f"/tasks/{task.id}")).text)
    assert "closed it: Approved and sent to the pharmacy" in history
    assert line.services.storage.read_now(audit.verify) is None


@pytest.mark.parametrize(
    ("deed", "data"), [("approve", {}), ("change", {"days_supply": "30"}), ("deny", {"note": "no"})]
)
@pytest.mark.parametrize("role", list(Role))
async def test_each_role_and_each_deed(line: Line, role: Role, deed: str, data: dict[str, str]) -> None:
    """As shipped approvals are a prescriber's; a nurse's is refused with its reason."""
    _, task = await asked(line)
    app = await console_of(line.services)
    allowed = {"approve": (Role.PRESCRIBER,), "change": (Role.PRESCRIBER,), "deny": CLINICIANS}[deed]
    status = await posted(app, role, f"/refills/{task.id}/{deed}", version="0", **data)
    not_signed = role is Role.NURSE and deed == "approve"
    assert status == (303 if role in allowed else 409 if not_signed else 403)
    sent = await line.services.backends.refill_decisions.outbox()
    assert len(sent) == (status == 303 and deed != "deny")


@pytest.mark.parametrize(
    ("number", "first"),
    [(LINDA, "refill of alprazolam at Main Street"), (ROBERT, "refill of warfarin at Main Street")],
)
async def test_what_is_for_a_person_alone_has_no_button(line: Line, number: str, first: str) -> None:
    _, task = await asked(line, number, first)
    app = await console_of(line.services)
    for name in CLINICIANS:
        async with browser(app, name) as person:
            text = shown((await person.get("/refills")).text)
            assert "Only a person may decide" in text
            assert "On file, nothing is proposed: " in text
            assert "Approve as proposed" not in text
            answer = await person.post(f"/refills/{task.id}/approve", data={"version": "0"})
            assert answer.status_code == 409
    assert await line.services.backends.refill_decisions.outbox() == ()


async def test_a_controlled_medicine_is_never_a_nurses_to_decide(line: Line) -> None:
    _, task = await asked(line, LINDA, "refill of alprazolam at Main Street")
    app = await console_of(line.services)
    async with browser(app, "nurse") as nurse:
        page = shown((await nurse.get("/refills")).text)
        assert "Controlled" in page
        assert "Do not approve" not in page
        answer = await nurse.post(f"/refills/{task.id}/deny", data={"version": "0", "note": "no"})
        assert (answer.status_code, "controlled medicine" in answer.text) == (409, True)
    assert (
        await posted(app, "prescriber", f"/refills/{task.id}/deny", version="0", note="ask me first") == 303
    )


async def test_where_the_protocol_says_so_a_nurse_approves_what_passed_every_rule(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = replace(load_policy(), nurse_may_approve=True)
    _, ready = await asked(line)
    _, overdue = await asked(line, THOMAS, "refill of amlodipine at Harbor Drugs")
    app = await console_of(line.services)
    async with browser(app, "nurse") as nurse:
        assert "This practice leaves approvals to prescribers." in (await nurse.get("/refills")).text
        assert (await nurse.post(f"/refills/{ready.id}/approve", data={"version": "0"})).status_code == 409
        monkeypatch.setattr("backends.refill_ruling.load_policy", lambda: policy)
        text = shown((await nurse.get("/refills")).text)
        assert "Only a prescriber can approve this: not every rule of the protocol has passed." in text
        assert (await nurse.post(f"/refills/{overdue.id}/approve", data={"version": "0"})).status_code == 409
        issue = {"resourceType": "DetectedIssue", "id": "i1", "status": "preliminary", "detail": "a pair"}
        chart = line.services.backends.chart
        await chart.update({**issue, "patient": {"reference": "Patient/pt-1001"}}, "i1")
        answer = await nurse.post(f"/refills/{ready.id}/approve", data={"version": "0"})
        assert (answer.status_code, "an interaction is to be reviewed" in answer.text) == (409, True)
        dismissed = {**issue, "status": "cancelled", "patient": {"reference": "Patient/pt-1001"}}
        await chart.update(dismissed, "i1")
        assert (await nurse.post(f"/refills/{ready.id}/approve", data={"version": "0"})).status_code == 303


async def test_a_nurse_refuses_nothing_that_must_not_run_out(line: Line) -> None:
    _, task = await asked(line, ROBERT, "refill of warfarin at Main Street")
    app = await console_of(line.services)
    async with browser(app, "nurse") as nurse:
        assert "Do not approve" not in shown((await nurse.get("/refills")).text)
        answer = await nurse.post(f"/refills/{task.id}/deny", data={"version": "0", "note": "no"})
        assert (answer.status_code, "Only a prescriber can refuse" in answer.text) == (409, True)
    assert await posted(app, "prescriber", f"/refills/{task.id}/deny", version="0", note="see me") == 303


@pytest.mark.parametrize("status", ["stopped", "on-hold", "cancelled", "entered-in-error"])
async def test_what_was_stopped_since_the_call_is_not_renewed(line: Line, status: str) -> None:
    call, task = await asked(line)
    [order] = [one for one in await orders(call) if "lisinopril" in one["medicationCodeableConcept"]["text"]]
    await line.services.backends.chart.update({**order, "status": status}, order["id"])
    app = await console_of(line.services)
    async with browser(app, "prescriber") as doctor:
        text = shown((await doctor.get("/refills")).text)
        assert f"The order that it renews is {status} in the chart now: look at it first." in text
        assert "Approve as proposed" not in text
        for deed, more in (("approve", {}), ("change", {"days_supply": "30"})):
            answer = await doctor.post(f"/refills/{task.id}/{deed}", data={"version": "0", **more})
            assert (answer.status_code, f"is {status} in the chart now" in answer.text) == (409, True)
        denied = await doctor.post(f"/refills/{task.id}/deny", data={"version": "0", "note": "stopped"})
        assert denied.status_code == 303
    assert await line.services.backends.refill_decisions.outbox() == ()


# --------------------------------------------------------------------------- closed by hand


async def test_what_nobody_has_decided_is_not_closed_as_approved(line: Line) -> None:
    _, task = await asked(line)
    app = await console_of(line.services)
    async with browser(app, "coordinator") as person:
        await person.post(f"/tasks/{task.id}/claim")
        page = shown((await person.get(f"/tasks/{task.id}")).text)
        assert "Approved and sent to the pharmacy" not in page
        assert "Already dealt with elsewhere" in page
        answer = await person.post(f"/tasks/{task.id}/resolve", data={"outcome": "sent"})
        assert (answer.status_code, "The refill is not decided yet" in answer.text) == (409, True)
        assert "lisinopril" in shown((await person.get("/refills")).text)
        done = await person.post(f"/tasks/{task.id}/resolve", data={"outcome": "duplicate"})
        assert done.status_code == 303


# --------------------------------------------------------------------------- change, deny, give on


async def test_a_change_of_length_and_quantity_is_what_is_ordered(line: Line) -> None:
    call, task = await asked(line)
    app = await console_of(line.services)
    form = {"version": "0", "days_supply": "30", "quantity": "30", "visit": "yes", "note": "blood pressure"}
    assert await posted(app, "prescriber", f"/refills/{task.id}/change", **form) == 303
    [message] = await line.services.backends.refill_decisions.outbox()
    assert isinstance(message, NewRx)
    assert (message.prescribed.quantity, message.prescribed.days_supply) == (30.0, 30)
    visit = (await tasks_now(line, call))["schedule-assist"]
    assert (visit.patient_id, visit.callback_number, visit.state) == ("pt-1001", MARIA, "open")
    assert "blood pressure" in visit.summary


async def test_who_is_denied_is_told_by_somebody(line: Line) -> None:
    call, task = await asked(line)
    app = await console_of(line.services)
    form = {"version": "0", "note": "potassium first", "tell": "yes"}
    assert await posted(app, "prescriber", f"/refills/{task.id}/deny", **form) == 303
    tasks = await tasks_now(line, call)
    assert (tasks["refill-review"].outcome, tasks["refill-review"].state) == ("denied", "done")
    told = tasks["routine-message"]
    assert (told.callback_number, "potassium first" in told.summary) == (MARIA, True)
    [proposal] = await call.chart("MedicationRequest", intent="proposal")
    assert proposal["status"] == "cancelled"
    [in_chart] = await call.chart("Task", _id=tasks["refill-review"].resource_ref.removeprefix("Task/"))
    assert "potassium first" in [part.get("valueString") for part in in_chart["input"]]
    assert await line.services.backends.refill_decisions.outbox() == ()


@pytest.mark.parametrize(
    ("deed", "data", "sentence"),
    [
        ("deny", {"note": "  "}, "Please say why"),
        ("change", {}, "Please say what is to be different."),
        ("change", {"days_supply": "0"}, "Please give the days as a whole number from 1 to 365."),
        ("change", {"quantity": "٣"}, "Please give the quantity as a whole number"),
        ("give-on", {"to": "prescriber", "note": ""}, "Please write what they should know or ask."),
    ],
)
async def test_a_form_without_what_it_needs_is_refused_in_one_sentence(
    line: Line, deed: str, data: dict[str, str], sentence: str
) -> None:
    _, task = await asked(line)
    app = await console_of(line.services)
    async with browser(app, "prescriber") as doctor:
        answer = await doctor.post(f"/refills/{task.id}/{deed}", data={"version": "0", **data})
    assert (answer.status_code, sentence in answer.text) == (422, True)


async def test_a_nurse_gives_on_and_the_prescriber_decides(line: Line) -> None:
    _, task = await asked(line)
    app = await console_of(line.services)
    form = {"version": "0", "to": "prescriber", "note": "is the dose still right?"}
    assert await posted(app, "nurse", f"/refills/{task.id}/give-on", **form) == 303
    assert await posted(app, "second", f"/refills/{task.id}/approve", version="1") == 409, "another's"
    async with browser(app, "second") as second:
        assert "prescriber has it. Only its owner can decide." in (await second.get("/refills")).text
    assert await posted(app, "prescriber", f"/refills/{task.id}/approve", version="1") == 303


# --------------------------------------------------------------------------- two at once, stale forms


async def test_of_two_at_once_one_decides_and_the_other_is_told(line: Line) -> None:
    _, task = await asked(line)
    app = await console_of(line.services)
    statuses = await asyncio.gather(
        posted(app, "prescriber", f"/refills/{task.id}/approve", version="0"),
        posted(app, "second", f"/refills/{task.id}/deny", version="0", note="no"),
    )
    assert sorted(statuses) == [303, 409]
    assert len(await line.services.backends.refill_decisions.outbox()) == (statuses[0] == 303)


async def test_a_form_that_is_older_than_the_task_is_refused(line: Line) -> None:
    _, task = await asked(line)
    app = await console_of(line.services)
    async with browser(app, "prescriber") as doctor:
        await doctor.post(f"/tasks/{task.id}/claim")
        answer = await doctor.post(f"/refills/{task.id}/approve", data={"version": "0"})
        assert (answer.status_code, "has changed since you opened it" in answer.text) == (409, True)
        await doctor.post(f"/tasks/{task.id}/resolve", data={"outcome": "denied"})
        late = await doctor.post(f"/refills/{task.id}/approve", data={"version": "2"})
        assert (late.status_code, "it is done, by prescriber" in late.text) == (409, True)
    assert await line.services.backends.refill_decisions.outbox() == ()


async def test_with_another_systems_charts_nothing_is_decided_here(line: Line) -> None:
    _, task = await asked(line)
    line.services.settings = replace(line.services.settings, fhir_base_url="https://ehr.example/fhir")
    app = await console_of(line.services)
    async with browser(app, "prescriber") as doctor:
        text = shown((await doctor.get("/refills")).text)
        assert "The charts are in another system: decide there, then close the task." in text
        assert "Approve as proposed" not in text
        assert (await doctor.post(f"/refills/{task.id}/approve", data={"version": "0"})).status_code == 409
    assert await line.services.backends.refill_decisions.outbox() == ()


async def test_what_is_no_refill_is_not_found(line: Line) -> None:
    app = await console_of(line.services)
    async with browser(app, "prescriber") as doctor:
        assert (await doctor.get("/refills/none")).status_code == 404
        assert (await doctor.post("/refills/none/approve", data={"version": "0"})).status_code == 404
        assert "No refill waits for a decision." in (await doctor.get("/refills")).text


async def test_a_pharmacy_that_asks_gets_its_answer_from_the_prescriber(line: Line) -> None:
    drug = Prescribed(DrugCoded("lisinopril 10 MG Oral Tablet"))
    asks = RxRenewalRequest("RX-77", "pt-1001-rx-1", drug, 3, "2026-09-03")
    reference = await line.services.backends.refill_decisions.receive(asks)
    [task] = await line.services.storage.read(lambda session: records.tasks_of(session, "pharmacy-RX-77"))
    assert task.resource_ref == reference
    app = await console_of(line.services)
    async with browser(app, "nurse") as nurse:
        html = (await nurse.get("/refills")).text
        assert "The pharmacy asks" in html
        assert "/calls/pharmacy" not in html
        assert "/calls/pharmacy" not in (await nurse.get("/inbox")).text
        assert (await nurse.post(f"/refills/{task.id}/approve", data={"version": "0"})).status_code == 409
    assert await posted(app, "prescriber", f"/refills/{task.id}/approve", version="0") == 303
    [message] = await line.services.backends.refill_decisions.outbox()
    assert isinstance(message, RxRenewalResponse)
    assert (message.rx_reference_number, message.response) == ("RX-77", ResponseKind.APPROVED)
