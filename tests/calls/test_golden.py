"""Recorded callers, played on audio time: what was said to them, what they heard of it, what was stored."""

from __future__ import annotations

from dataclasses import replace

from agent.in_process import PlacedCall
from audio_fixtures import sounds
from models.domain import CallTransferred
from telephony.double.connection import Connection
from tests.calls.conftest import Practice

WANTS_REFILL = "i need a refill of my lisinopril"
NAME = "my name is maria lopez"
QUESTIONS = ["How can I help?", "May I have your full name?", "And what is your date of birth?"]


def asked(call: PlacedCall) -> list[str]:
    """The last sentence of each reply."""
    return [next(each for each in QUESTIONS if said.endswith(each)) for said in call.said]


def assert_name_given(call: PlacedCall) -> None:
    """The caller said two things, was understood, and nothing else became a turn."""
    assert call.understood[0] == ""
    assert call.understood[1].endswith(WANTS_REFILL)
    assert call.understood[2:] == [NAME]
    assert asked(call) == QUESTIONS
    assert call.heard[:2] == call.said[:2]
    assert not call.tasks


def test_a_caller_who_interrupts_is_put_through(practice: Practice) -> None:
    call = practice.plays("interruption")
    assert len(call.result.clears) == 1, "silence at once, and only once"
    assert call.heard[0].startswith(
        "Thank you for calling Harbor Street Family Medicine. If this is an emergency"
    )
    assert practice.was_played(call, "If this is an emergency, hang up and call 911.")
    assert not practice.was_played(call, "How can I help?"), "the rest of the greeting was never heard"
    assert "representative" not in call.heard[0], "nor claimed to be"
    assert call.understood == ["", "i want to talk to a real person please"]
    assert call.said[1] == call.heard[1] == "I'm connecting you with our staff now."
    assert any(isinstance(done.result, CallTransferred) for done in call.stored.done)
    assert call.result.dialled, "and the carrier was told to"
    assert not call.tasks


def test_agreement_in_the_middle_of_a_sentence_stops_nothing_for_long(practice: Practice) -> None:
    call = practice.plays("backchannel")
    assert_name_given(call)
    assert call.heard[0] == call.said[0], "the whole greeting was heard"


def test_coughs_become_no_turn(practice: Practice) -> None:
    call = practice.plays("cough")
    assert_name_given(call)


def test_a_birth_date_with_a_long_pause_in_it_is_one_answer(practice: Practice) -> None:
    call = practice.plays("pause-in-a-date")
    assert call.understood[3] == "march fifth nineteen eighty one"
    assert call.said[3] == "Thank you. Any new problems or side effects with it?", "she is who she says"


def test_our_own_voice_from_a_loudspeaker_is_not_the_caller(practice: Practice) -> None:
    call = practice.plays("name-given", connection=Connection(echo_db=-12, echo_ms=160))
    assert not call.result.clears
    assert_name_given(call)


def test_a_caller_in_a_noisy_street_is_understood(practice: Practice) -> None:
    """Her wish and her name. Of the medicine pocketsphinx makes "a referral": a second wish, read back."""
    call = practice.plays("name-given", connection=Connection(background=sounds.noise(20)))
    assert not call.result.clears
    assert "i need a refill" in call.understood[1]
    assert call.understood[2:] == [NAME]
    assert call.said[1].endswith((QUESTIONS[1], "Is that right?"))


def test_music_without_a_caller_is_silence(practice: Practice) -> None:
    call = practice.plays("says-nothing", connection=Connection(background=sounds.music(20)))
    assert not any(call.understood), "no word was invented"
    assert not call.result.clears
    assert call.heard == call.said
    assert call.said[3] == "Would you like to speak with a person, or leave a message?"
    assert call.result.dialled, "after three questions without an answer a person takes over"


def test_the_same_call_twice_is_the_same_to_the_last_frame(practice: Practice, again: Practice) -> None:
    first, second = practice.plays("interruption"), again.plays("interruption")
    assert first.result.agent_mulaw == second.result.agent_mulaw
    assert first.result.caller_mulaw == second.result.caller_mulaw
    assert first.result.marks == second.result.marks
    assert [replace(turn, confidence=0.0) for turn in first.stored.turns] == [
        replace(turn, confidence=0.0) for turn in second.stored.turns
    ], "but for its confidence: pocketsphinx keeps a trace of the utterance before"
