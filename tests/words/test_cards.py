"""A payment card's number in what was said, whole or with words misheard in it."""

from __future__ import annotations

import pytest

from words.cards import MASK, masked


def test_a_card_with_misheard_words_among_its_digits_is_masked() -> None:
    said = (
        "my card number is four one one one one one one gone line one one one one anymore one one one one one"
    )
    assert masked(said) == f"my card number is {MASK}"
    said = "my covered number is four one one one one one one one one own women one women one one"
    assert masked(said) == f"my covered number is {MASK}"


@pytest.mark.parametrize(
    "said",
    [
        "the card you sent is number four one one",
        "my zip is zero two one one one",
        "one or two cards came",
        "six one seven five five five oh one two three please",
    ],
)
def test_a_few_digits_are_no_card(said: str) -> None:
    assert masked(said) == said
