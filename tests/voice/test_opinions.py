"""Two hearings of one answer: what is sure, what is asked about."""

from __future__ import annotations

import pytest

from models.domain import Choice, Expectation, ExpectationKind
from voice import grammars
from voice.opinions import AGREED, DOUBTED, choose
from voice.sphinx_search import Hearing

ZIP = Expectation(ExpectationKind.ZIP)
DOB = Expectation(ExpectationKind.DOB)
SPELLING = Expectation(ExpectationKind.SPELLING)


def free(text: str, confidence: float = 0.6) -> Hearing:
    return Hearing(text, confidence, -900.0, 100)


def closed(text: str, score: float = -905.0) -> Hearing:
    return Hearing(text, 0.0, score, 100)


@pytest.mark.parametrize(
    ("general", "grammar", "question"),
    [
        ("it's six oh one three nine", "six zero one three nine", ZIP),
        ("my birthday is march third nineteen fifty eight", "march third nineteen fifty eight", DOB),
        ("s m i t h", "s m i t h", SPELLING),
    ],
)
def test_a_value_heard_the_same_in_both_ways_is_sure(
    general: str, grammar: str, question: Expectation
) -> None:
    heard = choose(free(general), closed(grammar), question)
    assert (heard.text, heard.confidence) == (general, AGREED)


def test_digits_heard_otherwise_are_doubted_and_the_grammar_comes_first() -> None:
    heard = choose(free("six oh one three five"), closed("six oh one three nine"), ZIP)
    assert (heard.text, heard.confidence) == ("six oh one three nine", DOUBTED)
    assert heard.alternatives == ("six oh one three five",)


def test_other_speech_is_not_bent_into_digits() -> None:
    heard = choose(free("i don't know my zip code"), closed("one oh nine six four"), ZIP)
    assert heard.text == "i don't know my zip code"
    assert heard.alternatives == ("one oh nine six four",)


@pytest.mark.parametrize(
    "said",
    ["hang on my wife's talking funny and her face dropped", "give me a second my jaw and my left arm hurt"],
)
def test_a_sentence_is_not_bent_into_a_birth_date(said: str) -> None:
    heard = choose(free(said, 0.2), closed("twenty august one nine forty one", -800.0), DOB)
    assert (heard.text, heard.alternatives) == (said, ())
    half = choose(
        free("march of the nineteen fifty late", 0.2), closed("march third nineteen fifty eight", -800.0), DOB
    )
    assert half.text == "march third nineteen fifty eight"


def test_agreement_in_mere_noise_is_no_agreement() -> None:
    assert choose(free("two two two two two", 0.04), closed("two two two two two"), ZIP).confidence <= DOUBTED
    assert choose(free("e p", 0.3), closed("e p"), SPELLING).confidence <= DOUBTED


def test_a_value_that_only_the_grammar_heard_is_doubted() -> None:
    assert choose(free("", 0.0), closed("march third nineteen fifty eight"), DOB).confidence == DOUBTED
    assert choose(free("six oh one three nine"), closed(""), ZIP).confidence == DOUBTED


def test_a_listed_answer_counts_where_free_speech_is_unsure() -> None:
    question = Expectation(ExpectationKind.DRUG, (Choice("lisinopril", ("lisinopril",)),))
    heard = choose(free("listen april", 0.2), closed("lisinopril", -800.0), question)
    assert heard.text == "lisinopril"
    assert choose(free("listen april", 0.2), closed("lisinopril", -899.0), question).text == "listen april"


def test_a_telephone_number_is_ten_digits_or_its_last_seven() -> None:
    ten = grammars.digits(10)
    assert "[[area code] <digit> <digit> <digit>]" in ten
    assert ten.count("<digit>") == 10 + 1  # and its definition
    assert grammars.digits(5).count("<digit>") == 5 + 1
