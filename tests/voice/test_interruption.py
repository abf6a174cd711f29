from __future__ import annotations

import pytest

from models.domain import ExpectationKind
from voice.interruption import Interruption, Verdict


def verdicts(interruption: Interruption, speech: str, **about: object) -> list[Verdict]:
    return [interruption.process(32, is_speech=letter == "s", **about) for letter in speech]  # type: ignore[arg-type]


def test_a_cough_is_talked_over() -> None:
    assert set(verdicts(Interruption(), "ssss" + "." * 20)) == {Verdict.KEEP_TALKING}


def test_a_third_of_a_second_of_speech_stops_the_agent() -> None:
    found = verdicts(Interruption(), "s" * 12)
    assert found.index(Verdict.INTERRUPT) * 32 < 320


@pytest.mark.parametrize("partial", ["mm-hmm", "uh huh", "okay"])
def test_agreeing_noises_do_not_stop_it(partial: str) -> None:
    assert Verdict.INTERRUPT not in verdicts(Interruption(), "s" * 16 + "....", partial=partial)


def test_a_long_okay_wants_the_floor() -> None:
    assert verdicts(Interruption(), "s" * 25, partial="okay")[-1] is Verdict.INTERRUPT


def test_words_that_are_no_agreement_do_stop_it() -> None:
    assert Verdict.INTERRUPT in verdicts(Interruption(), "s" * 12, partial="no wait")


def test_yes_is_an_answer_only_when_the_question_is_out() -> None:
    kind = ExpectationKind.YES_NO
    assert Verdict.ANSWER in verdicts(Interruption(kind), "ssssss", question_heard=True)
    assert Verdict.ANSWER not in verdicts(Interruption(kind), "ssssss")
    assert Verdict.ANSWER not in verdicts(Interruption(), "ssssss", question_heard=True)
