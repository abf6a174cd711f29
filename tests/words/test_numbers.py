"""Number words both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from words.numbers import (
    cardinal_words,
    digit_words,
    ordinal_words,
    parse_cardinal,
    parse_digits,
    parse_ordinal,
    parse_year,
    year_words,
)


@given(st.integers(0, 999_999))
def test_a_spoken_number_is_read_back(number: int) -> None:
    said = cardinal_words(number).split()
    assert parse_cardinal(said, 0) == (number, len(said))


@given(st.integers(1, 99))
def test_a_spoken_rank_is_read_back(number: int) -> None:
    said = ordinal_words(number).split()
    assert parse_ordinal(said, 0) == (number, len(said))


@given(st.integers(1_800, 2_099))
def test_a_spoken_year_is_read_back(year: int) -> None:
    said = year_words(year).split()
    assert parse_year(said, 0) == (year, len(said))


@given(st.text("0123456789", min_size=1, max_size=16))
def test_digits_said_one_by_one_are_read_back(digits: str) -> None:
    said = digit_words(digits).split()
    assert parse_digits(said, 0) == (digits, len(said))


@pytest.mark.parametrize(
    ("said", "year"),
    [
        ("nineteen eighty one", 1981),
        ("nineteen oh five", 1905),
        ("two thousand and four", 2004),
        ("twenty ten", 2010),
        ("nineteen hundred", 1900),
        ("one nine five eight", 1958),
        ("1958", 1958),
    ],
)
def test_years_as_people_say_them(said: str, year: int) -> None:
    found = parse_year(said.split(), 0)
    assert found is not None
    assert found[0] == year


@pytest.mark.parametrize(
    "said", ["eighty one", "twenty one", "nineteen", "two", "three thousand", "9999", ""]
)
def test_what_is_no_year(said: str) -> None:
    assert parse_year(said.split(), 0) is None


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("five five five oh one four two", "5550142"),
        ("double four triple oh", "44000"),
        ("eight hundred five five five", "800555"),
        ("twenty one oh nine", "2109"),
        ("617 555 0142", "6175550142"),
    ],
)
def test_digit_strings_in_groups(said: str, digits: str) -> None:
    found = parse_digits(said.split(), 0)
    assert found is not None
    assert found[0] == digits


def test_homophones_are_digits_only_when_asked_for() -> None:
    assert parse_digits(["two", "for", "to"], 0, homophones=True) == ("242", 3)
    assert parse_digits(["two", "for", "to"], 0) == ("2", 1)


def test_what_cannot_be_said_is_refused() -> None:
    with pytest.raises(ValueError, match="only 0 to"):
        cardinal_words(-1)
    with pytest.raises(ValueError, match="only 1 to"):
        ordinal_words(0)
