"""What only the model thinks is a danger: asked about once, and never a reason to hear less."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dialog
from dialog import safety
from dialog.safety import Code, sentence
from models.domain import Heard, Intent, NoInput, PageStaff, TransferCall
from tests.dialog.calls import Call, meaning

PUZZLING = "the whole left half of him has just quit on him since lunch"
STROKE, HEART = "RF02", "RF01"


def tells(call: Call, text: str, suspected: str, intent: Intent | None = None) -> str:
    return call.event(Heard(replace(meaning(text, intent), suspected=suspected)))


def test_a_suspicion_is_asked_about_and_a_no_goes_on_with_the_wish() -> None:
    call = Call()
    tells(call, PUZZLING, STROKE, Intent.REFILL_REQUEST)
    call.hears(safety.by_id(STROKE).question)
    assert call.ordered_of(PageStaff) == []
    call.no()
    call.hears("name")  # the refill goes on: who is calling?
    assert dialog.summary(call.state).red_flags == ()


@pytest.mark.parametrize("answer", ["", "i do not know what it is", "yes"])
def test_anything_but_a_no_is_the_danger_itself(answer: str) -> None:
    call = Call()
    tells(call, PUZZLING, STROKE)
    call.event(NoInput()) if not answer else call.says(answer)
    call.hears(sentence(Code.D0))
    assert [flag.red_flag_id for flag in dialog.summary(call.state).red_flags] == [STROKE]


def test_it_is_asked_about_once_in_a_call_another_sign_still_is() -> None:
    call = Call()
    tells(call, PUZZLING, STROKE)
    call.no()
    tells(call, "as i said his left half", STROKE)
    assert safety.by_id(STROKE).question not in call.text
    tells(call, "something sits on his chest too", HEART)
    call.hears(safety.by_id(HEART).question)


def test_what_the_words_deny_is_not_suspected() -> None:
    call = Call()
    tells(call, "no chest pain at all, I need a refill", HEART, Intent.REFILL_REQUEST)
    assert safety.by_id(HEART).question not in call.text


def test_a_suspicion_takes_nothing_from_what_the_screen_finds() -> None:
    call = Call()
    tells(call, "I have crushing chest pain right now", STROKE)
    call.hears(sentence(Code.D0))
    assert [flag.red_flag_id for flag in dialog.summary(call.state).red_flags] == [HEART]


def test_a_person_asked_for_in_the_same_words_comes_after_the_answer() -> None:
    call = Call()
    tells(call, "get me a person, his left half quit", STROKE, Intent.HUMAN_AGENT)
    call.yes()
    call.hears(sentence(Code.D0))
    call.no()
    assert len(call.ordered_of(TransferCall)) == 1


def test_an_unknown_sign_is_no_suspicion() -> None:
    call = Call()
    tells(call, PUZZLING, "RF99", Intent.REFILL_REQUEST)
    assert "?" in call.text
    assert call.state.asking != "danger.doubt"


AGAIN = ["Could you repeat that?", "What was that?", "what?", "Sorry, can you say that again please?"]
DISTRESS = "RF26"


@pytest.mark.parametrize("words", AGAIN)
@pytest.mark.parametrize("intent", [None, Intent.REPEAT, Intent.AFFIRM])
def test_the_question_that_was_not_heard_is_put_once_more(words: str, intent: Intent | None) -> None:
    call = Call()
    tells(call, PUZZLING, STROKE, Intent.REFILL_REQUEST)
    call.says(words, intent)
    call.hears(safety.by_id(STROKE).question)
    assert call.ordered_of(PageStaff) == []
    call.no()
    call.hears("name")


@pytest.mark.parametrize("answer", [*AGAIN, "", "what, yes", "I think he might"])
def test_after_the_second_time_it_has_to_be_a_clear_no(answer: str) -> None:
    call = Call()
    tells(call, PUZZLING, STROKE)
    call.says("what?", Intent.REPEAT)
    call.event(NoInput()) if not answer else call.says(answer)
    call.hears(sentence(Code.D0))


def test_a_danger_heard_in_another_reading_of_what_was_that_is_not_put_off() -> None:
    call = Call()
    tells(call, PUZZLING, STROKE)
    again = meaning("what was that", Intent.REPEAT)
    other = replace(again.transcript, alternatives=("I have crushing chest pain right now",))
    call.event(Heard(replace(again, transcript=other)))
    call.hears(sentence(Code.D0))


def test_every_question_of_a_call_may_be_put_once_more() -> None:
    call = Call()
    for sign in (STROKE, HEART):
        tells(call, PUZZLING, sign)
        call.says("what was that?")
        call.hears(safety.by_id(sign).question)
        call.no()


def at_the_pharmacy_question() -> Call:
    call = Call()
    call.says("I need a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    call.no()
    call.hears("Which pharmacy should we use?")
    return call


def at_oak_drugs(call: Call, words: str, suspected: str = DISTRESS) -> str:
    heard = meaning(words, None, pharmacy="Oak Drugs")
    return call.event(Heard(replace(heard, suspected=suspected)))


def test_an_answer_that_was_read_is_not_suspected_of_mere_distress() -> None:
    call = at_the_pharmacy_question()
    at_oak_drugs(call, "I always go to Oak Drugs, they know me there.")
    call.hears("at Oak Drugs. Is that right?")


@pytest.mark.parametrize(
    "words",
    ["Oak Drugs, I am so scared", "Oak Drugs and hurry, my husband", "Oak Drugs, help me"],
)
def test_words_of_danger_beside_the_answer_are_asked_about(words: str) -> None:
    call = at_the_pharmacy_question()
    at_oak_drugs(call, words)
    call.hears(safety.by_id(DISTRESS).question)


def test_a_sign_that_is_named_is_asked_about_beside_an_answer() -> None:
    call = at_the_pharmacy_question()
    at_oak_drugs(call, "I always go to Oak Drugs, they know me there.", STROKE)
    call.hears(safety.by_id(STROKE).question)


def test_a_pharmacy_that_answers_nothing_is_no_reason_to_be_calm() -> None:
    call = Call()
    at_oak_drugs(call, "I always go to Oak Drugs, they know me there.")
    call.hears(safety.by_id(DISTRESS).question)


def test_stuck_on_a_bridge_and_late_is_late_stuck_alone_is_asked_about() -> None:
    call = Call()
    tells(call, "I'm stuck on the Tobin Bridge, I'm not going to make it on time.", DISTRESS)
    call.hears("name")
    call = Call()
    tells(call, "I'm stuck on the Tobin Bridge", DISTRESS)
    call.hears(safety.by_id(DISTRESS).question)
