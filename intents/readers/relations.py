"""Wishes by what was before: "my doctor", "someone else", "a week later", "the same time", a day gone by."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date

from intents.readers.calendar import MONTHS
from intents.readers.calendar_days import month_then_day
from intents.readers.hearing import heard
from intents.readers.kin import KIN
from intents.readers.mentions import find_mentions
from models.domain import Entity
from words.numbers import parse_below_hundred, parse_ordinal, parse_year
from words.tokens import Phrases, find_phrase, holds_any, phrases, span, starts_with, word_at, word_set

_WITH = "with|see|seeing|for"
_WHOSE = ("my", "the same")
_WHICH = ("", "usual ", "regular ", "own ", "primary ", "primary care ", "normal ")
_WHO = ("doctor", "provider", "physician", "pcp", "doc", "nurse practitioner")
_NAMED_OWN = phrases(
    "|".join(f"{whose} {which}{who}" for whose in _WHOSE for which in _WHICH for who in _WHO)
)
_OWN = phrases(
    "|".join(f"{lead} {' '.join(said)}" for lead in _WITH.split("|") for said in _NAMED_OWN)
    + "|my usual doctor|my regular doctor|my usual provider|my regular provider|the same doctor|same doctor"
    "|same provider|the same provider|same person|the one i always see|the doctor i always see"
)
_OTHER = phrases(
    "someone else|somebody else|a different doctor|different doctor|a different provider|different provider"
    "|another doctor|another provider|other doctor|not the same doctor|someone different|not my usual doctor"
    "|not my doctor|not my regular doctor|not with my doctor"
)
_ANY = phrases(
    "anyone|anybody|any doctor|any provider|any of the doctors|whoever|no preference|doesn't matter who"
    "|don't care who|either doctor"
)
_ANSWER = 4  # words: "my doctor" alone is a wish, in a longer sentence it may be a tale
_UNITS = {"day": 1, "days": 1, "week": 7, "weeks": 7}
_LATER = word_set("later on out forward after")
_EARLIER = word_set("earlier sooner before")
_COUNTS = {"a": 1, "an": 1, "another": 1, "one": 1, "the": 1}
_MOVED_BACK = word_set("back out off")
_MOVED_UP = word_set("up forward")
_SHIFTS: Mapping[tuple[str, ...], int] = {
    said: days
    for days, listed in (
        (1, "the next day|next day|the day after|the following day|a day after"),
        (-1, "the day before|the previous day|a day before"),
        (7, "the week after|the following week|a week after|next week same"),
        (-7, "the week before|a week before|the previous week"),
    )
    for said in phrases(listed)
}
_NOT_SHIFTS = phrases(
    "the week after next|the day after tomorrow|the day before yesterday|the week after that"
)
_SAME: Mapping[str, Phrases] = {
    "time": phrases("same time|same hour|same time of day"),
    "day": phrases("same day but|that same day|the same day|that day but|same day different|same day at"),
}


_BESIDE = phrases(
    "second appointment|second visit|second one|another appointment|another visit|two appointments|two visits"
    "|both of us|the two of us"
)


def read_company(text: str, *, after_question: bool = False) -> Entity | None:
    """With whom, where no name is said: "own" provider, an "other" one, or "any"."""
    found = heard(text)
    words = [token.text for token in found]
    tables = {"other": _OTHER, "any": _ANY, "own": _OWN}
    if len(words) <= _ANSWER or (after_question and len(words) <= 2 * _ANSWER):
        tables["own"] = phrases("|".join(" ".join(said) for said in (*_OWN, *_NAMED_OWN)))
    for value, table in tables.items():
        place = _first(words, table)
        if place:
            return Entity(value, span(found, *place), 0.9)
    return None


def read_shift(text: str) -> Entity | None:
    """How many days later than the visit or the offer spoken of: "a week later" is 7, "the day before" -1."""
    found = heard(text)
    words = [token.text for token in found]
    for at in range(len(words)):
        if any(starts_with(words, at, said) for said in _NOT_SHIFTS):
            return None
        counted = _counted_shift(words, at)
        if counted:
            return Entity(counted[0], span(found, at, counted[1]), 0.9)
        for said, days in _SHIFTS.items():
            if starts_with(words, at, said):
                return Entity(days, span(found, at, at + len(said)), 0.85)
    return None


def _counted_shift(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """ "Two weeks later", "a day earlier", "back a week", "up two days": (days, after)."""
    if words[at] in _MOVED_BACK | _MOVED_UP or words[at] == "by":
        counted = _count(words, at + 1)
        sign = -1 if words[at] in _MOVED_UP else 1
        return (sign * counted[0], counted[1]) if counted else None
    counted = _count(words, at)
    if counted is None or word_at(words, counted[1]) not in _LATER | _EARLIER:
        return None
    return (-counted[0] if words[counted[1]] in _EARLIER else counted[0]), counted[1] + 1


def _count(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """ "A week", "two days": (days, after)."""
    number = parse_below_hundred(words, at)
    count, after = number or (_COUNTS.get(word_at(words, at), 0), at + 1)
    unit = _UNITS.get(word_at(words, after), 0)
    return (count * unit, after + 1) if count and unit else None


def read_same(text: str) -> Entity | None:
    """ "The same time", "the same day but later": what is to stay as it is."""
    found = heard(text)
    words = [token.text for token in found]
    if _is_of_another(words):
        return None
    for value, table in _SAME.items():
        place = _first(words, table)
        if place:
            return Entity(value, span(found, *place), 0.9)
    return None


def _is_of_another(words: Sequence[str]) -> bool:
    """ "Can my son come at the same time", "a second appointment at the same time": beside this visit."""
    return bool((KIN | {"both"}) & set(words)) or holds_any(words, _BESIDE)


def read_past_date(text: str, today: date) -> Entity | None:
    """A day or a year that has gone by: "last Tuesday", "three days ago", "in eighteen ninety"."""
    found = heard(text)
    words = [token.text for token in found]
    gone = [mention for mention in find_mentions(words, today) if mention.last < today]
    if gone:
        return Entity(gone[-1].last.isoformat(), span(found, gone[-1].at, gone[-1].after), 0.9)
    for at in range(1, len(words)):
        year = _year(words, at) if words[at - 1] in ("in", "of", "year") else None
        if year and year[0] < today.year:
            return Entity(date(year[0], 12, 31).isoformat(), span(found, at, year[1]), 0.8)
    return None


def _year(words: Sequence[str], at: int) -> tuple[int, int] | None:
    if words[at].isdecimal() and len(words[at]) == 4 and words[at] > "1000":
        return int(words[at]), at + 1
    century = parse_below_hundred(words, at)
    rest = parse_below_hundred(words, century[1]) if century and century[0] in (17, 18) else None
    return (century[0] * 100 + rest[0], rest[1]) if century and rest else parse_year(words, at)


def read_no_such_date(text: str, today: date) -> Entity | None:
    """A day that the calendar lacks: "February thirtieth", and "February 29th" but for leap years."""
    found = heard(text)
    words = [token.text for token in found]
    for at in range(len(words)):
        said = month_then_day(words, at) or _day_of_month(words, at)
        if said is None:
            continue
        month, day, after = said
        year = today.year + (1 if month < today.month else 0)
        if day > monthrange(year, month)[1]:
            return Entity(f"{month:02d}-{day:02d}", span(found, at, after), 0.9)
    return None


def _day_of_month(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    """ "The thirty first of February", also where there is none such: (month, day, after)."""
    day = parse_ordinal(words, at)
    if day is None or word_at(words, day[1]) != "of" or word_at(words, day[1] + 1) not in MONTHS:
        return None
    return MONTHS[words[day[1] + 1]], day[0], day[1] + 2


def _first(words: Sequence[str], table: Phrases) -> tuple[int, int] | None:
    places = [(at, at + len(said)) for said in table if (at := find_phrase(words, said)) is not None]
    return min(places, default=None)
