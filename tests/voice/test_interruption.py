from __future__ import annotations

from collections.abc import Sequence

import pytest

from models.domain import Choice, Expectation, ExpectationKind, RedFlagRaised, Transcript
from voice.interruption import Interruption, Verdict, meant

OPEN = Expectation()
YES_NO = Expectation(kind=ExpectationKind.YES_NO)
CHOICE = Expectation(kind=ExpectationKind.CHOICE, choices=(Choice("1", ("tuesday",)),))


def verdicts(interruption: Interruption, speech: str, *, question_heard: bool = False) -> list[Verdict]:
    return [
        interruption.process(32, is_speech=letter == "s", question_heard=question_heard) for letter in speech
    ]


def danger(texts: Sequence[str]) -> RedFlagRaised | None:
    found = next((text for text in texts if "chest" in text), None)
    return RedFlagRaised("RF01", "emergency", found) if found else None


def is_meant(
    text: str,
    expectation: Expectation = OPEN,
    *,
    question_heard: bool = False,
    quiet: bool = False,
    alternatives: tuple[str, ...] = (),
    failure: str = "",
) -> bool:
    transcript = Transcript(text, 0.9, alternatives, failure=failure)
    return meant(transcript, expectation, danger, question_heard=question_heard, quiet=quiet)


def test_a_click_is_talked_over() -> None:
    assert set(verdicts(Interruption(), "ssss" + "." * 20)) == {Verdict.KEEP_TALKING}


def test_a_fifth_of_a_second_of_voice_stops_the_agent() -> None:
    found = verdicts(Interruption(), "s" * 12)
    assert (found.index(Verdict.PAUSE) + 1) * 32 <= 200


def test_an_answer_is_let_in_even_sooner_once_the_question_is_out() -> None:
    kind = ExpectationKind.YES_NO
    assert Verdict.ANSWER in verdicts(Interruption(kind), "ssss", question_heard=True)
    assert Verdict.ANSWER not in verdicts(Interruption(kind), "ssss")
    assert Verdict.ANSWER not in verdicts(Interruption(), "ssss", question_heard=True)


@pytest.mark.parametrize("text", ["mm-hmm", "uh huh", "okay", "yeah right", "i see", "got it thanks", ""])
def test_agreeing_noises_are_not_meant(text: str) -> None:
    assert not is_meant(text)


@pytest.mark.parametrize("text", ["the", "a", "and the"])
def test_what_a_recogniser_makes_of_a_cough_is_not_meant(text: str) -> None:
    assert not is_meant(text)


@pytest.mark.parametrize(
    "text", ["no wait", "stop", "a person please", "i need a refill", "what was that", "okay but my daughter"]
)
def test_words_that_are_no_agreement_take_the_floor(text: str) -> None:
    assert is_meant(text)


def test_okay_answers_a_question_that_is_out_and_not_one_still_being_asked() -> None:
    assert is_meant("okay", YES_NO, question_heard=True)
    assert not is_meant("okay", YES_NO)
    assert is_meant("yes", YES_NO)
    assert is_meant("no", CHOICE)
    assert is_meant("tuesday", CHOICE)


def test_talk_in_the_room_is_not_for_us() -> None:
    assert not is_meant("can you turn that down", quiet=True)


def test_danger_is_always_meant_however_quiet_and_in_any_alternative() -> None:
    assert is_meant("my chest hurts", quiet=True)
    assert is_meant("okay", alternatives=("my chest",))


def test_a_caller_whom_no_engine_could_hear_gets_the_floor() -> None:
    assert is_meant("", failure="recogniser-failed")
