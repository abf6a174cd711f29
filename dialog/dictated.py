"""Dates, digits and letters: words of an answer that sound like part of one that was not heard whole."""

from __future__ import annotations

from collections.abc import Sequence

from dialog.speech import MONTHS
from models.domain import ExpectationKind, Understanding
from words.numbers import parse_below_hundred, parse_ordinal, single_digit
from words.tokens import word_set, words

_KINDS = frozenset(
    {ExpectationKind.DOB, ExpectationKind.PHONE, ExpectationKind.ZIP, ExpectationKind.NUMBER}
    | {ExpectationKind.SPELLING}
)
_MONTHS = frozenset(month.lower() for month in MONTHS)
_PERSON = word_set("representative operator agent person human somebody someone")
_OUR_WORDS = word_set("representative operator")
_ASKS = word_set(
    "a an the real live human want need like speak talk get give put connect transfer please can could let"
) - word_set("the")
_MOSTLY = 4  # words of a value
_LEAST = 2  # words of a value: "two" alone is none


def is_broken(heard: Understanding, kind: ExpectationKind) -> bool:
    """Whether an answer that gives no value is mostly one: "zero two one one money" is about no bill."""
    if kind not in _KINDS:
        return False
    said = words(heard.text)
    parts = sum(is_part(word) for word in said)
    return parts >= _MOSTLY or (parts >= _LEAST and parts * 2 >= len(said))


def is_part(word: str) -> bool:
    """A digit, a number, a rank, a month or a letter."""
    number = parse_below_hundred([word], 0) or parse_ordinal([word], 0)
    return bool(number) or single_digit(word) is not None or word in _MONTHS or len(word) == 1


def _is_mostly_value(said: Sequence[str]) -> bool:
    """ "Yep was person on the thirtieth of October nineteen eight": nothing in it asks for that person."""
    return sum(is_part(word) and len(word) > 1 for word in said) >= _MOSTLY and _ASKS.isdisjoint(said)


def _may_be_misheard(said: Sequence[str], at: int) -> bool:
    """Not the words that we tell callers to say, and nothing that stands before or behind the value."""
    return 0 < at < len(said) - 1 and said[at] not in _OUR_WORDS


def person_within(text: str) -> bool:
    """ "September ninth nineteen representative seventy five": nobody is asked for within a value."""
    said = words(text)
    asked = [at for at, word in enumerate(said) if word in _PERSON]
    if asked and _is_mostly_value(said) and all(_may_be_misheard(said, at) for at in asked):
        return True
    return bool(asked) and all(
        0 < at < len(said) - 1 and is_part(said[at - 1]) and is_part(said[at + 1]) and len(said[at - 1]) > 1
        for at in asked
    )
