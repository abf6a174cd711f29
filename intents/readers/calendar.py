"""Names of days and months, and what a day named in a sentence is. "Today" is the practice's day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from words.tokens import phrases

_WEEKDAY_NAMES = (
    "monday mon|tuesday tues tue|wednesday wed weds wensday|thursday thurs thur thu|friday fri|saturday sat"
    "|sunday sun"
)
_MONTH_NAMES = (
    "january jan|february feb febuary|march mar|april apr|may|june jun|july jul|august aug|september sept sep"
    "|october oct|november nov|december dec"
)
WEEKDAYS = {name: number for number, names in enumerate(phrases(_WEEKDAY_NAMES)) for name in names}
MONTHS = {name: number for number, names in enumerate(phrases(_MONTH_NAMES), start=1) for name in names}


class Named(StrEnum):
    """How much of a day was said: what is left open, a neighbour in the sentence may tell."""

    WHOLE = "whole"
    WEEKDAY = "weekday"  # "Tuesday": of which week?
    DAY = "day"  # "the tenth": of which month?
    DATE = "date"  # "December tenth": of which year?
    WEEK = "week"
    MONTH = "month"
    SPAN = "span"


@dataclass(frozen=True, slots=True)
class Mention:
    """Days named by words [at, after). A single day has ``last`` equal to ``first``."""

    at: int
    after: int
    first: date
    last: date
    certainty: float = 0.95
    others: tuple[date, ...] = ()
    weekday: int | None = None
    is_only_weekday: bool = False  # "Tuesdays": a wish, no date
    named: Named = Named.WHOLE
    week: date | None = None  # the Monday of the week that was named along with the day

    @property
    def is_day(self) -> bool:
        return self.first == self.last and not self.is_only_weekday

    def from_day(self, today: date) -> Mention:
        """What is left of it from today on."""
        return replace(self, first=max(self.first, today))


Parser = Callable[[Sequence[str], int, date], Mention | None]


def one_day(
    at: int,
    after: int,
    day: date,
    *,
    certainty: float = 0.95,
    weekday: int | None = None,
    named: Named = Named.WHOLE,
) -> Mention:
    return Mention(at, after, day, day, certainty, weekday=weekday, named=named)


def days_from(at: int, after: int, first: date, count: int, *, named: Named = Named.SPAN) -> Mention:
    """``count`` days in a row."""
    return Mention(at, after, first, first + timedelta(days=count - 1), 0.9, named=named)


def first_after(weekday: int, day: date) -> date:
    """The first such weekday strictly after a day."""
    return day + timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)


def last_before(weekday: int, day: date) -> date:
    """The last such weekday strictly before a day."""
    return day - timedelta(days=(day.weekday() - weekday - 1) % 7 + 1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def days_in(month: date) -> int:
    return monthrange(month.year, month.month)[1]


def end_of_month(day: date) -> date:
    return day.replace(day=days_in(day))


def valid(year: int, month: int, day: int) -> date | None:
    """The day, or None where the calendar has none such."""
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def moved(base: date, count: int, unit: str) -> date | None:
    """``count`` days, weeks, fortnights, months or years on; None past the calendar's ends."""
    try:
        match unit:
            case "day":
                return base + timedelta(days=count)
            case "week":
                return base + timedelta(weeks=count)
            case "fortnight":
                return base + timedelta(weeks=2 * count)
            case "year":
                return _moved_months(base, 12 * count)
            case _:
                return _moved_months(base, count)
    except (ValueError, OverflowError):
        return None


def _moved_months(base: date, count: int) -> date:
    """A day that the month lacks becomes its last."""
    months = base.month - 1 + count
    year, month = base.year + months // 12, months % 12 + 1
    return date(year, month, min(base.day, monthrange(year, month)[1]))
