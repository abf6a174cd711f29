"""What tells that a birth date was heard in part: words lost, put in or taken for others."""

from __future__ import annotations

from collections.abc import Sequence

from intents.readers.calendar import MONTHS
from words.numbers import (
    TENS,
    UNITS,
    parse_cardinal,
    parse_ordinal,
    parse_year,
    single_digit,
)
from words.tokens import word_at, word_set

_CENTURIES = word_set("eighteen nineteen")
_GOES_ON = word_set(
    "and my i i'm is it's that's the for dear please sir ma'am thank thanks no not sorry wait yes so but "
    "zip name here actually or in at on of this you your he she his her"
)
_OTHER = word_set("oh o hundred thousand double")


def is_century_alone(words: Sequence[str], at: int) -> bool:
    """ "March fifth nineteen": where no whole year stands, its beginning, and no year 2019."""
    return word_at(words, at) in _CENTURIES


def has_lost_month(words: Sequence[str], at: int) -> bool:
    """ "Mask fifth nineteen eighty one": a rank before a whole year was a day, and no month."""
    rank = parse_ordinal(words, at)
    return rank is not None and parse_year(words, rank[1]) is not None


def has_lost_day(words: Sequence[str], at: int) -> bool:
    """ "June nineteen eighty six": is it the nineteenth, or a year?"""
    return parse_ordinal(words, at) is None and parse_year(words, at) is not None


def misses_day(words: Sequence[str]) -> bool:
    """A month and at once what may be a year."""
    return any(word in MONTHS and has_lost_day(words, at + 1) for at, word in enumerate(words))


def past_years(words: Sequence[str], this_year: int) -> list[str]:
    """ "March fifth twenty eighty one" was nineteen: nobody is born in a year to come."""
    years = [parse_year(words, at) for at in range(len(words))]
    return [
        "nineteen" if word == "twenty" and year and year[0] > this_year else word
        for word, year in zip(words, years, strict=True)
    ]


def is_rest_of_number(words: Sequence[str], at: int) -> bool:
    """The "eight" of "fifty eight" begins no date."""
    return word_at(words, at - 1) in TENS and 1 <= UNITS.get(word_at(words, at), 0) <= 9


def may_go_on(year: int, words: Sequence[str], after: int) -> bool:
    """ "Nineteen eighty none", "nineteen fifteen eight": the year's last word may be another."""
    following = word_at(words, after)
    if not following:
        return False
    is_round = year % 10 == 0 and following.isalpha() and following not in _GOES_ON
    return is_round or parse_cardinal(words, after) is not None


def is_of_a_date(word: str) -> bool:
    """A month, a number or a rank."""
    known = word in MONTHS or word in UNITS or word in TENS or word in _OTHER or word.isdecimal()
    return known or single_digit(word) is not None or parse_ordinal([word], 0) is not None
