"""Refills: the happy path, corrections, the chart kept closed, every outcome's words."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dialog
from models.domain import (
    Disposition,
    Entity,
    HungUp,
    Intent,
    Medicine,
    OpenTask,
    RefillOutcome,
    RequestRefill,
    TaskKind,
    TransferCall,
)
from tests.dialog.calls import MARIA, Backend, Call


def refill_call(backend: Backend | None = None, *, staff: bool = True) -> Call:
    call = Call(backend, staff=staff)
    call.says("I need a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    return call


def test_a_refill_from_greeting_to_goodbye() -> None:
    call = Call()
    call.hears("Thank you for calling Maple Street Family Practice.", "How can I help?")
    call.says("I need a refill", Intent.REFILL_REQUEST)
    call.hears("May I have your full name?")
    call.says("Maria Lopez", name="Maria Lopez")
    call.hears("And what is your date of birth?")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.hears("Which medication would you like refilled?")
    call.says("lisinopril", drug="lisinopril")
    call.hears("Any new problems or side effects with it?")
    call.no()
    call.hears("Which pharmacy should we use?")
    call.says("Main Street", pharmacy="Main Street Pharmacy")
    call.hears("A refill of lisinopril, at Main Street Pharmacy. Is that right?")
    assert call.ordered_of(RequestRefill) == []
    call.yes()
    call.hears("I've sent this to the care team.", "48 hours", "Is there anything else")
    call.no()
    call.hears("You've been speaking with an AI assistant.", "Goodbye.")
    [request] = call.ordered_of(RequestRefill)
    assert (request.order_id, request.said, request.pharmacy) == ("m1", "lisinopril", "Main Street Pharmacy")
    assert request.new_problem is False
    assert dialog.summary(call.state).disposition is Disposition.COMPLETED
    assert dialog.summary(call.state).reason == "I need a refill"


@pytest.mark.parametrize("text", ["whatever", "sounds about right", "well, you know it"])
def test_a_yes_that_nobody_read_in_the_words_sends_nothing(text: str) -> None:
    call = refill_call()
    call.no()
    call.says("Main Street", pharmacy="Main Street Pharmacy")
    call.says(text, Intent.AFFIRM)
    assert call.ordered_of(RequestRefill) == []
    call.hears("Is that right, yes or no?")
    call.yes()
    assert len(call.ordered_of(RequestRefill)) == 1


def test_a_wish_dropped_at_the_yes_is_dropped_and_not_changed() -> None:
    call = refill_call()
    call.no()
    call.says("Main Street", pharmacy="Main Street Pharmacy")
    call.says("No, I don't want it after all, I'll call back", Intent.DENY, yes_no=False)
    call.hears("All right, I've left it as it is.")
    assert call.ordered_of(RequestRefill) == []
    assert call.state.flow == ""


def test_all_in_one_breath_is_not_asked_again() -> None:
    call = Call()
    call.says(
        "this is Maria Lopez born March fifth 1981, lisinopril at Oak Drugs please",
        Intent.REFILL_REQUEST,
        name="Maria Lopez",
        dob="1981-03-05",
        drug="lisinopril",
        pharmacy="Oak Drugs",
    )
    call.hears("Any new problems")
    call.no()
    call.hears("A refill of lisinopril, at Oak Drugs. Is that right?")


def test_a_correction_at_the_confirmation_is_read_back_before_anything_is_sent() -> None:
    call = refill_call()
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.says("no, at Main Street", Intent.DENY, yes_no=False, pharmacy="Main Street Pharmacy")
    call.hears("A refill of lisinopril, at Main Street Pharmacy. Is that right?")
    call.no()
    call.hears("What should I change?")
    call.says("the pharmacy")
    call.hears("Which pharmacy should we use?")
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.says("yes, at Main Street", Intent.AFFIRM, yes_no=True, pharmacy="Main Street Pharmacy")
    call.hears("at Main Street Pharmacy. Is that right?")
    assert call.ordered_of(RequestRefill) == []
    call.yes()
    assert call.ordered_of(RequestRefill)[0].pharmacy == "Main Street Pharmacy"


def test_a_brand_name_is_said_back_as_the_caller_said_it() -> None:
    call = Call()
    heard = Entity("lisinopril", (10, 17), 0.9)
    call.says("refill my Zestril", Intent.REFILL_REQUEST, drug=heard)
    call.identifies()
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.hears("A refill of zestril, at Oak Drugs.")


def test_a_doubtful_name_is_asked_back() -> None:
    verapamil = Medicine("m4", "verapamil", "verapamil 80 MG Oral Tablet")
    call = Call(Backend(patient=replace(MARIA, medicines=(*MARIA.medicines, verapamil))))
    call.says("refill", Intent.REFILL_REQUEST)
    call.identifies()
    call.says("verapamil", drug=("verapamil", 0.4))
    call.hears("Did you say verapamil?")
    call.no()
    call.hears("Which medication would you like refilled?")
    call.says("verapamil", drug=("verapamil", 0.4))
    call.yes()
    call.hears("Any new problems")


def test_a_medicine_that_is_not_on_the_chart_goes_to_the_care_team() -> None:
    call = Call()
    call.says("a refill of warfarin", Intent.REFILL_REQUEST, drug="warfarin")
    call.identifies()
    call.hears("Could you spell it for me, or say it once more?")
    call.says("warfarin", drug="warfarin")
    call.hears("I'll pass that to the care team.", "I've passed it on.")
    [task] = call.ordered_of(OpenTask)
    assert task.kind is TaskKind.MED_CHANGE_REQUEST
    assert "warfarin" in task.summary
    assert call.ordered_of(RequestRefill) == []


def test_two_strengths_of_one_medicine_are_told_apart_by_the_caller() -> None:
    both = (*MARIA.medicines, Medicine("m3", "lisinopril", "lisinopril 20 MG Oral Tablet"))
    patient = MARIA.__class__("pat-1", "Maria", MARIA.level, both)
    call = refill_call(Backend(patient=patient))
    call.hears("Which strength do you take?")
    call.says("twenty milligrams", strength="20 mg")
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.yes()
    assert call.ordered_of(RequestRefill)[0].order_id == "m3"


def test_the_usual_pharmacy_is_used_but_its_name_is_not_told() -> None:
    call = refill_call()
    call.no()
    call.says("my usual one")
    call.hears("at your usual pharmacy. Is that right?")
    assert "Oak" not in call.text
    call.yes()
    assert call.ordered_of(RequestRefill)[0].pharmacy == "Oak Drugs"


def test_a_new_problem_reaches_a_person_the_same_day() -> None:
    call = refill_call(Backend(refill=RefillOutcome.HUMAN_NOW), staff=False)
    call.yes()
    call.hears("What has been happening?")
    call.says("my ankles are a bit puffy")
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.yes()
    call.hears("Our team will call you today.")
    assert call.ordered_of(RequestRefill)[0].new_problem is True, "the request makes it a nurse's matter"
    assert not call.ordered_of(OpenTask), "two people would call back"


@pytest.mark.parametrize("ends", ["hangs up", "turns to something else", "never mind", "goodbye"])
def test_a_new_problem_of_a_request_that_was_never_made_is_told_to_staff(ends: str) -> None:
    call = refill_call(staff=False)
    call.says("yes, my ankles are a bit puffy", Intent.AFFIRM, yes_no=True)
    match ends:
        case "turns to something else":
            call.says("and when is my visit?", Intent.SCHEDULE_LOOKUP)
        case "never mind":
            call.says("never mind")
        case "goodbye":
            call.says("goodbye", Intent.GOODBYE)
    call.event(HungUp())
    [task] = call.ordered_of(OpenTask)
    assert (task.kind, task.patient_id) == (TaskKind.SAME_DAY_CALLBACK, "pat-1")
    assert "puffy" in task.summary


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (RefillOutcome.READY_FOR_APPROVAL, "I've sent this to the care team."),
        (RefillOutcome.NEEDS_REVIEW, "I've sent this to the care team."),
        (RefillOutcome.PHARMACY_HAS_REFILLS, "please ask them to fill it"),
        (RefillOutcome.BRIDGE_SUGGESTED, "They may ask you to come in for a visit."),
        (RefillOutcome.REFUSED_AUTOMATION, "I've passed this one to a person on the care team."),
        (RefillOutcome.HUMAN_NOW, "I'm connecting you with our staff now."),
    ],
)
def test_the_words_for_each_outcome(outcome: RefillOutcome, words: str) -> None:
    call = refill_call(Backend(refill=outcome))
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.yes()
    call.hears(words)
    assert "approved" not in call.text
    assert bool(call.ordered_of(TransferCall)) == (outcome is RefillOutcome.HUMAN_NOW)


def test_a_pharmacy_system_that_fails_leaves_a_task_and_no_claim() -> None:
    call = refill_call(Backend(failing=(RequestRefill,)))
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.yes()
    call.hears("I can't reach our system right now.", "I've passed it on.")
    assert "sent" not in call.text
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.REFILL_REVIEW


def test_another_hearing_that_is_on_the_chart_is_asked_about_never_taken() -> None:
    call = Call()
    call.says("refill", Intent.REFILL_REQUEST)
    call.identifies()
    call.says("risinopril", drug=Entity("risperidone", (0, 10), 0.9, ("lisinopril",)))
    call.hears("I heard lisinopril. Please spell its name, or tell me the strength on the label.")
    call.no()
    call.hears("Which medication would you like refilled?")
    assert call.ordered_of(RequestRefill) == []


def test_a_lay_name_stays_one() -> None:
    water = Medicine("m5", "furosemide", "furosemide 20 MG Oral Tablet", ())
    call = Call(Backend(patient=MARIA.__class__("pat-1", "Maria", MARIA.level, (water,))))
    call.says("refill", Intent.REFILL_REQUEST)
    call.identifies()
    call.says("my water pill", drug=Entity("furosemide", (3, 13), 0.75))
    call.hears("Your water pill, is that right?")
    call.yes()
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.hears("A refill of your water pill, at Oak Drugs.")
