"""Birth dates: understood exactly, or not at all."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.readers.births import read_birth
from words.numbers import cardinal_words, digit_words, ordinal_words, year_words

TODAY = date(2026, 11, 23)
BIRTHS = st.dates(date(1915, 1, 1), TODAY)


@pytest.mark.parametrize(
    ("said", "birth"),
    [
        ("my date of birth is march third nineteen fifty eight", "1958-03-03"),
        ("March 3, 1958.", "1958-03-03"),
        ("the third of march 1958", "1958-03-03"),
        ("it's uh march the uh third nineteen uh fifty eight", "1958-03-03"),
        ("march third fifty eight", "1958-03-03"),
        ("march third oh four", "2004-03-03"),
        ("03/14/1958", "1958-03-14"),
        ("3-14-58", "1958-03-14"),
        ("three fourteen fifty eight", "1958-03-14"),
        ("oh three fourteen nineteen fifty eight", "1958-03-14"),
        ("03141958", "1958-03-14"),
        ("zero three one four one nine five eight", "1958-03-14"),
        ("1958-03-14", "1958-03-14"),
        ("june 5th '62", "1962-06-05"),
        ("february twenty ninth nineteen sixty four", "1964-02-29"),
        ("march third no april third nineteen fifty eight", "1958-04-03"),
        ("march third nineteen fifty eight no fifty nine", "1959-03-03"),
        ("March third nineteen fifty nine. No, wait, fifty eight, nineteen fifty eight.", "1958-03-03"),
        ("march third nineteen fifty nine no wait august eighth nineteen fifty eight", "1958-08-08"),
        ("Susan Miller, March 3rd 1958, and I need a refill", "1958-03-03"),
    ],
)
def test_births(said: str, birth: str) -> None:
    found = read_birth(said, TODAY)
    assert found is not None
    assert found.value == birth


@pytest.mark.parametrize(
    "said",
    [
        "february thirtieth nineteen fifty",
        "february twenty ninth nineteen sixty three",
        "13/13/1958",
        "march third",
        "nineteen fifty eight",
        "march third twenty thirty",  # not born yet
        "march third eighteen ninety",
        "next tuesday",
        "december first at two twenty",
        "02301958",
        "yes",
        "",
    ],
)
def test_what_is_no_birth_date(said: str) -> None:
    assert read_birth(said, TODAY) is None


def test_a_day_is_never_silently_taken_for_a_month() -> None:
    found = read_birth("3/4/1958", TODAY)
    assert found is not None
    assert (found.value, found.alternatives) == ("1958-03-04", ("1958-04-03",))
    assert found.certainty < 0.8
    other = read_birth("25/12/1958", TODAY)
    assert other is not None
    assert (other.value, other.certainty < 0.7) == ("1958-12-25", True)


def test_two_plausible_centuries_are_both_kept() -> None:
    found = read_birth("march third twenty", TODAY)
    assert found is not None
    assert (found.value, found.alternatives) == ("2020-03-03", ("1920-03-03",))
    assert found.certainty < 0.8


@given(BIRTHS)
def test_a_spoken_birth_date_is_read_back(birth: date) -> None:
    said = f"my birthday is {birth:%B} {ordinal_words(birth.day)} {year_words(birth.year)}".lower()
    found = read_birth(said, TODAY)
    assert found is not None
    assert found.value == birth.isoformat()
    assert found.certainty > 0.9


@given(BIRTHS)
def test_a_keyed_birth_date_is_read_back(birth: date) -> None:
    for said in (f"{birth:%m%d%Y}", digit_words(f"{birth:%m%d%Y}")):
        found = read_birth(said, TODAY)
        assert found is not None
        assert found.value == birth.isoformat()


@given(BIRTHS)
def test_a_birth_date_in_numbers_is_read_back(birth: date) -> None:
    said = f"{cardinal_words(birth.month)} {cardinal_words(birth.day)} {year_words(birth.year)}"
    found = read_birth(said, TODAY)
    assert found is not None
    assert birth.isoformat() in (found.value, *found.alternatives)


@given(st.text(max_size=120))
def test_any_text_gives_a_real_date_or_nothing(text: str) -> None:
    found = read_birth(text, TODAY)
    assert found is None or date.fromisoformat(str(found.value)) <= TODAY


@pytest.mark.parametrize(
    "said",
    [
        "march fifth nineteen auto one",  # the year's tens
        "mask fifth nineteen eighty one",  # the month: no May 19th
        "june front nineteen eighty six",  # the day: no June 19th
        "december fourth nineteen",  # the beginning of a year is no year 2019
    ],
)
def test_what_was_lost_of_a_misheard_date_is_not_made_up(said: str) -> None:
    assert read_birth(said, TODAY, expected=True) is None


@pytest.mark.parametrize(
    ("said", "birth"),
    [
        ("march fifteenth nineteen remove eighty one", "1981-03-15"),
        ("march fifth nineteen eighty open", "1980-03-05"),  # perhaps "eighty one"
        ("july third nineteen fifteen eight", "1915-07-03"),
        ("march fifth twenty eighty one", "1981-03-05"),
        ("march third nineteen fifty nine no wait fifty eight nineteen fifty eight", "1958-03-03"),
    ],
)
def test_a_date_among_misheard_words_is_read_and_unsure(said: str, birth: str) -> None:
    found = read_birth(said, TODAY, expected=True)
    assert found is not None
    assert found.value == birth
    assert found.certainty <= 0.5


def test_the_last_digits_of_a_year_one_by_one() -> None:
    found = read_birth("september thirtieth nineteen six six", TODAY)
    assert found is not None
    assert found.value == "1966-09-30"
