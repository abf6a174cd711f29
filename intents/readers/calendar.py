"""Mentions of days and spans of days in a sequence of words. "Today" is the practice's day.

The rules for relative dates: a bare or "this" weekday is the first one strictly after today; "next"
before a weekday may mean that one or the one a week later, so both are offered.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from words.numbers import TENS, parse_below_hundred, parse_ordinal, parse_year
from words.tokens import phrases, word_set

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
_OTHER_MEANINGS = word_set("sat sun mon wed")
_SMALL = {"a": 1, "an": 1, "one": 1, "couple": 2}
_OFFSETS = {"today": 0, "tonight": 0, "tomorrow": 1, "tomorrow's": 1, "today's": 0, "yesterday": -1}
_NO_DATE_AFTER_ORDINAL = word_set(
    "one time appointment available opening slot visit thing choice option two name floor street "
    "avenue dose pill place of day week available person letter date"
)
_OF_MONTH = phrases("of the month|of this month")
_MONTH_CUES = word_set("in during for of until before after next this early late mid sometime around through")

Parser = Callable[[Sequence[str], int, date], "Mention | None"]


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

    @property
    def is_day(self) -> bool:
        return self.first == self.last and not self.is_only_weekday


def find_mentions(words: Sequence[str], today: date) -> list[Mention]:
    """All days and spans named, in order, the longest reading at each place."""
    found, at = [], 0
    while at < len(words):
        readings = [mention for parse in _PARSERS if (mention := parse(words, at, today))]
        if not readings:
            at += 1
            continue
        best = max(readings, key=lambda mention: mention.after)
        found.append(best)
        at = best.after
    return found


def first_after(weekday: int, today: date) -> date:
    """The first such weekday strictly after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


# --------------------------------------------------------------------------- relative days


def _simple(words: Sequence[str], at: int, today: date) -> Mention | None:
    """today, tonight, tomorrow, yesterday, the day after tomorrow."""
    if tuple(words[at : at + 3]) == ("day", "after", "tomorrow"):
        return _day(at, at + 3, today + timedelta(days=2))
    offset = _OFFSETS.get(words[at])
    if offset is None and words[at] == "this" and _word(words, at + 1) in ("morning", "afternoon", "evening"):
        offset = 0
    return None if offset is None else _day(at, at + 1, today + timedelta(days=offset))


def _counted(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "in two weeks", "three days from now", "a week from Tuesday", "two weeks from tomorrow"."""
    start = at + 1 if words[at] in ("in", "within") else at
    amount = _amount(words, start)
    if amount is None:
        return None
    count, after, is_rough = amount
    unit = _word(words, after).rstrip("s")
    if unit not in ("day", "week", "month"):
        return None
    base, end = _base(words, after + 1, today)
    if base is None and start == at:
        return None  # "two weeks" alone is a length, not a date
    day = _moved(base or today, count, unit)
    return _day(at, end, day, certainty=0.6 if is_rough else 0.9)


def _amount(words: Sequence[str], at: int) -> tuple[int, int, bool] | None:
    if tuple(words[at : at + 2]) == ("a", "couple"):
        return 2, at + (3 if _word(words, at + 2) == "of" else 2), True
    if _word(words, at) in _SMALL:
        return _SMALL[words[at]], at + 1, words[at] == "couple"
    number = parse_below_hundred(words, at)
    return (number[0], number[1], False) if number and number[0] > 0 else None


def _base(words: Sequence[str], at: int, today: date) -> tuple[date | None, int]:
    """What a count starts from: "from now", "from Tuesday"; (None, at) when nothing is said."""
    if _word(words, at) not in ("from", "after"):
        return None, at
    if _word(words, at + 1) in ("now", "today"):
        return today, at + 2
    if _word(words, at + 1) == "tomorrow":
        return today + timedelta(days=1), at + 2
    weekday = WEEKDAYS.get(_word(words, at + 1))
    return (first_after(weekday, today), at + 2) if weekday is not None else (None, at)


def _moved(base: date, count: int, unit: str) -> date:
    if unit == "day":
        return base + timedelta(days=count)
    if unit == "week":
        return base + timedelta(weeks=count)
    months = base.month - 1 + count
    year, month = base.year + months // 12, months % 12 + 1
    return date(year, month, min(base.day, monthrange(year, month)[1]))


# --------------------------------------------------------------------------- weekdays


def _weekday(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "Tuesday", "this Friday", "next Tuesday", "last Monday", "Tuesday next week", "Mondays"."""
    start = at + 1 if words[at] in ("this", "next", "last", "coming", "following") else at
    start += 1 if _word(words, start) == "coming" and start > at else 0
    word = _word(words, start)
    weekday = WEEKDAYS.get(word.removesuffix("'s"))
    if weekday is None and word.endswith("s") and word[:-1] in WEEKDAYS and word not in WEEKDAYS:
        number = WEEKDAYS[word[:-1]]
        return Mention(at, start + 1, today, today, 0.8, weekday=number, is_only_weekday=True)
    if weekday is None or (word in _OTHER_MEANINGS and start == at):
        return None
    nearest = first_after(weekday, today)
    if at >= 2 and tuple(words[at - 2 : at]) == ("next", "week"):
        return None  # read from its beginning, as a day of that week
    if tuple(words[start + 1 : start + 3]) == ("next", "week"):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=1)
        return _day(at, start + 3, monday + timedelta(days=weekday), weekday=weekday)
    return _with_determiner(words[at], at, start + 1, nearest, weekday)


