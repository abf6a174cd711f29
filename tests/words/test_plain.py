"""Syllables and reading grades, against words and sentences counted by hand."""

from __future__ import annotations

import pytest

from words.plain import grade, syllables

COUNTED = {
    1: "you the name names please called birth closed used scale hours more there eight take while",
    2: "refilled table wanted passes being question people couldn't cancelled trouble someone nineteen",
    3: "area video recorded somebody usual idea insurance example verify suicide serious confusion",
    4: "medication interpreter emergency available information situation",
    5: "representative",
}


@pytest.mark.parametrize(("count", "words"), COUNTED.items())
def test_syllables_as_spoken(count: int, words: str) -> None:
    wrong = {word: syllables(word) for word in words.split() if syllables(word) != count}
    assert not wrong


def test_the_grade_follows_the_formula() -> None:
    """Ten words of one syllable: 3.9 + 11.8 - 15.59."""
    assert grade("We will call you at the end of the day.") == pytest.approx(0.11)


def test_long_words_make_it_harder_and_names_do_not() -> None:
    hard = "Authorization documentation necessitates administrative verification."
    assert grade(hard) > 12 > grade("Please send us the form that your old clinic gave you.")
    with_name = "Your visit is with Doctor Venkataraghavan."
    assert grade(with_name, names=frozenset({"venkataraghavan"})) < grade(with_name)


def test_nothing_said_is_nothing_hard() -> None:
    assert grade("911") == 0.0
