"""What staff decide about a refill, and the one message that the pharmacy stub keeps of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backends.embedded import EmbeddedBackends
from backends.refill_ruling import Ruling
from backends.refusals import ChartRefusal
from backends.script_messages import (
    DrugCoded,
    Message,
    NewRx,
    Prescribed,
    ResponseKind,
    RxRenewalRequest,
    RxRenewalResponse,
    ScriptError,
    from_json,
    to_json,
)
from models.desk import open_tasks, tasks_of
from models.domain import IdentityLevel, RefillAnswered, RequestRefill, RequestStage
from models.errors import NotFound
from models.tables import StaffTask
from models.task_deeds import do_with_task, steps_of
from models.task_rules import Deed, TaskDeed, TaskRefused
from tests.backends.test_pharmacy import document, identify, request

YES = Ruling(ResponseKind.APPROVED, "dr-chen")
NO = Ruling(ResponseKind.DENIED, "dr-chen", "please come in first")
ASKED = RxRenewalRequest(
    "RX-77", "pt-1001-rx-1", Prescribed(DrugCoded("lisinopril 10 MG Oral Tablet")), 3, "2026-09-03"
)


@pytest.mark.parametrize(
    "message",
    [
        NewRx("o1", Prescribed(DrugCoded("x", "29046", "0001"), 90.0, 90, 3), "Main Street Pharmacy"),
        ASKED,
        *(RxRenewalResponse("RX-1", "o1", kind, None, "note") for kind in ResponseKind),
    ],
)
def test_a_message_survives_json(message: Message) -> None:
    assert from_json(json.loads(json.dumps(to_json(message)))) == message


@pytest.mark.parametrize(
    "data", [{}, {"status": "RxFill"}, {"status": "NewRx"}, {"status": "NewRx", "prescribed": 3}]
)
def test_what_is_no_message_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ScriptError):
        from_json(data)


async def test_an_approval_makes_an_order_and_one_new_prescription(backends: EmbeddedBackends) -> None:
    asked = await request(backends, "pt-1001")
    message = await backends.refill_decisions.decide(asked.task_ref, YES)
    assert isinstance(message, NewRx)
    assert message.prescribed.drug.text == "lisinopril 10 MG Oral Tablet"
    assert message.pharmacy == "Main Street Pharmacy"
    order = await document(backends, f"MedicationRequest/{message.prescriber_order_number}")
    assert (order["status"], order["intent"]) == ("active", "order")
    assert order["basedOn"] == [{"reference": asked.proposal_ref}]
    assert order["requester"]["reference"] == "Practitioner/dr-chen", "never the patient or the agent"
    assert (await document(backends, asked.proposal_ref))["status"] == "completed"
    assert (await document(backends, asked.task_ref))["status"] == "completed"
    assert await backends.chart.storage.read(open_tasks) == []
    assert await backends.refill_decisions.outbox() == (message,)


async def test_deciding_twice_is_deciding_once(backends: EmbeddedBackends) -> None:
    asked = await request(backends, "pt-1001")
    decide = backends.refill_decisions.decide
    first = await asyncio.gather(*(decide(asked.task_ref, YES) for _ in range(4)))
    later = await decide(asked.task_ref, NO)
    assert len({str(message) for message in (*first, later)}) == 1
    assert len(await backends.refill_decisions.outbox()) == 1
    orders = await backends.chart.search(
        "MedicationRequest", [("patient", "Patient/pt-1001"), ("intent", "order")]
    )
    assert orders.total == 2


async def test_another_length_is_a_change(backends: EmbeddedBackends) -> None:
    asked = await request(backends, "pt-1010", pharmacy="Harbor Drugs")
    ruling = Ruling(ResponseKind.APPROVED_WITH_CHANGES, "dr-chen", days_supply=15)
    message = await backends.refill_decisions.decide(asked.task_ref, ruling)
    assert isinstance(message, NewRx)
    assert (message.prescribed.days_supply, message.prescribed.refills) == (15, 0)


async def test_a_denial_tells_no_pharmacy_that_did_not_ask(backends: EmbeddedBackends) -> None:
    asked = await request(backends, "pt-1001")
    assert await backends.refill_decisions.decide(asked.task_ref, NO) is None
    assert (await document(backends, asked.task_ref))["status"] == "rejected"
    assert await backends.refill_decisions.outbox() == ()


@pytest.mark.parametrize("kind", list(ResponseKind))
async def test_a_pharmacy_that_asked_gets_its_answer(backends: EmbeddedBackends, kind: ResponseKind) -> None:
    task_ref = await backends.refill_decisions.receive(ASKED)
    assert await backends.refill_decisions.receive(ASKED) == task_ref
    message = await backends.refill_decisions.decide(task_ref, Ruling(kind, "dr-chen"))
    assert isinstance(message, RxRenewalResponse)
    assert (message.rx_reference_number, message.response) == ("RX-77", kind)
    assert (message.prescribed is None) == (kind is ResponseKind.DENIED)


async def test_who_calls_about_what_the_pharmacy_asked_for_hears_of_it(backends: EmbeddedBackends) -> None:
    task_ref = await backends.refill_decisions.receive(ASKED)
    answer = await request(backends, "pt-1001")
    assert (answer.already_open, answer.task_ref) == (True, task_ref)


async def test_what_was_refused_to_automation_cannot_be_approved_here(backends: EmbeddedBackends) -> None:
    asked = await request(backends, "pt-1009")
    with pytest.raises(ChartRefusal):
        await backends.refill_decisions.decide(asked.task_ref, YES)
    with pytest.raises(NotFound):
        await backends.refill_decisions.decide("Task/none", YES)


@pytest.mark.parametrize(
    ("ruling", "stage"),
    [(None, RequestStage.WITH_CARE_TEAM), (YES, RequestStage.ANSWERED), (NO, RequestStage.NOT_GRANTED)],
)
async def test_the_next_call_knows_where_the_request_stands(
    backends: EmbeddedBackends, ruling: Ruling | None, stage: RequestStage
) -> None:
    asked = await request(backends, "pt-1001")
    if ruling:
        await backends.refill_decisions.decide(asked.task_ref, ruling)
    view = await backends.directory.view("pt-1001", IdentityLevel.L1)
    (known,) = view.open_requests
    assert known.stage is stage
    assert known.order_id in {medicine.order_id for medicine in view.medicines}, "its name finds it"
    assert known.asked_on.isoformat() == "2026-11-22"


# --------------------------------------------------------------------------- by people, from the queue


def by(person: str, kind: ResponseKind = ResponseKind.APPROVED, **more: Any) -> Ruling:
    return Ruling(kind, person, roles=frozenset({"prescriber"}), version=0, **more)


async def test_a_decision_ends_the_task_in_the_queue_with_its_history(backends: EmbeddedBackends) -> None:
    asked = await request(backends, "pt-1001")
    moved: list[tuple[str, str]] = []
    await backends.refill_decisions.decide(
        asked.task_ref, by("chen"), lambda _s, task, _at: moved.append((task.state, task.owner))
    )
    [task] = await backends.chart.storage.read(lambda s: tasks_of(s, "C1"))
    steps = await backends.chart.storage.read(lambda s: steps_of(s, task.id))
    assert [(step.deed, step.who) for step in steps] == [("claim", "chen"), ("resolve", "chen")]
    assert (task.state, task.outcome, moved[-1]) == ("done", "sent", ("done", "chen"))


async def out_soon(backends: EmbeddedBackends) -> tuple[RefillAnswered, StaffTask]:
    """Somebody has one day's pills left of what must not run out: they were promised a call today."""
    await identify(backends, "C1")
    order = await document(backends, "MedicationRequest/pt-1001-rx-1")
    concept = {"text": "sertraline 50 MG Oral Tablet"}
    await backends.chart.update({**order, "medicationCodeableConcept": concept}, order["id"])
    wish = RequestRefill("r1", "pt-1001", order["id"], "sertraline", "Main Street", False, days_left=1)
    asked = await backends.pharmacy.request_refill(wish, call_id="C1")
    [task] = await backends.chart.storage.read(lambda s: tasks_of(s, "C1"))
    return asked, task


