"""Refill requests against the demo charts: what each writes, and that nothing is written twice."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

import pytest

from backends.embedded import EmbeddedBackends
from models.desk import open_tasks
from models.domain import RefillAnswered, RefillOutcome, RequestRefill, VerifyIdentity
from models.errors import NotFound
from models.tables import StaffTask
from tests.backends.conftest import NOW, SYSTEM, TestClock


async def identify(backends: EmbeddedBackends, call: str) -> None:
    claim = VerifyIdentity("v", ("Maria Lopez",), date(1981, 3, 5))
    await backends.directory.verify(claim, caller_number="+16175550123", call_id=call)


async def request(
    backends: EmbeddedBackends,
    patient: str,
    number: int = 1,
    *,
    action: str = "r1",
    call: str = "C1",
    pharmacy: str = "Main Street",
    new_problem: bool | None = False,
) -> RefillAnswered:
    await identify(backends, call)
    order = f"{patient}-rx-{number}"
    wish = RequestRefill(action, patient, order, "my pills", pharmacy, new_problem)
    return await backends.pharmacy.request_refill(wish, call_id=call)


async def document(backends: EmbeddedBackends, reference: str) -> dict[str, Any]:
    resource_type, _, resource_id = reference.partition("/")
    return (await backends.chart.read(resource_type, resource_id)).body


async def count(backends: EmbeddedBackends, resource_type: str, *pairs: tuple[str, str]) -> int:
    return (await backends.chart.search(resource_type, pairs)).total


async def queue(backends: EmbeddedBackends) -> list[StaffTask]:
    return await backends.chart.storage.read(open_tasks)


async def test_all_in_order_gives_a_proposal_and_a_task_to_approve(backends: EmbeddedBackends) -> None:
    answer = await request(backends, "pt-1001")
    assert answer.outcome is RefillOutcome.READY_FOR_APPROVAL
    proposal = await document(backends, answer.proposal_ref)
    assert (proposal["status"], proposal["intent"]) == ("draft", "proposal")
    assert proposal["priorPrescription"] == {"reference": "MedicationRequest/pt-1001-rx-1"}
    assert proposal["identifier"] == [{"system": f"{SYSTEM}/call", "value": "C1/rx/1"}]
    assert proposal["medicationCodeableConcept"]["text"] == "lisinopril 10 MG Oral Tablet"
    assert proposal["requester"] == {"reference": "Patient/pt-1001"}
    task = await document(backends, answer.task_ref)
    assert task["identifier"] == [{"system": f"{SYSTEM}/call", "value": "C1/task/1"}]
    assert [coding["code"] for coding in task["code"]["coding"]] == ["approve", "refill-review"]
    assert task["focus"] == {"reference": answer.proposal_ref}
    assert task["restriction"]["period"]["end"] == "2026-11-24T15:00:00Z"  # 48 hours
    (row,) = await queue(backends)
    assert (row.resource_ref, row.kind, row.patient_id) == (answer.task_ref, "refill-review", "pt-1001")


@pytest.mark.parametrize(
    ("patient", "number", "pharmacy", "outcome", "kind", "proposes"),
    [
        ("pt-1003", 1, "Main Street", RefillOutcome.REFUSED_AUTOMATION, "refill-review", False),
        ("pt-1009", 1, "Main Street", RefillOutcome.REFUSED_AUTOMATION, "controlled-refill", False),
        ("pt-1003", 2, "Main Street", RefillOutcome.NEEDS_REVIEW, "refill-too-soon-question", True),
        ("pt-1004", 1, "Elm Square", RefillOutcome.NEEDS_REVIEW, "refill-review", True),
        ("pt-1010", 1, "Harbor Drugs", RefillOutcome.BRIDGE_SUGGESTED, "refill-review", True),
        ("pt-1012", 1, "Elm Square Pharmacy", RefillOutcome.READY_FOR_APPROVAL, "refill-review", True),
    ],
)
async def test_what_each_outcome_writes(
    backends: EmbeddedBackends,
    patient: str,
    number: int,
    pharmacy: str,
    outcome: RefillOutcome,
    kind: str,
    proposes: bool,
) -> None:
    answer = await request(backends, patient, number, pharmacy=pharmacy)
    assert answer.outcome is outcome
    assert bool(answer.proposal_ref) is proposes
    assert await count(backends, "MedicationRequest", ("intent", "proposal")) == int(proposes)
    task = await document(backends, answer.task_ref)
    assert task["code"]["coding"][1]["code"] == kind
    expected_focus = answer.proposal_ref or f"MedicationRequest/{patient}-rx-{number}"
    assert task["focus"]["reference"] == expected_focus
    inputs = {item["type"]["text"]: item["valueString"] for item in task["input"]}
    assert inputs["outcome"] == outcome.value
    assert sum(name.startswith("rule ") for name in inputs) == len(answer.rules)


async def test_a_short_supply_is_proposed_while_a_visit_is_overdue(backends: EmbeddedBackends) -> None:
    answer = await request(backends, "pt-1010", pharmacy="Harbor Drugs")
    proposal = await document(backends, answer.proposal_ref)
    assert proposal["dispenseRequest"]["expectedSupplyDuration"]["value"] == 30
    assert proposal["dispenseRequest"]["numberOfRepeatsAllowed"] == 0


async def test_refills_left_at_the_pharmacy_need_no_staff(backends: EmbeddedBackends) -> None:
    answer = await request(backends, "pt-1011")
    again = await request(backends, "pt-1011")
    assert answer.outcome is again.outcome is RefillOutcome.PHARMACY_HAS_REFILLS
    assert (answer.proposal_ref, answer.task_ref) == ("", "")
    assert await queue(backends) == []
    assert await count(backends, "MedicationRequest", ("intent", "proposal")) == 0
    sent = await backends.chart.search("Task", [("code", "fulfill")])
    assert sent.total == 1
    words = {item["type"]["text"]: item["valueString"] for item in sent.found[0].body["input"]}
    assert words["DrugCoded"] == "montelukast 10 MG Oral Tablet"
    assert words["RefillsRemaining"] == "4"
    assert words["LastFillDate"] == "2026-10-18"


async def test_a_new_problem_brings_a_nurse_now_and_no_proposal(backends: EmbeddedBackends) -> None:
    answer = await request(backends, "pt-1001", new_problem=True)
    assert answer.outcome is RefillOutcome.HUMAN_NOW
    assert answer.proposal_ref == ""
    (row,) = await queue(backends)
    assert (row.kind, row.priority) == ("nurse-now", "asap")
    assert row.due_at == NOW.replace(minute=5)


async def test_the_same_action_twice_is_one_request(backends: EmbeddedBackends) -> None:
    first = await request(backends, "pt-1001")
    second = await request(backends, "pt-1001")
    assert (second.outcome, second.proposal_ref, second.task_ref) == (
        first.outcome,
        first.proposal_ref,
        first.task_ref,
    )
    assert second.rules == first.rules
    assert await count(backends, "MedicationRequest", ("intent", "proposal")) == 1


async def test_within_a_week_the_open_request_is_named_instead(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    first = await request(backends, "pt-1001")
    clock.move(days=6)
    second = await request(backends, "pt-1001", call="C2")
    assert second.already_open
    assert second.task_ref == first.task_ref
    assert second.outcome is first.outcome
    clock.move(days=2)
    third = await request(backends, "pt-1001", call="C3")
    assert not third.already_open
    assert third.task_ref != first.task_ref


async def test_a_refused_medicine_is_asked_for_once_a_week_too(backends: EmbeddedBackends) -> None:
    first = await request(backends, "pt-1009")
    second = await request(backends, "pt-1009", call="C2")
    assert second.already_open
    assert second.task_ref == first.task_ref
    urgent = await request(backends, "pt-1009", call="C3", new_problem=True)
    assert urgent.task_ref != first.task_ref


async def test_two_medicines_in_one_call_are_numbered(backends: EmbeddedBackends) -> None:
    await request(backends, "pt-1001")
    second = await request(backends, "pt-1012", action="r2", pharmacy="Elm Square")
    assert (await document(backends, second.proposal_ref))["identifier"][0]["value"] == "C1/rx/2"
    assert (await document(backends, second.task_ref))["identifier"][0]["value"] == "C1/task/2"


async def test_an_unidentified_call_is_never_ready(backends: EmbeddedBackends) -> None:
    wish = RequestRefill("r1", "pt-1001", "pt-1001-rx-1", "lisinopril", "Main Street", False)
    answer = await backends.pharmacy.request_refill(wish, call_id="unknown-call")
    assert answer.outcome is RefillOutcome.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("patient", "kind"), [("pt-1003", "refill-review"), ("pt-1009", "controlled-refill")]
)
async def test_whatever_decides_no_dangerous_medicine_is_proposed(
    backends: EmbeddedBackends, patient: str, kind: str
) -> None:
    wish = RequestRefill("r1", patient, f"{patient}-rx-1", "x", "Main Street", None)
    answer = await backends.pharmacy.request_refill(wish, call_id="unknown-call")
    assert answer.proposal_ref == ""
    (row,) = await queue(backends)
    assert row.kind == kind


async def test_another_strength_is_a_request_for_a_change(backends: EmbeddedBackends) -> None:
    await identify(backends, "C1")
    wish = RequestRefill("r1", "pt-1001", "pt-1001-rx-1", "lisinopril 20 mg", "Main Street", False)
    answer = await backends.pharmacy.request_refill(wish, call_id="C1")
    assert (answer.outcome, answer.proposal_ref) == (RefillOutcome.NEEDS_REVIEW, "")
    (row,) = await queue(backends)
    assert row.kind == "med-change-request"


async def test_another_patients_order_is_not_found(backends: EmbeddedBackends) -> None:
    for order in ("pt-1002-rx-1", "none", ""):
        wish = RequestRefill("r1", "pt-1001", order, "x", "Main Street", False)
        with pytest.raises(NotFound):
            await backends.pharmacy.request_refill(wish, call_id="C1")
    assert await queue(backends) == []


async def test_a_proposal_cannot_be_refilled(backends: EmbeddedBackends) -> None:
    answer = await request(backends, "pt-1001")
    wish = RequestRefill("r2", "pt-1001", answer.proposal_ref.split("/")[1], "x", "Main Street", False)
    with pytest.raises(NotFound):
        await backends.pharmacy.request_refill(wish, call_id="C1")


async def test_many_calls_at_once_make_one_request(many_processes: list[EmbeddedBackends]) -> None:
    answers = await asyncio.gather(
        *(request(many_processes[n % 4], "pt-1001", call=f"C{n}") for n in range(16))
    )
    assert len({answer.task_ref for answer in answers}) == 1
    assert sum(not answer.already_open for answer in answers) == 1


async def test_a_chart_without_fills_is_estimated_from_the_order(backends: EmbeddedBackends) -> None:
    order = (await backends.chart.read("MedicationRequest", "pt-1012-rx-1")).body
    await backends.chart.update({**order, "authoredOn": "2026-11-10"}, "pt-1012-rx-1")
    fill = (await backends.chart.read("MedicationDispense", "pt-1012-rx-1-fill-93")).body
    await backends.chart.update({**fill, "status": "cancelled"}, fill["id"])
    answer = await request(backends, "pt-1012", pharmacy="Elm Square")
    rules = {rule.rule: rule for rule in answer.rules}
    assert answer.outcome is RefillOutcome.NEEDS_REVIEW
    assert "estimated" in rules["not-too-soon"].detail


async def test_every_written_resource_speaks_of_its_own_instant(backends: EmbeddedBackends) -> None:
    answer = await request(backends, "pt-1001")
    proposal = await document(backends, answer.proposal_ref)
    assert datetime.fromisoformat(proposal["authoredOn"]) == NOW
