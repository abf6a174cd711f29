"""Which words are the same in a search."""

from __future__ import annotations

import pytest

from models.search_words import search_words, stem


@pytest.mark.parametrize(
    "others",
    [
        "refill refills refilled refilling",
        "allergy allergies",
        "bleed bleeding bleeds",
        "hope hoped hoping hopes",
        "stop stopped stopping",
        "pharmacy pharmacies pharmacy's",
        "agree agreed",
        "José JOSE jose's",
        "doctor doctor’s doctors",
    ],
)
def test_forms_of_a_word_are_one_word(others: str) -> None:
    assert len({search_words(word) for word in others.split()}) == 1


@pytest.mark.parametrize("pair", ["ring refill", "pain pill", "metformin metoprolol", "ill will", "bus bee"])
def test_other_words_stay_apart(pair: str) -> None:
    one, other = pair.split()
    assert search_words(one) != search_words(other)


def test_short_words_and_numbers_stay_as_they_are() -> None:
    assert [stem(word) for word in ("gas", "red", "20mgs", "ring")] == ["gas", "red", "20mgs", "ring"]


def test_what_everybody_says_is_no_word_to_search_by() -> None:
    assert search_words("I'd like it, please; yes. It's for me!") == search_words("like")
    assert search_words("… , ?!") == frozenset()


def test_words_of_every_script_are_words() -> None:
    assert len(search_words("боль в груди")) == 3
    assert search_words("<b>chest</b>") == search_words("b chest")