async def test_who_is_to_be_called_today_is_still_to_be_called(backends: EmbeddedBackends) -> None:
    asked, task = await out_soon(backends)
    assert (task.kind, bool(asked.proposal_ref)) == ("same-day-callback", True)
    await backends.refill_decisions.decide(asked.task_ref, by("chen"))
    [task] = await backends.chart.storage.read(lambda s: tasks_of(s, "C1"))
    [step] = await backends.chart.storage.read(lambda s: steps_of(s, task.id))
    assert (task.state, step.deed) == ("open", "comment")
    assert "still to be made" in step.words
    with pytest.raises(TaskRefused, match="It was decided already: Approved, by chen"):
        await backends.refill_decisions.decide(asked.task_ref, by("patel", ResponseKind.DENIED))
    shown, total = await backends.chart.storage.read(
        lambda s: backends.refill_queue.waiting(s, frozenset({"prescriber"}), backends.clock(), 10)
    )
    assert (shown, total) == ((), 0)


async def test_a_promised_call_is_decided_about_by_its_owner_while_it_is_open(
    backends: EmbeddedBackends,
) -> None:
    asked, task = await out_soon(backends)
    storage, now = backends.chart.storage, backends.clock()
    await storage.write(lambda s: do_with_task(s, TaskDeed(task.id, Deed.CLAIM, "patel", now)))
    ruling = replace(by("chen"), version=1)
    with pytest.raises(TaskRefused, match=r"Patel has it\. Only its owner can do this"):
        await backends.refill_decisions.decide(asked.task_ref, ruling)
    assert await backends.refill_decisions.outbox() == ()
    assert await storage.read(lambda s: backends.refill_queue.awaits_decision(s, task))
    await backends.refill_decisions.decide(asked.task_ref, replace(ruling, by="patel"))
    assert not await storage.read(lambda s: backends.refill_queue.awaits_decision(s, task))


