"""The one-time code: asked for only where it is needed, and what is read out once it was right."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dialog
from models.domain import (
    CheckCode,
    Disposition,
    ExpectationKind,
    IdentityLevel,
    Intent,
    Keys,
    Medicine,
    OpenTask,
    SendCode,
)
from tests.dialog.calls import MARIA, Backend, Call

MANY = (*MARIA.medicines, Medicine("m3", "atorvastatin", "atorvastatin 20 MG Oral Tablet"))


def asks_for_list(backend: Backend | None = None) -> Call:
    call = Call(backend)
    call.says("what medicines am I on?", Intent.MEDICATION_QUESTION)
    call.identifies()
    return call


def test_the_code_is_asked_for_with_its_reason_and_the_list_is_read() -> None:
    call = asks_for_list()
    call.hears("To read from a chart I need one more check. May I text a code to the mobile number on file?")
    assert call.ordered_of(SendCode) == []
    call.yes()
    call.hears("A code is on its way. Please say or key in its six digits.")
    assert call.decision.expectation.kind is ExpectationKind.NUMBER
    assert call.decision.expectation.digits == 6
    call.says("it says four one two, three seven nine")
    call.hears("I can read lisinopril 10 milligrams, and metformin 500 milligrams.", "anything else")
    assert dialog.summary(call.state).identity is IdentityLevel.L2
    assert dialog.summary(call.state).disposition is Disposition.COMPLETED


def test_the_code_by_keys() -> None:
    call = asks_for_list()
    call.yes()
    call.event(Keys("412379"))
    call.hears("I can read lisinopril")


def test_a_long_list_is_read_two_at_a_time() -> None:
    call = asks_for_list(Backend(patient=replace(MARIA, medicines=MANY)))
    call.yes()
    call.event(Keys("412379"))
    call.hears("I can read lisinopril 10 milligrams, and metformin 500 milligrams. Shall I read more?")
    assert "atorvastatin" not in call.text
    call.yes()
    call.hears("Then atorvastatin 20 milligrams.", "anything else")


def test_who_has_heard_enough_is_asked_no_further() -> None:
    call = asks_for_list(Backend(patient=replace(MARIA, medicines=MANY)))
    call.yes()
    call.event(Keys("412379"))
    call.no()
    call.hears("All right.", "anything else")


def test_the_last_visit_needs_the_code_too() -> None:
    call = Call()
    call.says("when was my last visit", Intent.SCHEDULE_LOOKUP)
    call.identifies()
    call.yes()
    call.event(Keys("412379"))
    call.hears("The last visit was on Thursday, July second, twenty twenty-six with Doctor Chen.")


def test_a_flow_that_needs_no_code_asks_for_none() -> None:
    call = Call()
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    call.identifies()
    call.hears("May I ask why you're cancelling your visit")
    assert call.ordered_of(SendCode) == []


def test_once_shown_the_code_holds_for_the_call() -> None:
    call = asks_for_list()
    call.yes()
    call.event(Keys("412379"))
    call.says("when was my last visit", Intent.SCHEDULE_LOOKUP)
    call.hears("The last visit was on")
    assert len(call.ordered_of(SendCode)) == 1


def test_wrong_codes_say_nothing_of_the_chart_and_end_with_a_message() -> None:
    call = asks_for_list()
    call.yes()
    call.event(Keys("111111"))
    call.hears("Let's try that once more. Please say or key in its six digits.")
    call.event(Keys("222222"))
    call.event(Keys("333333"))
    call.hears("I'm not able to verify that information.", "What would you like me to tell them?")
    assert dialog.summary(call.state).identity is IdentityLevel.L1
    assert "lisinopril" not in call.text
    call.says("please tell me my medicines")
    call.yes()
    assert call.ordered_of(OpenTask)
    call.says("what medicines am I on", Intent.MEDICATION_QUESTION)
    call.hears("Our staff will have to help you with that.")
    assert len(call.ordered_of(CheckCode)) == 3


def test_five_digits_are_no_code() -> None:
    call = asks_for_list()
    call.yes()
    call.says("four one two three seven")
    assert call.ordered_of(CheckCode) == []
    call.hears("Take your time")


def test_the_code_is_sent_once_more_and_not_a_third_time() -> None:
    call = asks_for_list()
    call.yes()
    call.says("I didn't get it")
    call.hears("A code is on its way.")
    assert len(call.ordered_of(SendCode)) == 2
    call.says("send it again please")
    call.hears("Our staff will have to help you with that.")
    assert len(call.ordered_of(SendCode)) == 2


@pytest.mark.parametrize("why", ["no number on file", "no code wanted", "no phone at hand"])
def test_without_a_code_a_message(why: str) -> None:
    call = asks_for_list(Backend(code="" if why == "no number on file" else "412379"))
    call.no() if why == "no code wanted" else call.yes()
    if why == "no phone at hand":
        call.says("I don't have my phone")
    call.hears("Our staff will have to help you with that. What would you like me to tell them?")
    if why == "no number on file":
        call.hears("I'm not able to send a code on this call.")
    assert "number" not in call.text
    assert dialog.summary(call.state).identity is IdentityLevel.L1


@pytest.mark.parametrize(
    ("words", "is_message"),
    [
        ("read me the list of medicines you have for me? The hospital wants to know", False),
        ("tell the doctor the hospital needs my medication list", True),
    ],
)
def test_a_wish_to_hear_the_list_is_no_message_though_it_sounds_like_one(
    words: str, is_message: bool
) -> None:
    call = Call()
    call.says(words, Intent.MESSAGE_FOR_PROVIDER)
    assert call.state.flow == "chart"
    assert ("message" in [wish.flow for wish in call.state.queue]) is is_message
