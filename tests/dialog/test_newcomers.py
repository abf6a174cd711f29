"""Somebody who is not known here: a first visit is asked for, held for a day, and left to staff."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dialog
from models.domain import (
    BookOpening,
    CallStarted,
    Disposition,
    Intent,
    Keys,
    OpenTask,
    RegisterPatient,
    TaskKind,
    VerifyIdentity,
    VisitType,
)
from tests.dialog.calls import PRACTICE, Backend, Call

FIRST = VisitType(
    "new-patient",
    "new patient visit",
    40,
    ("new patient",),
    preparation="Please bring your insurance card.",
    new_patients=True,
)


def newcomer(*, accepts: bool = True, number: str = "+15550107777", backend: Backend | None = None) -> Call:
    call = Call(backend, number=number)
    practice = replace(PRACTICE, visit_types=(*PRACTICE.visit_types, FIRST), accepts_new_patients=accepts)
    call.context = replace(call.context, practice=practice)
    call.says("I'm a new patient and want an appointment", Intent.SCHEDULE_BOOK, visit_type="new-patient")
    return call


def told(call: Call) -> None:
    """Who they are, as far as it is asked for."""
    call.says("Nora Quill")
    call.hears("birth date")
    call.says("June third nineteen seventy", dob="1970-06-03")
    call.hears("What insurance do you have?")
    call.says("Blue Cross, number 1 2 3 4 5 6")
    call.hears("What is the visit for?")
    call.says("just a checkup")
    call.hears("Did another doctor send you to us?")
    call.no()


def test_a_first_visit_is_asked_for_and_left_to_staff() -> None:
    call = newcomer()
    call.hears("Welcome. What is your full name")
    told(call)
    call.hears("What day and time would suit you?")
    call.says("any time")
    call.says("the first one", choice="o1")
    call.hears(
        "Nora Quill, born June third, nineteen seventy: a first visit with Doctor Chen on Tuesday, "
        "December first at two twenty PM. Shall I ask our staff to confirm it?"
    )
    assert call.ordered_of(RegisterPatient) == []
    call.yes()
    call.hears("I've asked our staff to confirm it; they will call you. Please bring your insurance card.")
    assert "booked" not in call.text
    [order] = call.ordered_of(RegisterPatient)
    assert (order.name, order.born.isoformat(), order.phone) == ("Nora Quill", "1970-06-03", "+15550107777")
    assert (order.insurance, order.reason, order.opening_id) == ("Blue Cross, number", "just a checkup", "o1")
    assert call.ordered_of(BookOpening) == call.ordered_of(VerifyIdentity) == []
    assert dialog.summary(call.state).disposition is Disposition.COMPLETED


def test_who_just_moved_here_and_says_hi_first_wants_a_first_visit() -> None:
    call = newcomer()
    other = Call()
    other.context = call.context
    other.says(
        "Hi, we just moved here from Ohio and I've never been to you, can I get in as a new patient?",
        Intent.GREETING,
    )
    other.hears("Welcome. What is your full name")


def test_a_long_sentence_that_begins_with_hello_is_no_greeting() -> None:
    call = Call()
    call.says("hello there we drove all the way in from Ohio and it took us so long", Intent.GREETING)
    assert "Hello." not in call.text
    call.hears("Sorry")


def test_a_practice_that_takes_nobody_says_so_and_takes_a_message() -> None:
    call = newcomer(accepts=False)
    call.hears("I'm sorry, we're not taking new patients right now. I can take a message")
    call.says("please call me when you do")
    call.yes()
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.ROUTINE_MESSAGE
    assert call.ordered_of(RegisterPatient) == []


def test_found_out_to_be_new_when_asked_who_they_are() -> None:
    call = newcomer()
    other = Call()
    other.context = call.context
    other.says("I want to book a visit", Intent.SCHEDULE_BOOK)
    other.hears("May I have your full name?")
    other.says("I've never been there, I'm a new patient", Intent.SCHEDULE_BOOK, visit_type="new-patient")
    other.hears("Welcome. What is your full name")
    told(other)
    other.says("any time")
    other.says("the first one", choice="o1")
    other.yes()
    other.hears("Is there anything else")  # and not back to the visit it began with


@pytest.mark.parametrize(
    "said",
    [
        "I've never been there before",
        "I'm not a patient yet",
        "this is my first time",
        "um I'm actually a new patient",
        "oh it's my first visit there",
        "I've never been to your office",
    ],
)
@pytest.mark.parametrize("asked", ["name", "birth date"])
def test_who_says_late_that_they_are_new_is_no_refused_identity(said: str, asked: str) -> None:
    call = newcomer()
    call.state = dialog.start("call-1")
    call.event(CallStarted())
    call.says("I want to see somebody Thursday", Intent.SCHEDULE_BOOK, weekday=3)
    call.hears("May I have your full name?")
    if asked == "birth date":
        call.says("Nora Quill", name="Nora Quill")
        call.hears("date of birth")
    call.says(said)
    call.hears("Welcome.", "birth date" if asked == "birth date" else "What is your full name")
    assert call.state.flow == "newcomer"
    assert call.state.slots["weekday"] == "3"  # what was said is not asked again
    assert call.ordered_of(VerifyIdentity) == []


def test_a_newcomer_with_a_symptom_is_asked_about_danger_first() -> None:
    call = newcomer()
    call.state = dialog.start("call-1")
    call.event(CallStarted())
    words = "my knee has been sore, this is my first time"
    call.says(words, Intent.SYMPTOM_REPORT, symptom="knee pain")
    call.hears("Welcome. What is your full name")
    call.says("Nora Quill")
    call.says("June third nineteen seventy", dob="1970-06-03")
    call.says("Medicare")
    call.hears("Do you have chest pain or trouble breathing right now?")  # and not what the visit is for
    call.no()
    call.hears("Did another doctor send you to us?")


def test_a_mother_is_asked_for_her_sons_name() -> None:
    call = newcomer()
    call.state = dialog.start("call-1")
    call.event(CallStarted())
    words = "my son has a cough, we've never been there"
    call.says(f"I'm calling for my son, {words}", Intent.SYMPTOM_REPORT, symptom="cough")
    call.hears("Welcome. What is the patient's full name, first and last?")
    call.says("Tim Stone")
    call.hears("And what is the patient's birth date?")


@pytest.mark.parametrize("said", ["I'd like to sign up", "I want to establish care", "I need to register"])
def test_other_words_for_becoming_a_patient(said: str) -> None:
    call = newcomer()
    call.state = dialog.start("call-1")
    call.event(CallStarted())
    call.says(said, Intent.SCHEDULE_BOOK)
    call.hears("Welcome.")


@pytest.mark.parametrize(
    "said", ["I'm not a new patient", "it's the first time my knee hurt", "I've never been to a specialist"]
)
def test_words_that_only_sound_like_a_newcomers(said: str) -> None:
    call = newcomer()
    call.state = dialog.start("call-1")
    call.event(CallStarted())
    call.says("I want an appointment", Intent.SCHEDULE_BOOK)
    call.says(said)
    assert call.state.flow == "book"


def test_a_refill_is_no_wish_of_somebody_unknown() -> None:
    """The first visit comes before any prescription; what was wanted is its reason."""
    call = newcomer()
    call.state = dialog.start("call-1")
    call.event(CallStarted())
    call.says("I need a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.says("I've never been there before")
    call.hears("Welcome. What is your full name")
    assert call.state.slots["reason"] == "I need a refill of lisinopril"


def test_a_symptom_is_screened_before_anything_is_offered() -> None:
    call = newcomer()
    call.says("Nora Quill")
    call.says("June third nineteen seventy", dob="1970-06-03")
    call.says("Medicare")
    call.says("my knee hurts when I walk", symptom="knee pain")
    call.hears("Do you have chest pain or trouble breathing right now?")
    call.yes()
    call.hears("911")
    assert call.ordered_of(RegisterPatient) == []


def test_a_withheld_number_is_asked_for() -> None:
    call = newcomer(number="")
    call.says("Nora Quill")
    call.says("June third nineteen seventy", dob="1970-06-03")
    call.hears("What number can our staff call you at?")
    call.event(Keys("5550101234"))
    call.hears("What insurance do you have?")


def test_a_time_that_is_taken_meanwhile_brings_others() -> None:
    backend = Backend()
    call = newcomer(backend=backend)
    told(call)
    call.says("any time")
    backend.gone.add("o1")
    call.says("the first one", choice="o1")
    call.hears("I'm sorry, that time was just taken.", "I have Thursday, December third")


def test_the_schedule_out_of_reach_leaves_what_was_said_to_staff() -> None:
    call = newcomer(backend=Backend(failing=(RegisterPatient,)))
    told(call)
    call.says("any time")
    call.says("the first one", choice="o1")
    call.yes()
    call.hears("I'm sorry, I can't reach our system right now.")
    [task] = call.ordered_of(OpenTask)
    assert task.kind is TaskKind.PENDING_REGISTRATION
    assert "Nora Quill" in task.summary


def test_staff_hear_of_a_wheelchair() -> None:
    call = newcomer()
    told(call)
    call.says("any time, I use a wheelchair")
    call.says("the first one", choice="o1")
    call.yes()
    assert call.ordered_of(RegisterPatient)[0].needs == "any time, I use a wheelchair"
