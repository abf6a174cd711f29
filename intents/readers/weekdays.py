"""Weekdays: "Tuesday", "next Friday", "last Monday", "Thursday of next week", "the first Monday of May".

A bare or "this" weekday is the first one strictly after today; "next" before a weekday may mean that one or
the one a week later, so both are offered.
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
    first_after,
    last_before,
    monday_of,
    one_day,
)
from intents.readers.calendar_days import day_of_month, month_at, month_day
from intents.readers.holidays import nth_weekday
from words.numbers import parse_below_hundred, parse_ordinal
from words.tokens import phrases, starts_with, word_at, word_set

_OTHER_MEANINGS = word_set("sat sun mon wed")  # words of their own, unless something says which
_BEFORE_WEEKDAY = word_set("this next last past coming following")
_WEEKS = {
    phrase: weeks
    for weeks, listed in (
        (-1, "last week"),
        (0, "this week"),
        (1, "next week|following week|the following week"),
        (2, "week after next|the week after next|week after next week|the week after next week"),
    )
    for phrase in phrases(listed)
}
_FIRST_OF_WEEKS = frozenset(said[0] for said in _WEEKS)


def weekday(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "Tuesday", "this Friday", "next Tuesday", "last Monday", "Tuesday of next week", "Mondays"."""
    start = at
    while start - at < 2 and word_at(words, start) in _BEFORE_WEEKDAY:
        start += 1
    word = word_at(words, start)
    number = WEEKDAYS.get(word.removesuffix("'s"))
    if number is None and word.endswith("s") and word[:-1] in WEEKDAYS and word not in WEEKDAYS:
        return Mention(at, start + 1, today, today, 0.8, weekday=WEEKDAYS[word[:-1]], is_only_weekday=True)
    if number is None or (word in _OTHER_MEANINGS and start == at and len(words) > 1):
        return None
    return _of_week(words, at, start, number, today) or _with_determiner(words, at, start + 1, number, today)


def _of_week(words: Sequence[str], at: int, start: int, number: int, today: date) -> Mention | None:
    """ "Tuesday next week", "Friday of the week after next", "Thursday in two weeks"."""
    place = start + 1
    while word_at(words, place) in ("of", "in", "on"):
        place += 1
    found = week_at(words, place, today)
    if found is None:
        return _weeks_on(words, at, start, number, today)
    day = found[0] + timedelta(days=number)
    return replace(one_day(at, found[1], day, weekday=number), week=found[0])


def week_at(words: Sequence[str], at: int, today: date) -> tuple[date, int] | None:
    """The Monday of a week named relative to this one, and the place after its name."""
    if word_at(words, at) not in _FIRST_OF_WEEKS:
        return None
    sizes = [(len(said), weeks) for said, weeks in _WEEKS.items() if starts_with(words, at, said)]
    if not sizes:
        return None
    size, weeks = max(sizes)
    return monday_of(today) + timedelta(weeks=weeks), at + size


def _weeks_on(words: Sequence[str], at: int, start: int, number: int, today: date) -> Mention | None:
    """ "Thursday in two weeks": of the week that is so far away; where counting gives another, both."""
    count = parse_below_hundred(words, start + 2)
    if (
        word_at(words, start + 1) != "in"
        or count is None
        or word_at(words, count[1]) not in ("week", "weeks")
    ):
        return None
    by_week = monday_of(today) + timedelta(weeks=count[0], days=number)
    by_count = first_after(number, today) + timedelta(weeks=count[0])
    if by_week == by_count:
        return one_day(at, count[1] + 1, by_week, certainty=0.85, weekday=number)
    return replace(one_day(at, count[1] + 1, by_week, certainty=0.5, weekday=number), others=(by_count,))


def _with_determiner(words: Sequence[str], at: int, after: int, number: int, today: date) -> Mention:
    nearest = first_after(number, today)
    said = set(words[at : after - 1])
    if said & {"last", "past"}:
        return one_day(at, after, last_before(number, today), weekday=number)
    if starts_with(words, after, ("after", "next")):
        day = one_day(at, after + 2, nearest + timedelta(weeks=1), certainty=0.5, weekday=number)
        return replace(day, others=(nearest + timedelta(weeks=2),))
    if said & {"next", "following"}:
        other = nearest + timedelta(weeks=1)
        return replace(one_day(at, after, nearest, certainty=0.5, weekday=number), others=(other,))
    named = Named.WHOLE if said else Named.WEEKDAY
    return one_day(at, after, nearest, weekday=number, named=named)


def weekday_with_day(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "Tuesday the nineteenth", "Tuesday December first": both must agree, or certainty falls."""
    day_of_week = weekday(words, at, today)
    if day_of_week is None or day_of_week.is_only_weekday or day_of_week.weekday is None:
        return None
    start = day_of_week.after + (1 if word_at(words, day_of_week.after) in ("comma", "on") else 0)
    day = month_day(words, start, today) or day_of_month(words, start, today, needs_cue=False)
    if day is None:
        return None
    if day.first.weekday() == day_of_week.weekday:
        whole = replace(day, at=at, certainty=0.97, weekday=day_of_week.weekday, others=())
        return replace(whole, named=Named.WHOLE)
    return replace(day, at=at, certainty=0.4, weekday=None, others=(day_of_week.first,), named=Named.WHOLE)


def ranked_weekday(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "The first Monday of December", "the last Friday of the month": that one, and not the nearest
    Monday.
    """
    rank = (0, at + 1) if words[at] == "last" else parse_ordinal(words, at)
    number = WEEKDAYS.get(word_at(words, rank[1])) if rank and rank[0] <= 5 else None
    if rank is None or number is None or word_at(words, rank[1] + 1) not in ("of", "in"):
        return None
    month = month_at(words, rank[1] + 2, today)
    if month is None:
        return None
    day = nth_weekday(month[0].year, month[0].month, number, rank[0])
    if day is not None and day < today and words[month[1] - 1] in MONTHS:
        day = nth_weekday(month[0].year + 1, month[0].month, number, rank[0])
    return one_day(at, month[1], day, certainty=0.9, weekday=number) if day else None
