"""Wishes of which a word was lost or misheard: nothing is added, nothing is guessed, nobody is mistaken."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dialog
from models.domain import (
    CancelVisit,
    Entity,
    FindOpenings,
    IdentityLevel,
    Intent,
    Keys,
    OpenTask,
    RequestRefill,
    TransferCall,
    VerifyIdentity,
)
from tests.dialog.calls import MARIA, Backend, Call


def verified(call: Call) -> Call:
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    return call


def test_a_no_with_another_wish_leaves_what_was_misheard_for_good() -> None:
    call = Call()
    call.says("the water say call for my tickets", Intent.SCHEDULE_BOOK)
    verified(call)
    call.says("no I need my lisinopril", [Intent.DENY, Intent.REFILL_REQUEST], drug="lisinopril")
    assert call.state.flow == "refill"
    assert call.state.queue == ()


def test_a_bill_that_no_word_is_about_is_no_second_wish() -> None:
    call = Call()
    call.says("can I scale a follow up daily visit", [Intent.SCHEDULE_BOOK, Intent.BILLING_QUESTION])
    assert [wish.flow for wish in call.state.queue] == []
    other = Call()
    other.says("I need a visit and I have a bill", [Intent.SCHEDULE_BOOK, Intent.BILLING_QUESTION])
    assert [wish.flow for wish in other.state.queue] == ["message"]


def test_one_foreign_word_in_an_english_sentence_asks_for_no_interpreter() -> None:
    call = Call()
    call.says("I need an entiendo and not in three months", Intent.LANGUAGE_REQUEST)
    assert not call.ordered_of(TransferCall)
    for words in ("habla espanol", "I need somebody who speaks Spanish please"):
        other = Call()
        other.says(words, Intent.LANGUAGE_REQUEST)
        assert other.ordered_of(TransferCall), words


def test_my_operator_is_no_person() -> None:
    call = Call()
    call.says("I need my operator refilled if you please", Intent.HUMAN_AGENT)
    assert not call.ordered_of(TransferCall)


@pytest.mark.parametrize(
    "words",
    [
        "my representative",
        "let me talk to my representative",
        "put me through to my operator",
        "a refill of my metformin, no, get me my representative",
        "march fifth nineteen eighty one representative",
        "operator march fifth nineteen eighty one",
        "march fifth nineteen eighty one get me a person",
    ],
)
def test_the_words_that_we_tell_callers_to_say_bring_a_person(words: str) -> None:
    call = Call()
    call.says("I need a refill", Intent.REFILL_REQUEST)
    call.says(words, None)
    assert call.ordered_of(TransferCall)


@pytest.mark.parametrize(
    "words",
    ["I'm calling to make an appointment my wife", "main wife has an appointment coming up what day is it"],
)
def test_a_relative_in_damaged_words_is_asked_about(words: str) -> None:
    call = Call()
    call.says(words, Intent.SCHEDULE_LOOKUP)
    call.hears("Are you calling for yourself?")
    call.says("it's wear my theater wife")
    assert call.state.known.get("proxy") is True
    assert not call.ordered_of(VerifyIdentity)


def test_a_strength_outlives_a_misheard_name() -> None:
    call = Call()
    call.says(
        "I need more lipitor the twenty milligrams", Intent.REFILL_REQUEST, drug="lipitor", strength="20 mg"
    )
    verified(call)
    call.hears("Could you spell it for me, or say it once more?")
    call.says("metformin", drug="metformin")
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.yes()
    assert not any(wish.order_id == "m2" and not wish.taking for wish in call.ordered_of(RequestRefill))


def test_letters_that_make_no_name_are_asked_for_once_more() -> None:
    call = Call()
    call.says("about my benadryl", Intent.REFILL_REQUEST, drug="benadryl")
    verified(call)
    call.says("it's bed e sin t r i l", letters="ETRIL")
    call.hears("please spell it once more")
    assert not call.ordered_of(OpenTask)
    call.says("e t r i l", letters="ETRIL")
    assert call.ordered_of(OpenTask)


def test_a_date_said_again_without_a_yes_may_lack_its_last_word() -> None:
    call = Call()
    call.says("refill", Intent.REFILL_REQUEST)
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("march fifth nineteen eighty any", dob=("1980-03-05", 0.5))
    call.says("now march fifth nineteen eighty", dob=("1980-03-05", 0.95))
    assert not call.ordered_of(VerifyIdentity)
    call.event(Keys("2"))
    call.event(Keys("03051981"))
    assert dialog.summary(call.state).identity is IdentityLevel.L1


def test_who_takes_none_of_four_openings_is_asked_for_the_day_anew() -> None:
    call = Call()
    call.says("a follow up", Intent.SCHEDULE_BOOK, visit_type="follow-up")
    verified(call)
    call.says("December", date_from="2026-12-01", date_to="2026-12-31")
    call.says("neither of those", Intent.DENY, yes_no=False)
    call.says("neither of those", Intent.DENY, yes_no=False)
    call.hears("What day and time would suit you?")
    assert len(call.ordered_of(FindOpenings)) == 2


def test_who_asks_for_a_person_again_out_of_hours_hears_that_somebody_calls() -> None:
    call = Call(staff=False, number="")
    call.says("a person please", Intent.HUMAN_AGENT)
    call.says("have someone call me back soon", Intent.HUMAN_AGENT)
    call.says("a person please", Intent.HUMAN_AGENT)
    call.hears("I'm asking our staff to call you back.", "What number should they call?")


def test_a_misheard_question_for_a_machine_is_answered() -> None:
    for words in ("am I talking to see machine", "are vietnamese you a robot"):
        call = Call()
        call.says(words, Intent.OUT_OF_SCOPE)
        call.hears("I'm an AI assistant, not a person.")


def test_the_first_anyone_is_the_first() -> None:
    call = Call()
    call.says("a follow up on Tuesday", Intent.SCHEDULE_BOOK, visit_type="follow-up")
    verified(call)
    call.says("December", date_from="2026-12-01", date_to="2026-12-31")
    call.says("the first anyone please", Intent.HUMAN_AGENT, choice="o1")
    assert not call.ordered_of(TransferCall)
    call.hears("Shall I book it?")


def test_a_question_for_the_next_visit_books_none() -> None:
    call = Call()
    both = [Intent.SCHEDULE_LOOKUP, Intent.SCHEDULE_BOOK]
    call.says("they like to see me regular when is my next visit", both)
    assert call.state.queue == ()
    other = Call()
    other.says("when is my next visit and I want another one", both)
    assert [wish.flow for wish in other.state.queue] == ["book"]


def test_who_asks_again_in_damaged_words_hears_it_again() -> None:
    call = Call()
    call.says("refill", Intent.REFILL_REQUEST)
    call.says("sorry what did ask me")
    call.hears("First and last name, please.")
    assert call.state.misses == 0


def test_digits_amid_misheard_words_ask_for_no_interpreter() -> None:
    call = Call(Backend(zip_code="04401"))
    call.says("refill", Intent.REFILL_REQUEST)
    verified(call)
    call.yes()
    call.says("my drain zip code is zero two translator one two two", Intent.LANGUAGE_REQUEST)
    call.hears("Please say or press the five digits of the ZIP code.")


def test_a_word_taken_for_a_second_medicine_is_forgotten_when_the_first_is_named_again() -> None:
    call = Call()
    call.says(
        "about my metformin the betty", Intent.REFILL_REQUEST, drug="metformin", drug_2=("exenatide", 0.9)
    )
    verified(call)
    call.hears("Could you spell it for me, or say it once more?")
    call.says("metformin", drug="metformin")
    call.hears("Any new problems or side effects with it?")


def test_the_patient_in_damaged_words_is_no_relative() -> None:
    call = Call(Backend(zip_code="04401"))
    call.says("refill", Intent.REFILL_REQUEST)
    call.says("Maria Lopez", name="Maria Lopez")
    call.event(Keys("03051981"))
    call.hears("Are you calling for yourself?")
    call.says("i'm tive patient")
    assert not call.state.known.get("proxy")


def test_leave_it_without_its_no_cancels_nothing() -> None:
    call = Call()
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    verified(call)
    call.says("no reason")
    call.says("hmm leave it")
    call.hears("All right, I've left it as it is.")
    assert not call.ordered_of(CancelVisit)
    assert call.state.flow != "cancel"


def test_a_visit_that_was_asked_for_twice_in_one_sentence_is_booked_once() -> None:
    call = Call(Backend(patient=replace(MARIA, visits=())))
    call.says("false up visit please", [Intent.SCHEDULE_RESCHEDULE, Intent.SCHEDULE_BOOK])
    verified(call)
    call.hears("Would you like to book one?")
    call.yes()
    assert call.state.flow == "book"
    assert call.state.queue == ()


@pytest.mark.parametrize("words", ["metformin", "the metformin same as always", "my metformin please"])
def test_a_medicine_named_and_nothing_else_is_wanted_again(words: str) -> None:
    call = Call()
    at = words.index("metformin")
    call.says(words, None, drug=Entity("metformin", (at, at + 9), 0.9))
    call.hears("May I have your full name?")
    assert call.state.flow == "refill"


@pytest.mark.parametrize("words", ["metformin makes me sick", "stop my metformin", "is metformin a poison"])
def test_a_medicine_of_which_something_is_said_is_not(words: str) -> None:
    call = Call()
    at = words.index("metformin")
    call.says(words, None, drug=Entity("metformin", (at, at + 9), 0.9))
    assert call.state.flow != "refill"
