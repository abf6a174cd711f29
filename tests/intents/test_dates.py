"""When: the practice's rules for relative dates, and spoken dates read back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.readers.calendar import first_after
from intents.readers.dates import read_when
from words.numbers import cardinal_words, ordinal_words, year_words

MONDAY = date(2026, 11, 23)
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


@pytest.mark.parametrize(
    ("said", "day", "others"),
    [
        ("today", "2026-11-23", ()),
        ("tomorrow", "2026-11-24", ()),
        ("the day after tomorrow", "2026-11-25", ()),
        ("in two weeks", "2026-12-07", ()),
        ("a week from tuesday", "2026-12-01", ()),
        ("monday", "2026-11-30", ()),  # strictly after today
        ("this friday", "2026-11-27", ()),
        ("next tuesday", "2026-11-24", ("2026-12-01",)),  # ambiguous: both are offered
        ("tuesday next week", "2026-12-01", ()),
        ("the nineteenth", "2026-12-19", ()),
        ("on the 24th", "2026-11-24", ()),
        ("december first", "2026-12-01", ()),
        ("the first of december", "2026-12-01", ()),
        ("January 3", "2027-01-03", ()),  # the year rolls
        ("12/1", "2026-12-01", ()),
        ("2026-12-01", "2026-12-01", ()),
        ("tuesday the first", "2026-12-01", ()),
        ("i'd like to come in december first", "2026-12-01", ()),
        ("um thursday uh december third please", "2026-12-03", ()),
        ("tuesday no wednesday", "2026-11-25", ()),
        ("no I meant Thursday", "2026-11-26", ()),
        ("not tuesday thursday", "2026-11-26", ()),
        ("tuesday or wednesday", "2026-11-24", ("2026-11-25",)),
        ("next week friday", "2026-12-04", ()),
        ("23 Mar", "2027-03-23", ()),
    ],
)
def test_days(said: str, day: str, others: tuple[str, ...]) -> None:
    found = read_when(said, MONDAY)["date"]
    assert (found.value, found.alternatives) == (day, others)


@pytest.mark.parametrize(
    "said",
    [
        "the 31st",  # November has none
        "february thirtieth",
        "thirty first of february",
        "february twenty ninth",  # not within a year
        "i may come",
        "the second one",
        "march third nineteen fifty eight",
        "i need a refill",
        "not tuesday",
        "last tuesday",
        "since yesterday",
        "good morning",
        "",
    ],
)
def test_what_is_no_day(said: str) -> None:
    assert "date" not in read_when(said, MONDAY)


def test_a_weekday_that_does_not_fit_its_date_is_doubtful() -> None:
    found = read_when("tuesday the nineteenth", MONDAY)["date"]
    assert found.value == "2026-12-19"
    assert found.alternatives == ("2026-11-24",)
    assert found.certainty < 0.5


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("next week", "2026-11-30", "2026-12-06"),
        ("this week", "2026-11-23", "2026-11-29"),
        ("the week of the fourteenth", "2026-12-14", "2026-12-20"),
        ("in january", "2027-01-01", "2027-01-31"),
        ("between monday and wednesday", "2026-11-30", "2026-12-02"),
        ("after the fifteenth", "2026-12-16", None),
        ("before friday", None, "2026-11-26"),
        ("by friday", None, "2026-11-27"),
        ("as soon as possible", "2026-11-23", None),
    ],
)
def test_spans(said: str, first: str | None, last: str | None) -> None:
    found = read_when(said, MONDAY)
    assert (first, last) == tuple(
        found[name].value if name in found else None for name in ("date_from", "date_to")
    )
    assert "date" not in found


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("two twenty", "14:20"),
        ("2:20", "14:20"),
        ("13 50", "13:50"),
        ("half past nine", "09:30"),
        ("quarter to three", "14:45"),
        ("around ten", "10:00"),
        ("nine oh five a m", "09:05"),
        ("3 pm", "15:00"),
        ("at 8", "08:00"),
        ("noon", "12:00"),
        ("nine o'clock", "09:00"),
        ("seven in the evening", "19:00"),
        ("ten thirty", "10:30"),
    ],
)
def test_times(said: str, time: str) -> None:
    assert read_when(said, MONDAY)["time"].value == time


@pytest.mark.parametrize(
    "said", ["ten milligrams", "two times a day", "for five days", "one of them", "december first"]
)
def test_numbers_that_are_no_times(said: str) -> None:
    assert "time" not in read_when(said, MONDAY)


@pytest.mark.parametrize(
    ("said", "part"),
    [("in the morning", "morning"), ("after lunch", "afternoon"), ("tuesday evening", "evening")],
)
def test_parts_of_the_day(said: str, part: str) -> None:
    assert read_when(said, MONDAY)["daypart"].value == part


def test_weekdays_as_a_wish() -> None:
    found = read_when("anything on thursdays or fridays", MONDAY)
    assert (found["weekday"].value, found["weekday"].alternatives) == (3, (4,))
    assert "date" not in found


@given(DAYS, st.integers(0, 360))
def test_a_spoken_date_is_read_back(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    said = f"{day:%B} {ordinal_words(day.day)} {year_words(day.year)}"
    assert read_when(f"let's say {said} then", today)["date"].value == day.isoformat()


@given(DAYS, st.integers(0, 360))
def test_a_date_without_its_year_is_the_next_one(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    assert read_when(f"the {ordinal_words(day.day)} of {day:%B}", today)["date"].value == day.isoformat()


@given(DAYS, st.integers(0, 6))
def test_a_weekday_is_the_first_after_today(today: date, weekday: int) -> None:
    day = first_after(weekday, today)
    assert today < day <= today + timedelta(days=7)
    assert day.weekday() == weekday


@given(st.integers(1, 12), st.sampled_from(range(10, 60)))
def test_a_spoken_time_is_read_back(hour: int, minute: int) -> None:
    said = f"{cardinal_words(hour)} {cardinal_words(minute)} p m"
    assert read_when(said, MONDAY)["time"].value == f"{hour % 12 + 12:02d}:{minute:02d}"


@given(st.text(max_size=120), DAYS)
def test_any_text_gives_values_inside_it(text: str, today: date) -> None:
    for entity in read_when(text, today, bare_hours=True).values():
        assert 0 <= entity.span[0] < entity.span[1] <= len(text)
