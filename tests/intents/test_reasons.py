"""What callers tell of their own day beside a wish is no wish, and may set a bound to it."""

from __future__ import annotations

from datetime import date

import pytest

from intents.readers.agreement import agreed
from intents.readers.births import read_birth
from intents.readers.choices import read_choice
from intents.readers.dates import read_when
from intents.readers.hints import read_hints
from intents.readers.limits import read_limits
from models.domain import Choice, Hint

TODAY = date(2026, 11, 23)  # a Monday
OPENINGS = (
    Choice("a", ("the first one", "tuesday december first", "tuesday", "two twenty", "afternoon")),
    Choice("b", ("the second one", "thursday december third", "thursday", "nine", "morning")),
)


def wished(said: str, *, bare_hours: bool = False) -> dict[str, object]:
    """Days, hours and parts of the day, with their bounds: the first value of each."""
    found = read_when(said, TODAY, bare_hours=bare_hours) | read_limits(said, TODAY)
    return {name: entity.value for name, entity in found.items()}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("How about Wednesday? I get off at four.", {"weekday": 2, "time_from": "16:00"}),
        ("Wednesday, my shift ends around noon", {"weekday": 2, "time_from": "12:00"}),
        ("I get off work at three so half past four would be fine", {"time": "16:30"}),
        ("I have to pick him up at three, so before that", {"time": "15:00", "time_to": "14:59"}),
        ("I work till three so it would have to be after that", {"time_from": "15:00"}),
        ("my kids are at school until two thirty so mornings are best", {"daypart": "morning"}),
        ("something around 4:30 pm, I have class before that", {"time": "16:30"}),
    ],
)
def test_an_hour_of_ones_own_day_bounds_the_wish(said: str, meant: dict[str, object]) -> None:
    found = wished(said)
    found.pop("date", None)
    assert found == meant


@pytest.mark.parametrize(
    ("said", "meant", "not_then"),
    [
        ("he's got soccer Tuesday, so Thursday at two", "2026-11-26", 1),
        ("I have class on Friday, Wednesday is fine", "2026-11-25", 4),
        ("Wednesday, I've got a meeting on Friday", "2026-11-25", 4),
    ],
)
def test_a_day_that_something_else_stands_on_is_turned_down(said: str, meant: str, not_then: int) -> None:
    found = wished(said)
    assert (found["date"], found["not_weekday"]) == (meant, not_then)


def test_a_day_named_after_a_reason_is_the_wish() -> None:
    found = wished("oh hang on, I have work. Wednesday at four then")
    assert (found["weekday"], found["time"], "not_weekday" in found) == (2, "16:00", False)


def test_a_reason_wishes_for_nothing_beside_the_wish() -> None:
    assert wished("in the afternoon because I take the bus in the morning") == {"daypart": "afternoon"}
    assert wished("because I'm off on Thursday")["weekday"] == 3


@pytest.mark.parametrize(
    ("said", "day", "at"),
    [
        ("on the 4th of December, 11 in the morning please", "2026-12-04", "11:00"),
        ("on the 8th, quarter to five in the afternoon", "2026-12-08", "16:45"),
        ("December ninth, ten a.m.", "2026-12-09", "10:00"),
    ],
)
def test_a_day_and_an_hour_are_no_birth_date_and_no_quarter(said: str, day: str, at: str) -> None:
    found = wished(said)
    assert (found["date"], found["time"]) == (day, at)
    assert read_birth(said, TODAY) is None


def test_two_digits_of_a_year_are_still_a_birth_date() -> None:
    born = read_birth("December 4th 58", TODAY)
    assert born
    assert born.value == "1958-12-04"


@pytest.mark.parametrize(
    "said", ["can we make it 3 instead", "I need three", "something like three", "change the time to 3"]
)
def test_an_hour_is_taken_from_few_words_where_an_opening_is_offered(said: str) -> None:
    assert wished(said, bare_hours=True) == {"time": "15:00"}


@pytest.mark.parametrize(
    "said",
    [
        "I need one",
        "do you have another one in the afternoon",
        "I'd take two pills",
        "make it two weeks later",
    ],
)
def test_what_is_counted_is_no_hour(said: str) -> None:
    assert "time" not in wished(said, bare_hours=True)


def test_a_corrected_hour_and_a_rough_one() -> None:
    assert wished("at nine, no, ten, on Tuesday")["time"] == "10:00"
    assert wished("elevenish on Friday")["time"] == "11:00"
    assert wished("3ish on Friday")["time"] == "15:00"


def test_an_opening_whose_hour_is_turned_down_is_not_picked() -> None:
    assert read_choice("Thursday works but not at nine", OPENINGS, TODAY) is None


@pytest.mark.parametrize("said", ["whichever is earlier", "whichever comes sooner"])
def test_the_soonest_of_the_offers_may_be_picked_by_that(said: str) -> None:
    found = read_choice(said, OPENINGS, TODAY)
    assert found
    assert (found.value, found.alternatives) == ("a", ())


@pytest.mark.parametrize(
    "said", ["the first thing you have", "whatever you've got first", "the sooner the better"]
)
def test_the_soonest_there_is(said: str) -> None:
    assert Hint.SOONEST in read_hints(said)
    assert "daypart" not in wished(said)


@pytest.mark.parametrize(
    "said",
    ["I think that will work", "sounds doable", "I suppose that would have to do", "I guess I can do that"],
)
def test_a_thought_that_it_will_do_is_a_yes_to_a_proposal(said: str) -> None:
    assert agreed(said.lower().split(), 0, to_proposal=True)
