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
