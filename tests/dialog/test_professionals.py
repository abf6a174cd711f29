"""Pharmacies, hospitals, laboratories, other offices: put through first, or their message word for word."""

from __future__ import annotations

import pytest

from dialog.flows import professional
from models.domain import (
    CallStarted,
    Disposition,
    HungUp,
    Intent,
    OpenTask,
    PageStaff,
    Priority,
    TaskKind,
    TransferCall,
    VerifyIdentity,
)
from tests.dialog.calls import Call, meaning

CRITICAL = "calling from Mercy lab with a critical potassium of 6.8"


def calls(words: str, *, staff: bool) -> Call:
    call = Call(staff=staff)
    call.says(words, Intent.PROFESSIONAL_CALLER)
    return call


def test_in_office_hours_they_are_put_through_at_once() -> None:
    call = calls("this is CVS about a prescription", staff=True)
    call.hears("I'm connecting you with our staff now.")
    (transfer,) = call.ordered_of(TransferCall)
    assert transfer.reason == "Professional caller: this is CVS about a prescription"
    assert call.ordered_of(PageStaff) == []


def test_a_critical_result_pages_leaves_a_task_and_goes_through_first() -> None:
    call = calls(CRITICAL, staff=True)
    call.hears("I'm letting the clinician on call know right now.", "I'm connecting you")
    (page,), (task,), (transfer,) = map(call.ordered_of, (PageStaff, OpenTask, TransferCall))
    assert page.summary == f"Critical result by telephone. Caller's words: {CRITICAL}"
    assert (task.kind, task.priority) == (TaskKind.NURSE_NOW, Priority.STAT)
    assert transfer.urgent
    call.event(HungUp())
    assert call.ordered_of(OpenTask) == [task], "one result is one task"


def test_after_hours_their_message_is_taken_word_for_word() -> None:
    call = calls("this is CVS about a prescription", staff=False)
    call.hears("Our office is closed right now. Who is calling, and from where?")
    call.says("Kelly at the CVS on Main Street", pharmacy="Main Street Pharmacy")
    call.hears("Which patient is it about?")
    call.says("Maria Lopez, March fifth eighty one", name="Maria Lopez", dob="1981-03-05")
    call.hears("What is the message?")
    call.says("we are out of lisinopril ten, can we give twenties halved", Intent.MEDICATION_QUESTION)
    call.hears("What number can we call you back on?")
    call.says("617 555 0160", phone="+16175550160")
    call.hears(
        "I have: we are out of lisinopril ten, can we give twenties halved,"
        " and we call you back at six one seven, five five five, oh one six oh. Is that right?"
    )
    call.yes()
    call.hears("I've passed it on.")
    (task,) = call.ordered_of(OpenTask)
    assert (task.kind, task.priority) == (TaskKind.ROUTINE_MESSAGE, Priority.URGENT)
    assert task.callback_number == "+16175550160"
    assert task.summary == (
        "Professional caller: Kelly at the CVS on Main Street. About: Maria Lopez, March fifth eighty one."
        " Message: we are out of lisinopril ten, can we give twenties halved."
    )
    assert task.patient_id == "", "nobody was verified, so nothing is filed in a chart"
    assert call.ordered_of(VerifyIdentity) == []


def test_after_hours_a_critical_result_wakes_somebody_before_a_question_is_asked() -> None:
    call = calls(CRITICAL, staff=False)
    assert call.ordered_of(PageStaff)
    call.hears("I'm letting the clinician on call know right now. Who is calling, and from where?")
    call.event(HungUp())
    (task,) = call.ordered_of(OpenTask)
    assert (task.kind, task.priority) == (TaskKind.NURSE_NOW, Priority.STAT)
    assert CRITICAL in task.summary


def test_the_message_may_be_put_right() -> None:
    call = calls("this is CVS about a prescription", staff=False)
    for words in ("Kelly", "Maria Lopez", "please call"):
        call.says(words)
    call.says("617 555 0160", phone="+16175550160")
    call.no()
    call.hears("What should I change?")
    call.says("please call before noon")
    call.hears("I have: please call before noon, and we call you back at")


@pytest.mark.parametrize(
    ("words", "intents", "is_one"),
    [
        ("hi this is Walgreens on Main Street", (), True),
        ("this is Doctor Smith's office", (), True),
        ("hello I'm calling from Mercy lab", (Intent.GREETING,), True),
        ("it's from the hospital lab", (), True),
        ("this is quest diagnostics", (Intent.OUT_OF_SCOPE,), True),
        ("I'm calling from the hospital, I need a follow up", (Intent.SCHEDULE_BOOK,), False),
        ("this is Maria Lopez", (), False),
        ("I'm at the pharmacy and they have no refills", (Intent.REFILL_STATUS,), False),
        ("my clinic is closed", (), False),
    ],
)
def test_known_by_their_words(words: str, intents: tuple[Intent, ...], is_one: bool) -> None:
    assert professional.named(meaning(words, intents)) is is_one


def test_a_call_that_nobody_takes_is_called_back() -> None:
    call = calls(CRITICAL, staff=True)
    call.event(CallStarted(resumed=True))
    kinds = [task.kind for task in call.ordered_of(OpenTask)]
    assert kinds == [TaskKind.NURSE_NOW, TaskKind.SAME_DAY_CALLBACK]
    assert call.state.disposition is Disposition.MESSAGE_TAKEN


def test_what_staff_heard_themselves_is_no_task() -> None:
    call = calls("this is CVS about a prescription", staff=True)
    call.event(HungUp())
    assert call.ordered_of(OpenTask) == []
