"""What a visit must not be, from when until when, and wishes beside a visit: as callers say them."""

from __future__ import annotations

from datetime import date

import pytest

from intents.readers.limits import read_limits
from intents.readers.lists import read_provider, read_refused_provider
from intents.readers.relations import (
    read_company,
    read_no_such_date,
    read_past_date,
    read_same,
    read_shift,
)
from models.domain import Provider

TODAY = date(2026, 11, 23)  # a Monday
PROVIDERS = (
    Provider("chen", "Doctor Chen", ("doctor chen", "chen")),
    Provider("patel", "Doctor Patel", ("doctor patel", "patel")),
)


def limits(text: str) -> dict[str, object]:
    """Every value said; several as a tuple."""
    found = read_limits(text, TODAY)
    return {name: (e.value, *e.alternatives) if e.alternatives else e.value for name, e in found.items()}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("mornings, not Thursdays, with my doctor or anyone", {"not_weekday": 3}),
        ("any day but Monday", {"not_weekday": 0}),
        ("any day except Tuesday or Thursday", {"not_weekday": (1, 3)}),
        ("Tuesday doesn't work for me", {"not_weekday": 1}),
        ("anything but Fridays", {"not_weekday": 4}),
        ("not this Thursday", {"not_date": "2026-11-26"}),
        ("not the tenth", {"not_date": "2026-12-10"}),
        ("I can't do mornings", {"not_daypart": "morning"}),
        ("not in the morning or the evening", {"not_daypart": ("morning", "evening")}),
        ("on Tuesday morning", {}),
        ("why not Thursday", {}),
    ],
)
def test_days_and_parts_of_the_day_turned_down(said: str, meant: dict[str, object]) -> None:
    assert limits(said) == meant


def test_a_week_turned_down_is_each_of_its_days() -> None:
    days = read_limits("not next week", TODAY)["not_date"]
    assert (days.value, days.alternatives[-1]) == ("2026-11-30", "2026-12-06")


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("after three", "15:00", None),
        ("any time after 3 pm", "15:00", None),
        ("three thirty or later", "15:30", None),
        ("not before ten", "10:00", None),
        ("no earlier than nine", "09:00", None),
        ("I can't come before eleven", "11:00", None),
        ("I work until five", "17:00", None),
        ("before noon", None, "11:59"),
        ("not before noon", "12:00", None),
        ("before ten", None, "09:59"),
        ("no later than eleven", None, "11:00"),
        ("nothing after three", None, "15:00"),
        ("not after two", None, "14:00"),
        ("by four", None, "16:00"),
        ("between ten and two", "10:00", "14:00"),
        ("from nine to eleven on Tuesday", "09:00", "11:00"),
        ("at ten or two", None, None),
        ("around three", None, None),
        ("twenty after ten", None, None),
    ],
)
def test_from_when_until_when_in_the_day(said: str, first: str | None, last: str | None) -> None:
    found = limits(said)
    assert (found.get("time_from"), found.get("time_to")) == (first, last)


@pytest.mark.parametrize(
    ("said", "yes", "no"),
    [
        ("only Doctor Patel", "patel", None),
        ("anyone but Doctor Chen", None, "chen"),
        ("not with Doctor Chen", None, "chen"),
        ("Doctor Patel, not Doctor Chen", "patel", "chen"),
        ("I'd rather see Doctor Chen", "chen", None),
    ],
)
def test_a_provider_named_to_be_turned_down(said: str, yes: str | None, no: str | None) -> None:
    wished, refused = read_provider(said, PROVIDERS), read_refused_provider(said, PROVIDERS)
    assert (wished and wished.value, refused and refused.value) == (yes, no)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("with my doctor", "own"),
        ("I want to see my usual doctor", "own"),
        ("my doctor", "own"),
        ("my doctor told me I should come in for a physical", None),
        ("with my doctor or anyone", "any"),
        ("someone else than last time", "other"),
        ("a different doctor please", "other"),
        ("Tuesday morning", None),
    ],
)
def test_with_whom(said: str, meant: str | None) -> None:
    found = read_company(said)
    assert (found.value if found else None) == meant


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("move it a week later", 7),
        ("push it back two days", 2),
        ("could we move it up a week", -7),
        ("the same time the next day", 1),
        ("two days earlier", -2),
        ("the week after next", None),
        ("a later time", None),
        ("next week", None),
    ],
)
def test_days_counted_from_a_visit(said: str, days: int | None) -> None:
    found = read_shift(said)
    assert (found.value if found else None) == days


def test_what_is_to_stay() -> None:
    time, day = read_same("the same time but another day"), read_same("the same day but later")
    assert time is not None
    assert day is not None
    assert (time.value, day.value) == ("time", "day")
    assert read_same("a same day visit") is None


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("last Tuesday", "2026-11-17"),
        ("three days ago", "2026-11-20"),
        ("an appointment in 1890", "1890-12-31"),
        ("in eighteen ninety", "1890-12-31"),
        ("next Tuesday", None),
        ("in 2027", None),
    ],
)
def test_days_gone_by(said: str, day: str | None) -> None:
    found = read_past_date(said, TODAY)
    assert (found.value if found else None) == day


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ("the thirty first of February", True),
        ("February 30th", True),
        ("April thirty first", True),
        ("February 29th", True),  # 2027 has none
        ("February 28th", False),
        ("December thirty first", False),
    ],
)
def test_days_that_the_calendar_lacks(said: str, lacks: bool) -> None:
    assert (read_no_such_date(said, TODAY) is not None) is lacks


def test_the_29th_of_february_of_a_leap_year() -> None:
    assert read_no_such_date("February 29th", date(2027, 12, 1)) is None
