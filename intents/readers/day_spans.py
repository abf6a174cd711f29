"""Weeks, months, weekends and years, and parts of them. A part is a wish to be offered days in, never a
day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from intents.readers.calendar import (
    MONTHS,
    WEEKDAYS,
    Mention,
    Named,
    days_from,
    days_in,
    end_of_month,
    first_after,
    monday_of,
    one_day,
    valid,
)
from intents.readers.calendar_days import day_of_month, month_at, month_day, month_then_day
from intents.readers.holidays import holiday
from intents.readers.weekdays import week_at
from words.numbers import parse_ordinal
from words.tokens import word_at, word_set

_MONTH_CUES = word_set(
    "in during for of until till before after next this from by since through around last within"
)
_PART_NAMES = {
    "early": "early", "beginning": "early", "start": "early", "mid": "mid", "middle": "mid", "late": "late",
    "end": "late", "later": "late",
}  # fmt: skip
_SMALL_WORDS = word_set("of in the")
_PART_OF_WEEK = {"early": (0, 2), "mid": (1, 3), "late": (3, 2)}  # first day, how many
_ROUGH = 0.6


def week(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "this week", "next week", "the week after next", "next week Friday", "the week of the fourteenth"."""
    found = week_at(words, at, today)
    if found is None:
        return _week_of(words, at, today)
    monday, after = found
    place = after + 1 if word_at(words, after) == "on" else after
    number = WEEKDAYS.get(word_at(words, place).removesuffix("'s"))
    if number is not None and (monday != monday_of(today) or place == after):
        day = one_day(at, place + 1, monday + timedelta(days=number), weekday=number)
        return replace(day, week=monday)
    return days_from(at, after, monday, 7, named=Named.WEEK)


def _week_of(words: Sequence[str], at: int, today: date) -> Mention | None:
    shift = {"of": 0, "after": 1, "before": -1}.get(word_at(words, at + 1))
    if words[at] != "week" or shift is None:
        return None
    named = (month_day, day_of_month, holiday)
    days = [day for parse in named if at + 2 < len(words) and (day := parse(words, at + 2, today))]
    if not days:
        return None
    best = max(days, key=lambda day: day.after)
    return days_from(at, best.after, monday_of(best.first) + timedelta(weeks=shift), 7, named=Named.WEEK)


def part_of_week(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "early next week", "the end of the week", "later this week"."""
    part, place = _part(words, at)
    if not part:
        return None
    monday, after = week_at(words, place, today) or (monday_of(today), place)
    if after == place:
        if word_at(words, place - 1) != "the" or word_at(words, place) != "week":
            return None
        after = place + 1
    first, count = _PART_OF_WEEK[part]
    start = monday + timedelta(days=first)
    return Mention(at, after, start, start + timedelta(days=count - 1), _ROUGH, named=Named.WEEK)


def ranked_week(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "The second week of January", "the second or third week of December": about these days."""
    first = parse_ordinal(words, at)
    last = (
        parse_ordinal(words, first[1] + 1) if first and word_at(words, first[1]) in ("or", "and") else first
    )
    if (
        first is None
        or last is None
        or word_at(words, last[1]) != "week"
        or not 1 <= first[0] <= last[0] <= 4
    ):
        return None
    found = month_at(words, last[1] + 2, today) if word_at(words, last[1] + 1) in ("of", "in") else None
    if found is None:
        return None
    start = found[0] + timedelta(weeks=first[0] - 1)
    return Mention(
        at, found[1], start, found[0] + timedelta(weeks=last[0], days=-1), _ROUGH, named=Named.SPAN
    )


def _part(words: Sequence[str], at: int) -> tuple[str, int]:
    """Early, mid or late, and where that of which it is a part begins; ("", at) when none is named."""
    part, place = _PART_NAMES.get(words[at], ""), at + 1
    while part and word_at(words, place) in _SMALL_WORDS:
        place += 1
    return part, place


def month(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "this month", "next month", "in January", "March 2027"; a month's name alone only as the whole
    answer.
    """
    found = month_at(words, at, today)
    if found is None or word_at(words, at) == "the" or month_then_day(words, at):
        return None
    first, after = found
    named = words[at] in MONTHS
    if named and after == at + 1 and len(words) > 2 and word_at(words, at - 1) not in _MONTH_CUES:
        return None
    if named and word_at(words, at - 1) == "last":
        first = first.replace(year=first.year - 1) if first >= today.replace(day=1) else first
    return Mention(at, after, first, end_of_month(first), 0.85, named=Named.MONTH)


def part_of_month(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "early March", "the end of the month", "the beginning of January"."""
    part, place = _part(words, at)
    if not part:
        return None
    if word_at(words, place - 1) == "the" and word_at(words, place) == "month":
        place -= 1
    found = month_at(words, place, today)
    if found is None or month_then_day(words, place):
        return None
    length = days_in(found[0])
    late = (length - 5 if words[at] == "end" else length - 9, length)  # "the end" is less than "late"
    first, last = {"early": (1, 10), "mid": (11, 20)}.get(part, late)
    start, end = found[0].replace(day=first), found[0].replace(day=last)
    return Mention(at, found[1], start, end, _ROUGH, named=Named.SPAN)


def weekend(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "the weekend"; "next weekend" may be the coming one or the one a week later."""
    if words[at] not in ("weekend", "weekends"):
        return None
    lead = word_at(words, at - 1)
    if lead == "last":
        return days_from(at, at + 1, monday_of(today) - timedelta(days=2), 2)
    saturday = first_after(5, today)
    if lead == "this" and today.weekday() >= 5:
        return Mention(at, at + 1, today, monday_of(today) + timedelta(days=6), 0.9, named=Named.SPAN)
    found = days_from(at, at + 1, saturday, 2)
    if tuple(words[at + 1 : at + 3]) == ("after", "next"):
        week_later = days_from(at, at + 3, saturday + timedelta(weeks=1), 2)
        return replace(week_later, certainty=0.5, others=(saturday + timedelta(weeks=2),))
    return replace(found, certainty=0.5, others=(saturday + timedelta(weeks=1),)) if lead == "next" else found


def year(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "next year", "this year"."""
    shift = {"next": 1, "this": 0, "last": -1}.get(words[at])
    if shift is None or word_at(words, at + 1) != "year":
        return None
    first, last = valid(today.year + shift, 1, 1), valid(today.year + shift, 12, 31)
    if first is None or last is None:
        return None
    return Mention(at, at + 2, first, last, 0.8, named=Named.SPAN)
