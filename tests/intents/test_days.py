"""Days as callers name them: what is not wished for, what a neighbour settles, and what is told of the
past.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.readers.calendar import first_after, last_before
from intents.readers.dates import read_when
from intents.readers.hearing import heard
from intents.readers.mentions import find_mentions

MONDAY = date(2026, 11, 23)
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


def day(said: str, today: date = MONDAY) -> tuple[object, ...] | None:
    found = read_when(said, today).get("date")
    return (found.value, *found.alternatives) if found else None


def bounds(said: str, today: date = MONDAY) -> tuple[object, object]:
    found = read_when(said, today)
    assert "date" not in found
    first, last = found.get("date_from"), found.get("date_to")
    return (first.value if first else None, last.value if last else None)


@pytest.mark.parametrize(
    "said",
    [
        "thursday doesn't work for me",
        "tuesday is no good",
        "i can't do thursday or friday",
        "not tuesday or wednesday",
        "any day but tuesday",
        "i'm busy on thursday",
        "thursday i can't",
        "i work on fridays",
        "i'm not available the nineteenth",
        "i won't be able to make it on monday",
        "i can't wait until thursday",
        "not sure about friday",
        "except mondays and fridays",
        "neither monday nor tuesday",
    ],
)
def test_days_that_are_turned_down_are_no_wish(said: str) -> None:
    found = read_when(said, MONDAY)
    assert not {"date", "date_from", "date_to", "weekday"} & found.keys()


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("thursday doesn't work how about friday", "2026-11-27"),
        ("not tuesday or wednesday but thursday", "2026-11-26"),
        ("i work tuesday so could i come wednesday", "2026-11-25"),
        ("move my appointment from tuesday to thursday", "2026-11-26"),
        ("can you change my tuesday visit to friday", "2026-11-27"),
        ("reschedule it from december third to december tenth", "2026-12-10"),
        ("thursday i mean friday", "2026-11-27"),
        ("why not thursday", "2026-11-26"),
        ("thursday instead of tuesday", "2026-11-26"),
        ("instead of tuesday could i have thursday", "2026-11-26"),
        ("the eighteenth no wait the nineteenth", "2026-12-19"),
    ],
)
def test_the_day_that_is_wished_and_not_the_other(said: str, value: str) -> None:
    assert day(said) == (value,)


@pytest.mark.parametrize(
    "said",
    [
        "i've been dizzy since tuesday",
        "since the fifth",
        "it has hurt since november third",
        "since last monday",
        "i fell on sunday",
        "it started on friday",
        "last monday",  # said on a Monday: a week ago, not today
        "this past friday",
        "three days ago",
        "last week",
        "monday of last week",
        "i missed my appointment on friday",
        "i was discharged on friday",
        "since i was there on the fifth",
    ],
)
def test_what_is_told_of_the_past_is_no_wish(said: str) -> None:
    found = read_when(said, MONDAY)
    assert not {"date", "date_from", "date_to"} & found.keys()


def test_a_wish_beside_something_told() -> None:
    assert day("i fell on sunday can i come in on wednesday") == ("2026-11-25",)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("thursday of next week", "2026-12-03"),
        ("next week would be good maybe thursday", "2026-12-03"),
        ("the week after next on tuesday", "2026-12-08"),
        ("friday the week after next", "2026-12-11"),
        ("tuesday in two weeks", "2026-12-08"),
        ("the tenth of next month", "2026-12-10"),
        ("the first of the month", "2026-12-01"),
        ("in december maybe the tenth", "2026-12-10"),
        ("the first monday in december", "2026-12-07"),
        ("the last friday of the month", "2026-11-27"),
        ("the second tuesday of january", "2027-01-12"),
        ("a week from the tenth", "2026-12-17"),
        ("two days after christmas", "2026-12-27"),
        ("the day before new year's eve", "2026-12-30"),
        ("the monday after thanksgiving", "2026-11-30"),
        ("in two weeks' time", "2026-12-07"),
        ("230 days from now", "2027-07-11"),
        ("in a fortnight", "2026-12-07"),
        ("independence day", "2027-07-04"),
        ("thanksgiving", "2026-11-26"),
        ("the twentieth", "2026-12-20"),
        ("twentieth", "2026-12-20"),
        ("on 24th", "2026-11-24"),
        ("march third of 2027", "2027-03-03"),
        ("may second", "2027-05-02"),
        ("the twelfth of may", "2027-05-12"),
    ],
)
def test_days_named_by_another(said: str, value: str) -> None:
    assert day(said) == (value,)


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("the tuesday after next", {"2026-12-01", "2026-12-08"}),
        ("thursday or friday next week", {"2026-12-03", "2026-11-26", "2026-12-04"}),
        ("the tenth or eleventh", {"2026-12-10", "2026-12-11"}),
        ("december tenth or eleventh", {"2026-12-10", "2026-12-11"}),
        ("the first or second of february", {"2027-02-01", "2027-02-02"}),
        ("tomorrow or thursday", {"2026-11-24", "2026-11-26"}),
        ("next friday", {"2026-11-27", "2026-12-04"}),
    ],
)
def test_where_two_days_may_be_meant_both_are_kept(said: str, values: set[str]) -> None:
    found = read_when(said, MONDAY)["date"]
    assert {found.value, *found.alternatives} == values
    assert found.certainty <= 0.6


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("not until thursday", "2026-11-26", None),
        ("i can't come before the tenth", "2026-12-10", None),
        ("i'm away until friday", "2026-11-27", None),
        ("i'm out of town through friday", "2026-11-28", None),
        ("i won't be back till monday", "2026-11-30", None),
        ("no later than friday", None, "2026-11-27"),
        ("no earlier than friday", "2026-11-27", None),
        ("thursday or later", "2026-11-26", None),
        ("friday at the latest", None, "2026-11-27"),
        ("before january", None, "2026-12-31"),
        ("after thanksgiving", "2026-11-27", None),
        ("from the third to the sixth of january", "2027-01-03", "2027-01-06"),
        ("between the thirtieth and the fourth", "2026-11-30", "2026-12-04"),
        ("from the 24th to the 4th", "2026-11-24", "2026-12-04"),
        ("monday through wednesday", "2026-11-30", "2026-12-02"),
        ("december 14 to 22", "2026-12-14", "2026-12-22"),
        ("within two weeks", "2026-11-23", "2026-12-07"),
        ("in the next two weeks", "2026-11-23", "2026-12-07"),
        ("in a week or two", "2026-11-30", "2026-12-07"),
        ("early next week", "2026-11-30", "2026-12-01"),
        ("the end of next week", "2026-12-03", "2026-12-04"),
        ("the beginning of january", "2027-01-01", "2027-01-10"),
        ("the end of the month", "2026-11-25", "2026-11-30"),  # neither today nor tomorrow
        ("late november", "2026-11-23", "2026-11-30"),  # what is left of it
        ("in march twenty twenty seven", "2027-03-01", "2027-03-31"),
        ("sometime next month", "2026-12-01", "2026-12-31"),
        ("next weekend", "2026-11-28", "2026-11-29"),
        ("the second week of january", "2027-01-08", "2027-01-14"),
        ("the second or third week of december", "2026-12-08", "2026-12-21"),
        ("the weekend after next", "2026-12-05", "2026-12-06"),
        ("christmas week", "2026-12-21", "2026-12-27"),
        ("next year", "2027-01-01", "2027-12-31"),
    ],
)
def test_bounds_as_people_set_them(said: str, first: str | None, last: str | None) -> None:
    assert bounds(said) == (first, last)


@pytest.mark.parametrize(
    "said",
    [
        "i may one day",
        "it may two",
        "half of a 1/2 tablet",
        "1/2 tablet",
        "the first time i called",
        "a third party",
        "the second shot",
        "to first ask a question",
        "my blood pressure is 120/80",
        "my 4th visit",
        "in a few weeks",
        "for two weeks",
        "every two weeks",
        "the sixth of nothing",
    ],
)
def test_words_that_name_no_day(said: str) -> None:
    assert not {"date", "date_from", "date_to"} & read_when(said, MONDAY).keys()


def test_a_day_that_has_just_passed_is_unsure() -> None:
    """Its next one is nearly a year away: more likely a slip, or something told."""
    assert read_when("november third", MONDAY)["date"].certainty < 0.6
    assert read_when("january third", MONDAY)["date"].certainty > 0.9


def test_a_past_day_is_found_where_days_are_told() -> None:
    words = [token.text for token in heard("it began last friday and got worse yesterday")]
    assert [mention.first.isoformat() for mention in find_mentions(words, MONDAY)] == [
        "2026-11-20",
        "2026-11-22",
    ]


@given(DAYS, st.integers(0, 6))
def test_last_means_before_today(today: date, weekday: int) -> None:
    found = last_before(weekday, today)
    assert today - timedelta(days=7) <= found < today
    assert found.weekday() == weekday


@given(DAYS, st.integers(0, 6), st.sampled_from(["", "this ", "next "]))
def test_a_weekday_by_the_rule_on_any_day(today: date, weekday: int, lead: str) -> None:
    name = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[weekday]
    found = read_when(f"can i come {lead}{name}", today)["date"]
    nearest = first_after(weekday, today)
    assert found.value == nearest.isoformat()
    assert found.alternatives == (((nearest + timedelta(weeks=1)).isoformat(),) if lead == "next " else ())


@given(DAYS, st.integers(1, 31))
def test_a_day_of_the_month_is_never_another_day(today: date, number: int) -> None:
    """The next one so numbered, or nothing where neither this month nor the next has it."""
    found = read_when(f"the {number}th please", today).get("date")
    if found is None:
        assert number >= 29
    else:
        assert date.fromisoformat(str(found.value)).day == number
        assert today <= date.fromisoformat(str(found.value)) <= today + timedelta(days=61)


@given(DAYS, st.integers(1, 60), st.sampled_from(["day", "week", "month"]))
def test_counts_from_any_day(today: date, count: int, unit: str) -> None:
    found = read_when(f"in {count} {unit}s", today)["date"]
    away = (date.fromisoformat(str(found.value)) - today).days
    least, most = {"day": (1, 1), "week": (7, 7), "month": (28, 31)}[unit]
    assert least * count <= away <= most * count
