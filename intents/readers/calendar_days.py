"""Days of the calendar: "December first", "the nineteenth", "the tenth of next month", "12/1"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from intents.readers.calendar import (
    MONTHS,
    WEEKDAYS,
    Mention,
    Named,
    moved,
    one_day,
    valid,
)
from words.numbers import TENS, parse_below_hundred, parse_ordinal, parse_year
from words.tokens import starts_with, word_at, word_set

_NO_DATE_AFTER_ORDINAL = word_set(
    "one time appointment available opening slot visit thing choice option two name floor street "
    "avenue dose pill place day week available person letter date party grade trimester shot vaccine "
    "covid booster round half part page door building apartment trip step try attempt call message question "
    "injection treatment session surgery child baby kid wife husband language opinion degree century "
    "anniversary percentile month quarter hour row number phone doctor offer line button"
)
_DAY_LEADS = word_set("on by before after from to until till through thru between since starting")
_LISTED = word_set("or and")
_JOINTS = word_set("to until till through thru -")
_NOT_THE_MONTH_AFTER = word_set("i be we you have not also as need want take get come")
_NO_MAY_BEFORE = word_set("i it he she they we you that this which who there what and doctor one patient")
_AMOUNT_AFTER = word_set(
    "tablet tablets pill pills cup cups dose doses teaspoon tablespoon mile miles hour of"
)
_MONTHS_AWAY = {"the": 0, "this": 0, "next": 1, "last": -1}
_PASSED_CERTAINTY = 0.55  # of a day that was a few weeks ago: its next one is nearly a year away
_PASSED_DAYS = 62


def month_at(words: Sequence[str], at: int, today: date) -> tuple[date, int] | None:
    """The first day of a month named, and the place after it: "the month", "next month", "March 2027"."""
    first = today.replace(day=1)
    months = _MONTHS_AWAY.get(word_at(words, at))
    if months is not None and word_at(words, at + 1) == "month":
        month = moved(first, months, "month")
        return (month, at + 2) if month else None
    number = MONTHS.get(word_at(words, at))
    if number is None:
        return None
    year = parse_year(words, at + 1)
    if year:
        return date(year[0], number, 1), year[1]
    place = at + 2 if word_at(words, at + 1) == "of" else at + 1
    if starts_with(words, place, ("next", "year")):
        return date(today.year + 1, number, 1), place + 2
    return date(today.year + (number < today.month), number, 1), at + 1


# --------------------------------------------------------------------------- calendar days


def month_day(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "December first", "March the 3rd, 2027", "the first of December", "3 March"."""
    named = month_then_day(words, at) or _day_then_month(words, at)
    if named is None:
        return None
    month, day, after = named
    year = parse_year(words, after + 1 if word_at(words, after) == "of" else after)
    if year:
        whole = valid(year[0], month, day)
        return one_day(at, year[1], whole) if whole else None
    return _coming(at, after, month, day, today)


