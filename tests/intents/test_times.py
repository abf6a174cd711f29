"""Times of day: the half that was named, and numbers that are no times."""

from __future__ import annotations

from datetime import date

import pytest

from intents.readers.dates import read_when

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("half past two", "14:30"),
        ("quarter to nine", "08:45"),
        ("two thirty", "14:30"),
        ("twelve noon", "12:00"),
        ("half past noon", "12:30"),
        ("ten to noon", "11:50"),
        ("ten after three", "15:10"),
        ("twenty minutes after ten p m", "22:20"),
        ("tomorrow morning at six", "06:00"),
        ("this evening at seven", "19:00"),
        ("tonight at eight", "20:00"),
        ("nine at night", "21:00"),
        ("two in the morning", "02:00"),
        ("twelve at night", "00:00"),
        ("around five ish", "17:00"),
        ("25 past 17", "17:25"),
        ("quarter to one", "12:45"),
        ("two no three o'clock", "15:00"),
        ("move it from two o'clock to three o'clock", "15:00"),
        ("change my two o'clock to three", "15:00"),
        ("from two to four", "14:00"),
        ("ten fifteen a m no p m", "22:15"),
        ("seven thirty tonight", "19:30"),
        ("elevenish", "11:00"),
        ("not at nine at ten", "10:00"),
    ],
)
def test_times_as_people_say_them(said: str, time: str) -> None:
    assert read_when(said, MONDAY, bare_hours=True)["time"].value == time


def test_six_and_seven_are_of_either_half() -> None:
    found = read_when("at seven", MONDAY)["time"]
    assert (found.value, found.alternatives) == ("07:00", ("19:00",))
    assert found.certainty <= 0.7


def test_a_lone_hour_that_suits_is_a_time_where_one_was_asked_for() -> None:
    assert read_when("twelve would be good", MONDAY, bare_hours=True)["time"].value == "12:00"
    assert "time" not in read_when("twelve would be good", MONDAY)


@pytest.mark.parametrize(
    "said",
    [
        "i work nine to five",
        "after two surgeries",
        "for about two to three weeks",
        "my sugar was two fifty this week",
        "i weigh one forty five",
        "one twenty main street",
        "three fourteen fifty eight",
        "at two different pharmacies",
        "at one point",
        "about ten pounds",
        "two of us",
        "at nine doesn't work",
        "apartment two twelve",
        "room two ten",
        "nothing after three",
    ],
)
def test_numbers_that_name_no_time(said: str) -> None:
    assert "time" not in read_when(said, MONDAY)


@pytest.mark.parametrize(
    "said", ["i'm seventy two", "three or four pills", "fourteen thirty", "nine one five"]
)
def test_part_of_a_number_is_no_time_even_where_one_was_asked_for(said: str) -> None:
    assert "time" not in read_when(said, MONDAY, bare_hours=True)


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("before noon", "morning"),
        ("after lunch", "afternoon"),
        ("friday night", "evening"),
        ("not in the morning in the afternoon", "afternoon"),
        ("first thing", "morning"),
    ],
)
def test_parts_of_the_day_as_people_say_them(said: str, part: str) -> None:
    found = read_when(said, MONDAY)
    assert found["daypart"].value == part
    assert "time" not in found


@pytest.mark.parametrize("said", ["it hurts at night", "last night", "every morning", "mornings don't work"])
def test_parts_of_the_day_that_are_no_wish(said: str) -> None:
    assert "daypart" not in read_when(said, MONDAY)