def _with_determiner(determiner: str, at: int, after: int, nearest: date, weekday: int) -> Mention:
    if determiner == "last":
        return _day(at, after, nearest - timedelta(weeks=1), weekday=weekday)
    if determiner in ("next", "following"):
        other = nearest + timedelta(weeks=1)
        return replace(_day(at, after, nearest, certainty=0.5, weekday=weekday), others=(other,))
    return _day(at, after, nearest, weekday=weekday)


def _weekday_with_day(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "Tuesday the nineteenth", "Tuesday December first": both must agree, or certainty falls."""
    weekday = _weekday(words, at, today)
    if weekday is None or weekday.is_only_weekday or weekday.weekday is None:
        return None
    start = weekday.after + (1 if _word(words, weekday.after) in ("comma", "on") else 0)
    day = _month_day(words, start, today) or _day_of_month(words, start, today, needs_cue=False)
    if day is None:
        return None
    if day.first.weekday() == weekday.weekday:
        return replace(day, at=at, certainty=0.97, weekday=weekday.weekday, others=())
    return replace(day, at=at, certainty=0.4, weekday=None, others=(weekday.first,))


# --------------------------------------------------------------------------- calendar days


def _month_day(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "December first", "March the 3rd, 2027", "the first of December", "3 March"."""
    named = _month_then_day(words, at) or _day_then_month(words, at)
    if named is None:
        return None
    month, day, after = named
    year = parse_year(words, after)
    if year:
        return _dated(at, year[1], year[0], month, day)
    return _coming(at, after, month, day, today)


def _month_then_day(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    month = MONTHS.get(_word(words, at))
    if month is None:
        return None
    start = at + 2 if _word(words, at + 1) == "the" else at + 1
    day = parse_ordinal(words, start) or parse_below_hundred(words, start)
    return (month, day[0], day[1]) if day and 1 <= day[0] <= 31 else None


def _day_then_month(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    start = at + 1 if _word(words, at) == "the" else at
    day = parse_ordinal(words, start) or parse_below_hundred(words, start)
    if day is None or not 1 <= day[0] <= 31 or (at > 0 and words[at - 1] in TENS):
        return None  # "thirty first of February" must not be read from its second word
    place = day[1] + (1 if _word(words, day[1]) == "of" else 0)
    month = MONTHS.get(_word(words, place))
    if month is None or (place == day[1] and _word(words, place) == "may" and words[at] != "the"):
        return None
    return month, day[0], place + 1


def _numeric(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "12/1", "12/01/2026", "2026-12-01": month first, as practices in the United States write."""
    parts = list(words[at : at + 5])
    if len(parts) >= 5 and parts[1] == parts[3] == "-" and len(parts[0]) == 4 and parts[0].isdigit():
        if parts[2].isdigit() and parts[4].isdigit():
            return _dated(at, at + 5, int(parts[0]), int(parts[2]), int(parts[4]))
        return None
    if len(parts) < 3 or parts[1] not in ("/", "-") or not (parts[0].isdigit() and parts[2].isdigit()):
        return None
    if len(parts) == 5 and parts[3] == parts[1] and parts[4].isdigit():
        year = int(parts[4]) + (2_000 if len(parts[4]) == 2 else 0)
        return _dated(at, at + 5, year, int(parts[0]), int(parts[2]))
    return _coming(at, at + 3, int(parts[0]), int(parts[2]), today) if parts[1] == "/" else None


def _day_of_month(words: Sequence[str], at: int, today: date, *, needs_cue: bool = True) -> Mention | None:
    """ "the nineteenth": this month's, or next month's once it has passed; None where no such day."""
    has_article = _word(words, at) == "the"
    start = at + 1 if has_article else at
    day = parse_ordinal(words, start)
    if day is None or (needs_cue and not has_article) or not 1 <= day[0] <= 31:
        return None
    if _word(words, day[1]) in _NO_DATE_AFTER_ORDINAL:
        return None
    month = today if day[0] >= today.day else today.replace(day=1) + timedelta(days=32)
    if day[0] > monthrange(month.year, month.month)[1]:
        return None
    certainty = 0.6 if day[0] <= 3 and needs_cue else 0.9
    return _day(at, day[1], date(month.year, month.month, day[0]), certainty=certainty)


def _dated(at: int, after: int, year: int, month: int, day: int) -> Mention | None:
    try:
        return _day(at, after, date(year, month, day))
    except ValueError:
        return None


def _coming(at: int, after: int, month: int, day: int, today: date) -> Mention | None:
    """The next such day within a year from today; None for 29 February in other years, and for 31 June."""
    for year in (today.year, today.year + 1):
        mention = _dated(at, after, year, month, day)
        if mention and mention.first >= today:
            return mention
    return None


# --------------------------------------------------------------------------- spans


def _week(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "this week", "next week", "the week after next", "the week of the fourteenth"."""
    monday = today - timedelta(days=today.weekday())
    if tuple(words[at : at + 2]) == ("this", "week"):
        return Mention(at, at + 2, today, monday + timedelta(days=6), 0.9)
    if tuple(words[at : at + 3]) == ("week", "after", "next"):
        return _days(at, at + 3, monday + timedelta(weeks=2), 7)
    weekday = WEEKDAYS.get(_word(words, at + 2))
    if tuple(words[at : at + 2]) == ("next", "week") and weekday is not None:
        return _day(at, at + 3, monday + timedelta(days=7 + weekday), weekday=weekday)
    if tuple(words[at : at + 2]) in (("next", "week"), ("following", "week")):
        return _days(at, at + 2, monday + timedelta(weeks=1), 7)
    if tuple(words[at : at + 2]) != ("week", "of"):
        return None
    day = _month_day(words, at + 2, today) or _day_of_month(words, at + 2, today)
    if day is None:
        return None
    return _days(at, day.after, day.first - timedelta(days=day.first.weekday()), 7)


def _month_span(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "this month", "next month", "in January", "early March", "the end of the month"."""
    if tuple(words[at : at + 2]) == ("this", "month"):
        return _month_of(at, at + 2, today, today)
    if tuple(words[at : at + 2]) == ("next", "month"):
        return _month_of(at, at + 2, _moved(today.replace(day=1), 1, "month"), today)
    if words[at] == "end" and tuple(words[at + 1 : at + 4]) in (
        ("of", "the", "month"),
        ("of", "this", "month"),
    ):
        return replace(_part_of_month(at, at + 4, today, "late", today), certainty=0.5)
    month = MONTHS.get(_word(words, at + 1))
    if words[at] not in _MONTH_CUES or month is None or _month_then_day(words, at + 1):
        return None
    start = date(today.year + (month < today.month), month, 1)
    if words[at] in ("early", "late", "mid"):
        return _part_of_month(at, at + 2, start, words[at], today)
    return _month_of(at, at + 2, start, today)


def _month_of(at: int, after: int, day: date, today: date) -> Mention:
    first = max(day.replace(day=1), today)
    return Mention(at, after, first, day.replace(day=monthrange(day.year, day.month)[1]), 0.85)


def _part_of_month(at: int, after: int, day: date, part: str, today: date) -> Mention:
    length = monthrange(day.year, day.month)[1]
    first, last = {"early": (1, 10), "mid": (11, 20)}.get(part, (length - 9, length))
    start = max(day.replace(day=first), today)
    return Mention(at, after, start, max(start, day.replace(day=last)), 0.7)


def _weekend(words: Sequence[str], at: int, today: date) -> Mention | None:
    if words[at] not in ("weekend", "weekends"):
        return None
    return _days(at, at + 1, first_after(5, today), 2)


def _day(at: int, after: int, day: date, *, certainty: float = 0.95, weekday: int | None = None) -> Mention:
    return Mention(at, after, day, day, certainty, weekday=weekday)


def _days(at: int, after: int, first: date, count: int) -> Mention:
    return Mention(at, after, first, first + timedelta(days=count - 1), 0.9)


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _day_of_month_with_cue(words: Sequence[str], at: int, today: date) -> Mention | None:
    return _day_of_month(words, at, today)


_PARSERS: tuple[Parser, ...] = (
    _weekday_with_day, _month_day, _numeric, _counted, _week, _month_span, _weekend, _simple, _weekday,
    _day_of_month_with_cue,
)  # fmt: skip
