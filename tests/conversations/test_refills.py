"""Refills by keyboard on the demo practice: every outcome, its rules, its task and the rows in the chart."""

from __future__ import annotations

from typing import Any

import pytest

from models.desk import open_tasks
from models.domain import AboutRefill, AddToRefill, RefillAnswered, RefillOutcome
from models.tables import StaffTask
from tests.conversations.conftest import MARIA, ROBERT, KeyboardCall, Line

LINDA, ANNA, THOMAS, SOFIA = "+16175550136", "+16175550132", "+16175550137", "+16175550138"
WHO = {
    MARIA: ("Maria Lopez", "March 5 1981"),
    ROBERT: ("Robert Smith", "July 12 1949"),
    LINDA: ("Linda Nguyen", "December 24 1985"),
    ANNA: ("Anna-Maria Keller-Jones", "November 2 1990"),
    THOMAS: ("Thomas O'Brien", "February 29 1960"),
    SOFIA: ("Sofia Rossi", "June 17 1994"),
}


async def caller(line: Line, number: str, first: str, *rest: str) -> KeyboardCall:
    call = await line.call(number)
    await call.all_of(first, *WHO[number], *rest)
    return call


def answers(call: KeyboardCall) -> list[RefillAnswered]:
    done = call.keyboard.conversation.done
    return [result for _, result in done if isinstance(result, RefillAnswered)]


async def queue(call: KeyboardCall) -> dict[str, StaffTask]:
    return {task.kind: task for task in await call.services.storage.read(open_tasks)}


async def task_of(call: KeyboardCall, answer: RefillAnswered) -> dict[str, Any]:
    (task,) = await call.chart("Task", _id=answer.task_ref.removeprefix("Task/"))
    return task


async def keeps_every_rule(call: KeyboardCall, answer: RefillAnswered) -> None:
    """The task holds what every rule said."""
    task = await task_of(call, answer)
    stored = {item["type"]["text"] for item in task["input"]}
    assert {f"rule {rule.rule}" for rule in answer.rules} <= stored
    assert len(answer.rules) > 12


OUTCOMES = [
    (MARIA, "lisinopril at Main Street", RefillOutcome.READY_FOR_APPROVAL, "", "refill-review", "care team"),
    (ROBERT, "warfarin at Main Street", RefillOutcome.REFUSED_AUTOMATION, "not-high-risk", "refill-review",
     "I've passed this one to a person on the care team."),
    (LINDA, "alprazolam at Main Street", RefillOutcome.REFUSED_AUTOMATION, "not-controlled",
     "controlled-refill", "I've passed this one to a person on the care team."),
    (ANNA, "levothyroxine at Elm Square", RefillOutcome.NEEDS_REVIEW, "labs-recent", "refill-review",
     "They may ask for a test first."),
    (ROBERT, "atorvastatin at Main Street", RefillOutcome.NEEDS_REVIEW, "not-too-soon",
     "refill-too-soon-question", "Do you need it early for a reason"),
    (THOMAS, "amlodipine at Harbor Drugs", RefillOutcome.BRIDGE_SUGGESTED, "visit-recent", "refill-review",
     "Shall we book that visit now?"),
    (MARIA, "lisinopril at Harbor Drugs", RefillOutcome.NEEDS_REVIEW, "pharmacy-on-file", "refill-review",
     "care team"),
    (MARIA, "lisinopril twenty milligrams at Main Street", RefillOutcome.NEEDS_REVIEW, "dose-matches",
     "med-change-request", "care team"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "asked", "outcome", "rule", "kind", "told"), OUTCOMES, ids=[row[1] for row in OUTCOMES]
)
async def test_each_outcome_is_told_and_written(
    line: Line, number: str, asked: str, outcome: RefillOutcome, rule: str, kind: str, told: str
) -> None:
    call = await caller(line, number, f"I need a refill of {asked}", "no", "yes")
    (answer,) = answers(call)
    assert (answer.outcome, answer.decided_by) == (outcome, rule)
    assert told in call.heard[-1]
    assert "approved" not in " ".join(call.heard)
    await keeps_every_rule(call, answer)
    assert (await queue(call))[kind].resource_ref == answer.task_ref
    proposals = await call.chart("MedicationRequest", intent="proposal")
    assert [f"MedicationRequest/{one['id']}" for one in proposals] == [
        ref for ref in (answer.proposal_ref,) if ref
    ]


async def test_refills_left_are_for_the_pharmacy_and_nobody_else(line: Line) -> None:
    call = await caller(line, SOFIA, "refill of montelukast at Main Street", "no", "yes")
    assert "The pharmacy still has refills for you; please ask them to fill it." in call.heard[-1]
    assert answers(call)[0].outcome is RefillOutcome.PHARMACY_HAS_REFILLS
    assert await queue(call) == {}
    (sent,) = await call.chart("Task", code="fulfill")
    words = {item["type"]["text"]: item["valueString"] for item in sent["input"]}
    assert (words["status"], words["RefillsRemaining"]) == ("FillRequested", "4")