def month_then_day(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    """(month, day, after); None for a month alone, and for "march twenty twenty seven", a month of a year."""
    month = MONTHS.get(word_at(words, at))
    if month is None:
        return None
    start = at + 2 if word_at(words, at + 1) == "the" else at + 1
    rank = parse_ordinal(words, start)
    day = rank or parse_below_hundred(words, start)
    if day is None or not 1 <= day[0] <= 31 or (not rank and _is_no_month(words, at)):
        return None
    if not rank and parse_year(words, start) and not parse_year(words, day[1]):
        return None
    return month, day[0], day[1]


def _is_no_month(words: Sequence[str], at: int) -> bool:
    """ "I may one day", "it may two": a verb."""
    return words[at] == "may" and word_at(words, at - 1) in _NO_MAY_BEFORE


def _day_then_month(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    start = at + 1 if word_at(words, at) == "the" else at
    rank = parse_ordinal(words, start)
    day = rank or parse_below_hundred(words, start)
    if day is None or not 1 <= day[0] <= 31 or (at > 0 and words[at - 1] in TENS):
        return None  # "thirty first of February" must not be read from its second word
    has_of = word_at(words, day[1]) == "of"
    place = day[1] + (1 if has_of else 0)
    month = MONTHS.get(word_at(words, place))
    if month is None or (not has_of and _is_verb(words, place, is_rank=rank is not None or start > at)):
        return None
    return month, day[0], place + 1


def _is_verb(words: Sequence[str], at: int, *, is_rank: bool) -> bool:
    """ "The first may be better", "two may help": no month of May."""
    follows = word_at(words, at + 1)
    return words[at] in ("may", "march") and (not is_rank or follows in _NOT_THE_MONTH_AFTER)


def _coming(at: int, after: int, month: int, day: int, today: date) -> Mention | None:
    """The next such day within a year from today; None for 29 February in other years, and for 31 June."""
    days = [valid(year, month, day) for year in (today.year, today.year + 1)]
    coming = next((one for one in days if one and one >= today), None)
    if coming is None:
        return None
    just_passed = any(one and 0 < (today - one).days <= _PASSED_DAYS for one in days)
    certainty = _PASSED_CERTAINTY if just_passed else 0.95
    return one_day(at, after, coming, certainty=certainty, named=Named.DATE)


def numeric(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "12/1", "12/01/2026", "2026-12-01": month first, as practices in the United States write."""
    parts = list(words[at : at + 5])
    if len(parts) == 5 and parts[1] == parts[3] and parts[1] in ("/", "-") and _are_numbers(parts[::2]):
        return _three_numbers(at, parts)
    if len(parts) < 3 or parts[1] != "/" or not _are_numbers(parts[:3:2]) or word_at(words, at - 1) == "/":
        return None
    if word_at(words, at + 3) in _AMOUNT_AFTER or word_at(words, at + 3) == "/":
        return None  # half a tablet
    return _coming(at, at + 3, int(parts[0]), int(parts[2]), today)


def _are_numbers(parts: Sequence[str]) -> bool:
    return all(part.isdecimal() and len(part) <= 4 for part in parts)


def _three_numbers(at: int, parts: Sequence[str]) -> Mention | None:
    if len(parts[0]) == 4:
        day = valid(int(parts[0]), int(parts[2]), int(parts[4]))
    else:
        year = int(parts[4]) + (2_000 if len(parts[4]) == 2 else 0)
        day = valid(year, int(parts[0]), int(parts[2]))
    return one_day(at, at + 5, day) if day else None


def day_of_month(words: Sequence[str], at: int, today: date, *, needs_cue: bool = True) -> Mention | None:
    """ "the nineteenth": this month's, or next month's once it has passed; None where no such day."""
    has_article = word_at(words, at) == "the"
    day = parse_ordinal(words, at + 1 if has_article else at)
    if day is None or not 1 <= day[0] <= 31 or word_at(words, at - 1) in TENS:
        return None
    if word_at(words, day[1]) == "of":
        return _of_named_month(words, at, day, today)
    if _is_rank_of_something(words, day[1]) or (word_at(words, day[1]) in WEEKDAYS and day[0] <= 5):
        return None
    if needs_cue and not has_article and not _stands_as_day(words, at, day):
        return None
    return _next_such_day(at, day[1], day[0], today, certainty=0.6 if day[0] <= 3 and needs_cue else 0.9)


def last_day_of_month(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "Last 13th": the one before today; "the last second" is none."""
    day = parse_ordinal(words, at + 1) if words[at] == "last" else None
    if day is None or not 1 <= day[0] <= 31 or (day[0] <= 10 and not words[at + 1][0].isdecimal()):
        return None
    month = today if day[0] < today.day else today.replace(day=1) - timedelta(days=1)
    found = valid(month.year, month.month, day[0])
    return one_day(at, day[1], found, certainty=0.8) if found else None


def _next_such_day(at: int, after: int, number: int, today: date, *, certainty: float) -> Mention | None:
    month = today if number >= today.day else today.replace(day=1) + timedelta(days=32)
    found = valid(month.year, month.month, number)
    return one_day(at, after, found, certainty=certainty, named=Named.DAY) if found else None


def _of_named_month(words: Sequence[str], at: int, day: tuple[int, int], today: date) -> Mention | None:
    """ "The tenth of next month", "the first of the month"."""
    month = month_at(words, day[1] + 1, today)
    if month is None:
        return None
    if words[day[1] + 1] == "the":
        return _next_such_day(at, month[1], day[0], today, certainty=0.9)
    found = valid(month[0].year, month[0].month, day[0])
    return one_day(at, month[1], found, certainty=0.9) if found else None


def _stands_as_day(words: Sequence[str], at: int, day: tuple[int, int]) -> bool:
    """Without its article: the whole answer, "on 24th", "16th to 27th"; not "to first ask"."""
    if at == 0 and day[1] == len(words):
        return True
    if day[0] <= 10 and not words[at][0].isdecimal():
        return False
    is_first = word_at(words, day[1]) in _JOINTS | _LISTED and parse_ordinal(words, day[1] + 1) is not None
    is_second = word_at(words, at - 1) in _LISTED and _ends_rank(words, at - 1)
    return is_first or is_second or word_at(words, at - 1) in _DAY_LEADS


def _ends_rank(words: Sequence[str], after: int) -> bool:
    """Whether "twenty first" or "tenth" ends at a place."""
    return any(
        start >= 0 and (found := parse_ordinal(words, start)) and found[1] == after
        for start in (after - 1, after - 2)
    )


def _is_rank_of_something(words: Sequence[str], after: int) -> bool:
    """ "The second or third week": what is ranked is no day."""
    follows = word_at(words, after)
    if follows in ("quarter", "half") and word_at(words, after + 1) in ("to", "past", "till", "after", "of"):
        return False  # "on the eighth, quarter to five"
    more = parse_ordinal(words, after + 1) if follows in _LISTED else None
    return follows in _NO_DATE_AFTER_ORDINAL or (
        more is not None and word_at(words, more[1]) in _NO_DATE_AFTER_ORDINAL
    )