async def test_of_many_people_in_several_processes_one_decides(
    many_processes: list[EmbeddedBackends],
) -> None:
    """On PostgreSQL, each with the form that showed the same task."""
    asked = await request(many_processes[0], "pt-1010", call="Cpeople", pharmacy="Harbor Drugs")
    kinds = (ResponseKind.APPROVED, ResponseKind.DENIED, ResponseKind.APPROVED_WITH_CHANGES)
    results = await asyncio.gather(
        *(
            each.refill_decisions.decide(asked.task_ref, by(f"person-{i}", kinds[i % 3], days_supply=None))
            for i, each in enumerate(many_processes)
        ),
        return_exceptions=True,
    )
    refused = [one for one in results if isinstance(one, BaseException)]
    assert len(refused) == len(many_processes) - 1
    assert {type(one) for one in refused} == {TaskRefused}
    [task] = await many_processes[0].chart.storage.read(lambda s: tasks_of(s, "Cpeople"))
    steps = await many_processes[0].chart.storage.read(lambda s: steps_of(s, task.id))
    assert [step.deed for step in steps] == ["claim", "resolve"]


async def test_the_queue_reads_the_same_on_postgresql(on_postgresql: EmbeddedBackends) -> None:
    """The latest fill, visit and laboratories of each patient, whatever else the charts hold."""
    backends = on_postgresql
    visit = await document(backends, "Encounter/pt-1001-visit")
    phone = {"system": visit["class"]["system"], "code": "VR"}
    later = {"start": "2026-11-20", "end": "2026-11-20"}
    await backends.chart.update({**visit, "id": "a-call", "class": phone, "period": later}, "a-call")
    wrong = await document(backends, "Observation/pt-1001-lab-2823-3")
    entered = {**wrong, "id": "wrong", "status": "entered-in-error", "effectiveDateTime": "2026-11-21"}
    await backends.chart.update(entered, "wrong")
    asked = await request(backends, "pt-1001", call="Cread")
    [task] = await backends.chart.storage.read(lambda s: tasks_of(s, "Cread"))
    case = await backends.chart.storage.read(
        lambda s: backends.refill_queue.one(s, task.id, frozenset({"prescriber"}), backends.clock())
    )
    assert (case.last_visit, case.supply.last_fill) == (date(2026, 7, 25), date(2026, 9, 1))
    assert (case.supply.left, case.supply.estimated) == (8, False)
    assert [(lab.name, lab.day, lab.value, lab.recent) for lab in case.labs] == [
        ("creatinine", date(2026, 7, 25), "0.8 mg/dL", True),
        ("potassium", date(2026, 7, 25), "4.2 mmol/L", True),
    ]
    assert (case.why_not_approve, case.patient.name) == ("", "Maria Lopez")
    await backends.refill_decisions.decide(asked.task_ref, by("chen"))
