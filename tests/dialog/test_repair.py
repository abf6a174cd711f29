"""Not understood, not answered, not heard: never a loop, and a person at the end."""

from __future__ import annotations

import dialog
from models.domain import Disposition, HangUp, Heard, Intent, NoInput, Transcript, TransferCall, Understanding
from tests.dialog.calls import Call


def silence(call: Call) -> str:
    return call.event(NoInput())


def test_four_silences_end_with_a_person() -> None:
    call = Call()
    call.says("refill", Intent.REFILL_REQUEST)
    said = [silence(call) for _ in range(4)]
    assert len(set(said)) == 4
    assert "Would you like to speak with a person, or leave a message?" in said[2]
    assert len(call.ordered_of(TransferCall)) == 1


def test_four_silences_out_of_hours_end_with_the_number() -> None:
    call = Call(staff=False)
    said = [silence(call) for _ in range(4)]
    assert len(set(said)) == 4
    call.hears("I'm sorry, I couldn't help you on this call.", "To reach our staff, call five five five")
    assert call.ordered_of(HangUp)
    assert dialog.summary(call.state).disposition is Disposition.NO_INPUT


def test_other_words_then_keys_then_an_offer() -> None:
    call = Call()
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    call.says("Maria Lopez", name="Maria Lopez")
    call.says("bla")
    call.hears("Sorry, I didn't catch that.", "once more, or key it in")
    call.says("bla bla")
    call.hears("You can key it in")
    call.says("bla bla bla")
    call.hears("speak with a person, or leave a message?")
    call.says("March fifth nineteen eighty one", dob="1981-03-05")  # the old question still counts
    call.hears("May I ask why you're cancelling your visit")


def test_the_offer_taken_up() -> None:
    call = Call()
    for _ in range(3):
        silence(call)
    call.says("a message", choice="message")
    call.hears("What would you like me to tell them?")
    other = Call()
    for _ in range(3):
        silence(other)
    other.says("a person", choice="person")
    assert other.ordered_of(TransferCall)


def test_an_understood_answer_starts_the_ladder_anew() -> None:
    call = Call()
    call.says("refill", Intent.REFILL_REQUEST)
    silence(call)
    silence(call)
    call.says("Maria Lopez", name="Maria Lopez")
    silence(call)
    call.hears("Say the date of birth once more")


def test_a_recogniser_that_fails_three_times_brings_a_person() -> None:
    call = Call()
    failed = Heard(Understanding(Transcript("", failure="recogniser-timeout")))
    first = call.event(failed)
    assert "I'm having trouble hearing you." in first
    assert call.event(failed) != first
    call.event(failed)
    assert call.ordered_of(TransferCall)


def test_one_that_recovers_is_forgiven() -> None:
    call = Call()
    failed = Heard(Understanding(Transcript("", failure="recogniser-timeout")))
    call.event(failed)
    call.event(failed)
    call.says("what are your hours", Intent.OFFICE_INFO)
    call.event(failed)
    assert not call.ordered_of(TransferCall)


def test_silence_after_anything_else_closes_the_call() -> None:
    call = Call()
    call.says("what are your hours", Intent.OFFICE_INFO)
    silence(call)
    silence(call)
    call.hears("You've been speaking with an AI assistant.")
    assert call.ordered_of(HangUp)


def test_yes_to_what_else_names_nothing_and_ends_in_help() -> None:
    call = Call()
    for _ in range(8):
        if call.ordered_of(TransferCall):
            break
        call.yes()
    assert call.ordered_of(TransferCall)