async def test_a_new_problem_is_for_a_person_now(line: Line) -> None:
    call = await caller(line, MARIA, "refill of lisinopril at Main Street", "it gives me a dry cough", "yes")
    (answer,) = answers(call)
    assert answer.outcome is RefillOutcome.HUMAN_NOW
    tasks = await queue(call)
    assert set(tasks) == {"nurse-now"}
    assert "dry cough" in tasks["nurse-now"].summary
    assert "connecting you" in call.heard[-1]


@pytest.mark.parametrize(
    "said",
    [
        "I only have two pills left",
        "I'll run out tomorrow",
        "oh I think I got like 3 left",
        "im gonna be out by thursday",
        "that wont last me till then",
        "i have like two pills",
    ],
)
async def test_who_tells_at_the_end_that_it_runs_out_is_heard(line: Line, said: str) -> None:
    """The care team hears of it on the request that was just sent, in the caller's words."""
    call = await caller(line, MARIA, "refill of lisinopril", "no", "main street", "yes")
    assert "tell me if you will run out before then" in call.heard[-1]
    await call.says(said)
    assert call.heard[-1].startswith(("I've added that for the care team.", "Our team will call you today."))
    (added,) = [action for action, _ in call.keyboard.conversation.done if isinstance(action, AddToRefill)]
    assert (added.about, added.words) == (AboutRefill.RUNS_OUT, said)


async def test_two_of_one_sentence_are_two_tasks_and_one_note(line: Line) -> None:
    first = "I need warfarin and atorvastatin, both at Main Street"
    call = await caller(line, ROBERT, first, "no", "yes")
    assert "I've sent atorvastatin to the care team. A person needs to look at warfarin." in call.heard[-1]
    await call.says("I am travelling next week")
    assert "I've added that for the care team." in call.heard[-1]
    await call.says("I only have two pills left")
    assert "Our team will call you today." in call.heard[-1], "warfarin must not be missed"
    tasks = await queue(call)
    assert "travelling" in tasks["refill-too-soon-question"].summary
    assert "two pills left" in tasks["same-day-callback"].summary
    record = await call.hangs_up()
    assert len([done for done in record.done if isinstance(done.result, RefillAnswered)]) == 2
    assert len(await call.chart("DocumentReference", patient="Patient/pt-1003")) == 1


async def test_the_visit_that_is_due_is_booked_in_the_same_call(line: Line) -> None:
    call = await caller(line, THOMAS, "refill of my blood pressure pill, usual pharmacy", "yes", "no", "yes")
    assert "Shall we book that visit now?" in call.heard[-1]
    (answer,) = answers(call)
    assert (answer.outcome, answer.decided_by) == (RefillOutcome.NEEDS_REVIEW, "order-named")
    assert "amlodipine" not in " ".join(call.heard).lower()
    await call.all_of("yes", "any time", "the first one", "yes")
    visits = await call.chart("Appointment", patient="Patient/pt-1010")
    assert [visit["status"] for visit in visits] == ["booked"]


async def test_the_next_call_knows_the_open_request_and_asks_once(line: Line) -> None:
    await (await caller(line, MARIA, "refill of lisinopril at Main Street", "no", "yes")).hangs_up()
    call = await caller(line, MARIA, "I need a refill")
    assert "You have an open request with the care team. Are you calling about that?" in call.heard[-1]
    await call.says("yes")
    assert "Your open request is with the care team." in call.heard[-1]
    assert "lisinopril" not in " ".join(call.heard).lower()
    assert answers(call) == []


async def test_a_pharmacy_of_no_list_goes_to_review_with_its_street(line: Line) -> None:
    call = await caller(line, MARIA, "refill of lisinopril", "no", "Walgreens", "Elm Street", "yes")
    (answer,) = answers(call)
    assert answer.decided_by == "pharmacy-on-file"
    assert "walgreens on elm street" in (await queue(call))["refill-review"].summary


async def test_what_is_taken_beside_it_is_screened(line: Line) -> None:
    call = await caller(line, ROBERT, "refill of warfarin at Main Street", "no", "I also take ibuprofen")
    assert "I'll pass on what else you take. A refill of warfarin" in call.heard[-1]
    await call.says("yes")
    assert (await queue(call))["interaction-review"]
    (issue,) = await call.chart("DetectedIssue", patient="Patient/pt-1003")
    assert "warfarin with ibuprofen" in issue["detail"]
    assert "ibuprofen" not in call.heard[-1]


@pytest.mark.parametrize("number", [MARIA, ROBERT])
async def test_one_refill_takes_at_most_five_answers_after_identity(line: Line, number: str) -> None:
    medicine = {MARIA: "lisinopril", ROBERT: "warfarin"}[number]
    call = await caller(line, number, "I need a refill")
    said = 0
    for words in (medicine, "no", "my usual pharmacy", "yes"):
        await call.says(words)
        said += 1
    assert len(answers(call)) == 1
    assert said <= 5
