"""Days counted from another: "tomorrow", "in two weeks", "three days ago", "a week from Tuesday", "the day
after".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from intents.readers.calendar import Mention, Named, moved, one_day
from intents.readers.calendar_days import day_of_month, month_day, numeric
from intents.readers.holidays import holiday
from intents.readers.weekdays import weekday, weekday_with_day
from words.numbers import parse_below_hundred, parse_cardinal
from words.tokens import starts_with, word_at, word_set

_OFFSETS = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1, "overmorrow": 2}
_PARTS = word_set("morning afternoon evening")
_SMALL = {"a": 1, "an": 1, "one": 1, "couple": 2}
_UNITS = word_set("day week fortnight month year")
_ROUGHLY = word_set("about around roughly approximately like another maybe")
_MOST_DAYS = 4_000  # of a count: nobody books further ahead
_ROUGH, _CLEAR = 0.6, 0.9
_FEW = 4


def simple(words: Sequence[str], at: int, today: date) -> Mention | None:
    """today, tonight, tomorrow, yesterday, last night, this morning, the day after tomorrow."""
    for said, days in (
        (("day", "after", "tomorrow"), 2),
        (("day", "before", "yesterday"), -2),
        (("last", "night"), -1),
    ):
        if starts_with(words, at, said):
            return one_day(at, at + len(said), today + timedelta(days=days))
    offset = _OFFSETS.get(words[at].removesuffix("'s").removesuffix("s"))
    if offset is None and words[at] == "this" and word_at(words, at + 1) in _PARTS:
        offset = 0
    return None if offset is None else one_day(at, at + 1, today + timedelta(days=offset))


def counted(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "in two weeks", "three days from now", "38 days ago", "a week from Tuesday", "two days after
    Christmas".
    """
    start = at + 1 if words[at] in ("in", "within") else at
    while word_at(words, start) in _ROUGHLY and start > at:
        start += 1
    amount = _amount(words, start)
    if amount is None:
        return None
    count, after, is_rough = amount
    if word_at(words, after) == "or":
        return _either(words, at, start, after, count, today)
    unit = _unit(words, after)
    if not unit:
        return None
    is_rough = is_rough or start > at + 1
    return _placed(
        words, at, (count, unit, after + 1), today, is_limit=words[at] == "within", is_rough=is_rough
    )


def _placed(
    words: Sequence[str],
    at: int,
    counted_: tuple[int, str, int],
    today: date,
    *,
    is_limit: bool,
    is_rough: bool,
) -> Mention | None:
    count, unit, after = counted_
    base, end, sign = _base(words, after, today)
    if base is None and words[at] not in ("in", "within"):
        return None  # "two weeks" alone is a length, not a date
    day = moved(base or today, sign * count, unit)
    if day is None or abs((day - today).days) > _MOST_DAYS:
        return None
    if is_limit:
        return Mention(at, end, min(today, day), day, 0.85, named=Named.SPAN)
    return one_day(at, end, day, certainty=_ROUGH if is_rough else _CLEAR)


def _either(words: Sequence[str], at: int, start: int, after: int, count: int, today: date) -> Mention | None:
    """ "in two or three weeks", "in a week or two": a span, no day."""
    if start == at:
        return None
    other = _amount(words, after + 1)
    unit = _unit(words, other[1]) if other else ""
    first, last = moved(today, count, unit), moved(today, other[0], unit) if other else None
    if other is None or not unit or first is None or last is None or last < first:
        return None
    return Mention(at, other[1] + 1, first, last, _ROUGH, named=Named.SPAN)


def week_or_two(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "in a week or two", "in the next two weeks", "in the next few days"."""
    if words[at] == "in":
        return _unit_or_more(words, at, today)
    place = at + 1 if words[at] == "next" else len(words)
    amount = (_FEW, place + 1, True) if word_at(words, place) == "few" else _amount(words, place)
    last_day = moved(today, amount[0], unit) if amount and (unit := _unit(words, amount[1])) else None
    if amount is None or last_day is None:
        return None
    return Mention(at, amount[1] + 1, today, last_day, _ROUGH, named=Named.SPAN)


def _unit_or_more(words: Sequence[str], at: int, today: date) -> Mention | None:
    unit = _unit(words, at + 2)
    last = parse_below_hundred(words, at + 4)
    if word_at(words, at + 1) not in ("a", "one") or not unit or word_at(words, at + 3) != "or" or not last:
        return None
    first_day, last_day = moved(today, 1, unit), moved(today, last[0], unit)
    if first_day is None or last_day is None or last_day < first_day:
        return None
    return Mention(at, last[1], first_day, last_day, _ROUGH, named=Named.SPAN)


def beside(words: Sequence[str], at: int, today: date) -> Mention | None:
    """ "the day after Christmas", "the day before the tenth", "the Monday after Thanksgiving"."""
    if words[at] == "day" and word_at(words, at + 1) in ("after", "before"):
        named = _named_day(words, at + 2, today)
        days = 1 if words[at + 1] == "after" else -1
        return one_day(at, named.after, named.first + timedelta(days=days)) if named else None
    first = weekday(words, at, today)
    if first is None or first.weekday is None or word_at(words, first.after) not in ("after", "before"):
        return None
    named = _named_day(words, first.after + 1, today)
    if named is None or named.weekday is not None:
        return None
    away = (first.weekday - named.first.weekday() - 1) % 7 + 1
    days = away if words[first.after] == "after" else (away - 7 or -7)
    day = named.first + timedelta(days=days)
    return one_day(at, named.after, day, certainty=0.85, weekday=first.weekday)


def _amount(words: Sequence[str], at: int) -> tuple[int, int, bool] | None:
    """(how many, place after, whether roughly): "a couple of", "a", "three", "230"."""
    if starts_with(words, at, ("a", "couple")):
        return 2, at + (3 if word_at(words, at + 2) == "of" else 2), True
    if word_at(words, at) in _SMALL:
        return _SMALL[words[at]], at + 1, words[at] == "couple"
    number = parse_cardinal(words, at)
    return (number[0], number[1], False) if number and 0 < number[0] <= _MOST_DAYS else None


def _unit(words: Sequence[str], at: int) -> str:
    unit = word_at(words, at).removesuffix("'s").removesuffix("s")
    return unit if unit in _UNITS else ""


def _base(words: Sequence[str], at: int, today: date) -> tuple[date | None, int, int]:
    """What a count starts from, the place after it, and its direction; (None, at, 1) when nothing is said."""
    match word_at(words, at):
        case "time":
            return None, at + 1, 1
        case "ago":
            return today, at + 1, -1
        case "from" | "after" if word_at(words, at + 1) in ("now", "today"):
            return today, at + 2, 1
        case "from":
            named = _named_day(words, at + 1, today)
            if named is None or named.named is Named.DATE:
                return None, at, 1  # "one day from the 26th of March": how long, and from when
            return named.first, named.after, 1
        case "after" | "before" as joint:
            named = _named_day(words, at + 1, today)
            return (named.first, named.after, -1 if joint == "before" else 1) if named else (None, at, 1)
    return None, at, 1


def _named_day(words: Sequence[str], at: int, today: date) -> Mention | None:
    """The day named at a place, by the longest reading of it."""
    if not 0 <= at < len(words):
        return None
    parsers = (holiday, weekday_with_day, month_day, numeric, simple, weekday, day_of_month)
    found = [mention for parse in parsers if (mention := parse(words, at, today)) and mention.is_day]
    best = max(found, key=lambda mention: mention.after, default=None)
    return replace(best, at=at) if best else None
