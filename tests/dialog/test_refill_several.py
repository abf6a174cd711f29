"""Several medicines in one call: each its own request, the shared questions asked once, one yes for all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.domain import (
    Intent,
    Medicine,
    OpenTask,
    RefillAnswered,
    RefillOutcome,
    RequestRefill,
    TaskKind,
)
from tests.dialog.calls import MARIA, Backend, Call

OWN = (
    *MARIA.medicines,
    Medicine("m3", "furosemide", "furosemide 20 MG Oral Tablet", ("lasix", "water pill")),
    Medicine("m4", "omeprazole", "omeprazole 20 MG Oral Capsule", ("prilosec",)),
    Medicine("m5", "verapamil", "verapamil 80 MG Oral Tablet"),
)
PATIENT = replace(MARIA, medicines=OWN)
BOTH = "lisinopril and metformin, both at Oak Drugs"


def both(backend: Backend | None = None) -> Call:
    call = Call(backend or Backend(patient=PATIENT))
    call.says(BOTH, Intent.REFILL_REQUEST, drug="lisinopril", drug_2="metformin", pharmacy="Oak Drugs")
    call.identifies()
    return call


def asked_for(call: Call) -> list[str]:
    return [request.order_id for request in call.ordered_of(RequestRefill)]


def test_two_in_one_sentence_are_two_requests_and_one_yes() -> None:
    call = both()
    call.hears("Any new problems or side effects with them?")
    call.no()
    call.hears("A refill of lisinopril and metformin, at Oak Drugs. Is that right?")
    assert asked_for(call) == []
    call.yes()
    call.hears("I've sent lisinopril and metformin to the care team.", "48 hours", "anything else")
    assert asked_for(call) == ["m1", "m2"]
    assert {request.pharmacy for request in call.ordered_of(RequestRefill)} == {"Oak Drugs"}


def test_one_more_is_added_at_a_later_question() -> None:
    call = both()
    call.says("no, and also my water pill", Intent.DENY, yes_no=False, drug="furosemide")
    call.hears("Your water pill, is that right?")
    call.yes()
    call.hears("A refill of lisinopril, metformin and your water pill, at Oak Drugs. Is that right?")
    call.yes()
    assert asked_for(call) == ["m1", "m2", "m3"]
    assert [request.described for request in call.ordered_of(RequestRefill)] == [False, False, True]


def test_one_more_at_the_confirmation_is_read_out_again() -> None:
    call = both()
    call.no()
    call.says("yes and also omeprazole", Intent.AFFIRM, yes_no=True, drug="omeprazole")
    call.hears("A refill of lisinopril, metformin and omeprazole, at Oak Drugs. Is that right?")
    assert asked_for(call) == []


def test_one_is_taken_off_at_the_confirmation() -> None:
    call = both()
    call.no()
    call.says("no, not the metformin", Intent.DENY, yes_no=False)
    call.hears("A refill of lisinopril, at Oak Drugs. Is that right?")
    call.yes()
    assert asked_for(call) == ["m1"]


def test_a_strength_stays_with_its_own_medicine() -> None:
    call = Call(Backend(patient=PATIENT))
    text = "lisinopril ten milligrams and metformin five hundred milligrams"
    call.says(text, Intent.REFILL_REQUEST, drug="lisinopril", drug_2="metformin", strength="500 mg")
    call.identifies()
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.hears("A refill of lisinopril 10 milligrams and metformin 500 milligrams, at Oak Drugs.")
    call.yes()
    first, second = call.ordered_of(RequestRefill)
    assert ("ten milligrams" in first.taking, "five hundred" in second.taking) == (True, True)
    assert "five hundred" not in first.taking


def test_each_outcome_is_told_of_its_own_medicine() -> None:
    answers = {
        "m1": RefillAnswered(RefillOutcome.PHARMACY_HAS_REFILLS, "", ""),
        "m2": RefillAnswered(RefillOutcome.REFUSED_AUTOMATION, "", "Task/2"),
        "m4": RefillAnswered(RefillOutcome.NEEDS_REVIEW, "", "Task/4"),
    }
    call = both(Backend(patient=PATIENT, refills=answers))
    call.says("no, and omeprazole too", Intent.DENY, yes_no=False, drug="omeprazole")
    call.yes()
    call.hears(
        "I've sent omeprazole to the care team, and a person needs to look at metformin.",
        "The pharmacy still has refills of lisinopril; please ask them to fill it.",
    )
    assert "48 hours" not in call.text


def test_a_failure_of_one_is_told_and_left_for_staff() -> None:
    call = both(Backend(patient=PATIENT, failing_orders=("m2",)))
    call.no()
    call.yes()
    call.hears("I could not send metformin", "The care team has lisinopril.")
    [task] = call.ordered_of(OpenTask)
    assert (task.kind, "metformin" in task.summary) == (TaskKind.REFILL_REVIEW, True)


def test_when_all_fail_nothing_is_called_sent() -> None:
    call = both(Backend(patient=PATIENT, failing=(RequestRefill,)))
    call.no()
    call.yes()
    call.hears("I can't reach our system right now.", "I've passed it on.")
    assert "sent" not in call.text
    [task] = call.ordered_of(OpenTask)
    assert "lisinopril and metformin" in task.summary


def test_one_that_is_not_on_the_chart_goes_to_the_care_team_and_the_other_goes_on() -> None:
    call = Call(Backend(patient=PATIENT))
    call.says("warfarin and lisinopril", Intent.REFILL_REQUEST, drug="warfarin", drug_2="lisinopril")
    call.identifies()
    call.hears("Could you spell it for me, or say it once more?")
    call.says("warfarin", drug="warfarin")
    call.hears("I'll pass that to the care team.", "Any new problems or side effects with it?")
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.hears("A refill of lisinopril, at Oak Drugs.")
    call.yes()
    assert asked_for(call) == ["m1"]
    assert [task.kind for task in call.ordered_of(OpenTask)] == [TaskKind.MED_CHANGE_REQUEST]


def test_a_plain_request_that_was_read_as_beyond_us_is_heard_all_the_same() -> None:
    call = Call(Backend(patient=PATIENT))
    call.says("I need a refill of omeprazole", Intent.OUT_OF_SCOPE, drug="omeprazole")
    call.hears("May I have your full name?")
    call.identifies()
    call.hears("Any new problems or side effects with it?")


def test_the_next_request_of_a_call_knows_the_pharmacy() -> None:
    call = both()
    call.no()
    call.yes()
    call.says("and a refill of omeprazole", Intent.REFILL_REQUEST, drug="omeprazole")
    call.hears("Any new problems or side effects with it?")
    call.no()
    call.hears("A refill of omeprazole, at Oak Drugs. Is that right?")
    call.yes()
    assert asked_for(call) == ["m1", "m2", "m4"]


@pytest.mark.parametrize("count", [7, 14])
def test_a_list_too_long_to_keep_in_mind_goes_to_a_person(count: int) -> None:
    names = [f"medicine{number}" for number in range(1, count + 1)]
    drugs = {"drug" if n == 1 else f"drug_{n}": name for n, name in enumerate(names, start=1)}
    call = Call(Backend(patient=PATIENT))
    call.says(" and ".join(names), Intent.REFILL_REQUEST, **drugs)
    call.identifies()
    call.hears("That is a long list, so our staff will go over it with you.", "I've passed it on.")
    [task] = call.ordered_of(OpenTask)
    assert all(name in task.summary for name in names)
    assert asked_for(call) == []
