"""How birth dates are read, and how refills and days read on a page."""

from __future__ import annotations

from datetime import date

import pytest

from console import days
from console.birth_dates import birth_date
from console.refill_words import days_left, proposed, rule_words
from models.domain import RuleResult


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("3/5/1981", date(1981, 3, 5)),
        (" 03-05-1981 ", date(1981, 3, 5)),
        ("3.5.1981", date(1981, 3, 5)),
        ("1981-03-05", date(1981, 3, 5)),
        ("2/29/1960", date(1960, 2, 29)),
        ("2/29/1961", None),
        ("13/1/1981", None),
        ("3/5/81", None),
        ("٣/٥/١٩٨١", None),
        ("", None),
        ("'; drop table", None),
    ],
)
def test_a_birth_date_is_month_day_year_or_nothing(typed: str, day: date | None) -> None:
    assert birth_date(typed) == day


@pytest.mark.parametrize(
    ("born", "shown"),
    [
        ("1981-03-05", "Mar 5, 1981 (44)"),
        ("1981-03-04", "Mar 4, 1981 (45)"),
        ("1960-02-29", "Feb 29, 1960 (66)"),
        ("1981", "1981"),
        ("", ""),
    ],
)
def test_a_birth_date_has_the_age_beside_it(born: str, shown: str) -> None:
    assert days.born(born, date(2026, 3, 4)) == shown


def test_days_left_are_said_in_words() -> None:
    said = [days_left(left) for left in (None, 8, 1, 0, -1, -30)]
    assert said == [
        "not known",
        "8 days",
        "1 day",
        "used up today",
        "used up 1 day ago",
        "used up 30 days ago",
    ]


def test_what_would_be_ordered_and_why_a_rule_failed() -> None:
    assert proposed("one daily", "90 tablets", 90, 0) == "one daily, quantity 90 tablets, 90 days, no refills"
    assert proposed("", "", 30, 3) == "30 days, 3 refills"
    assert proposed("", "", None, None) == ""
    assert (
        rule_words(RuleResult("visit-recent", False, "no visit on record"))
        == "Visit recent: no visit on record"
    )
    assert rule_words(RuleResult("of-tomorrow", None)) == "of-tomorrow"
