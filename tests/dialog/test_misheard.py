"""Answers of which a word was lost or misheard: asked again, read back, keyed in; nothing is guessed."""

from __future__ import annotations

import dialog
from models.domain import (
    Heard,
    IdentityLevel,
    Intent,
    Keys,
    Transcript,
    TransferCall,
    Understanding,
    VerifyIdentity,
)
from tests.dialog.calls import Backend, Call


def asked_for_birth(backend: Backend | None = None) -> Call:
    call = Call(backend or Backend())
    call.says("I need a refill", Intent.REFILL_REQUEST)
    call.says("Maria Lopez", name="Maria Lopez")
    return call


def test_a_date_that_was_denied_is_keyed_in_next() -> None:
    call = asked_for_birth()
    call.says("march fifth nineteen eighty open", dob=("1980-03-05", 0.5))
    call.hears("I heard the birth date March fifth, nineteen eighty. Is that right?")
    call.no()
    call.hears("Say the date of birth once more, or key it in.")
    call.event(Keys("03051981"))
    assert dialog.summary(call.state).identity is IdentityLevel.L1


def test_the_same_date_after_a_no_is_not_believed() -> None:
    call = asked_for_birth()
    call.says("february ninth nineteen sixty", dob=("1960-02-09", 0.5))
    call.says("no february ninth nineteen sixty", Intent.DENY, yes_no=False, dob=("1960-02-09", 0.95))
    call.hears("Say the date of birth once more, or key it in.")
    assert call.ordered_of(VerifyIdentity) == []


def test_a_broken_birth_date_is_no_zip_code() -> None:
    call = asked_for_birth()
    call.says("january twenty fifth eighteen five line")
    assert call.state.asking == "identity.dob"
    assert not call.state.known.get("zip")


def test_digits_with_a_misheard_word_are_no_question_about_a_bill() -> None:
    call = asked_for_birth(Backend(zip_code="04401"))
    call.says("March fifth nineteen eighty one", dob="1981-03-05")
    call.yes()
    call.says("it's oh four four oh money", Intent.BILLING_QUESTION)
    call.hears("Please say or press the five digits of the ZIP code.")


def test_a_person_in_the_middle_of_a_date_was_asked_for_by_nobody() -> None:
    call = asked_for_birth()
    call.says("march fifth nineteen representative eighty one", Intent.HUMAN_AGENT, dob=("1981-03-05", 0.5))
    call.hears("I heard the birth date March fifth, nineteen eighty-one. Is that right?")
    assert call.ordered_of(TransferCall) == []


def test_a_person_asked_for_in_damaged_words_is_on_the_way() -> None:
    for words in (
        "now person please",
        "i'd like they spell to a person",
        "i'd like to speak to a pardon",
        "pardon please",
    ):
        call = asked_for_birth()
        call.says(words)
        assert call.ordered_of(TransferCall), words


def test_a_scrap_in_answer_to_yes_or_no_is_no_wish_for_a_person() -> None:
    call = asked_for_birth()
    call.says("march fifth nineteen eighty open", dob=("1980-03-05", 0.5))
    call.says("who's please", Intent.HUMAN_AGENT)
    call.hears("Is that date right, yes or no?")


def test_no_thank_you_ends_also_where_its_middle_was_misheard() -> None:
    call = Call(Backend())
    call.says("what are your hours", Intent.OFFICE_INFO)
    call.says("no hang you", Intent.WAIT)
    assert call.state.asking != "call.more"


def test_a_person_in_the_second_hearing_of_an_unsure_first_is_on_the_way() -> None:
    call = asked_for_birth()
    heard = Transcript("uh third june three oh", 0.4, ("a person please",))
    call.event(Heard(Understanding(heard)))
    assert call.ordered_of(TransferCall)
