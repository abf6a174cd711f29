"""Birth dates: spoken, numeric or keyed. An impossible one is not understood; a century is never assumed
where two are plausible, and a day is never taken for a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from intents.readers.birth_doubts import (
    has_lost_day,
    has_lost_month,
    is_century_alone,
    is_of_a_date,
    is_rest_of_number,
    may_go_on,
    misses_day,
    past_years,
)
from intents.readers.calendar import MONTHS
from intents.readers.corrections import is_replaced
from intents.readers.hearing import heard
from intents.readers.times import half_of_day
from models.domain import Entity
from words.numbers import TENS, parse_below_hundred, parse_digits, parse_ordinal, parse_year, single_digit
from words.tokens import Token, phrases, span, starts_with, word_at, word_set

OLDEST_AGE_YEARS = 115  # nobody on file is older
_SKIPPED = word_set("of the in and year month day on was is comma , born")
_MARKS = frozenset("/-.")
_TAKEN_BACK = phrases("no|nope|sorry|wait|actually|i mean|i meant|or rather|oops|correction")
_AGAIN = word_set(
    "no sorry wait actually i mean meant make that it's the nope rather oops correction not in is was"
)
DOUBTED = 0.5  # certainty of a date that is to be read back


@dataclass(frozen=True, slots=True)
class _Birth:
    at: int
    after: int
    days: tuple[date, ...]  # plausible readings, best first
    certainty: float


def read_birth(text: str, today: date, *, expected: bool = False) -> Entity | None:
    """Entity of an ISO date, or None. Two-digit years get the plausible century nearest to now.

    ``expected``: it is what was asked for, so that words that belong to no date may be misheard ones; what
    is left without them is unsure.
    """
    found = _without_asides(heard(text))
    entity = _read(found, today)
    if entity is None and expected:
        left = tuple(token for token in found if is_of_a_date(token.text))
        words = past_years([token.text for token in left], today.year)
        left = tuple(replace(token, text=word) for token, word in zip(left, words, strict=True))
        entity = None if misses_day(words) else _read(left, today)
        return replace(entity, certainty=min(entity.certainty, DOUBTED)) if entity else None
    return entity


def _read(found: tuple[Token, ...], today: date) -> Entity | None:
    words = [token.text for token in found]
    births = _find(words, today)
    for place in range(len(births) - 1, 0, -1):
        if is_replaced(words, births[place - 1].after, births[place].at):
            part = _corrected(births[place - 1], words, today)
            within = births[place - 1].after < part.after and _begins_within(births[place], part, words)
            births = [part] if within else births[place:]
            break
    return _entity(_weighed(_corrected(births[0], words, today), words), found) if births else None


def _weighed(birth: _Birth, words: Sequence[str]) -> _Birth:
    """A date that may have lost its last word is unsure."""
    if may_go_on(birth.days[0].year, words, birth.after):
        return replace(birth, certainty=min(birth.certainty, DOUBTED))
    return birth


def _begins_within(later: _Birth, part: _Birth, words: Sequence[str]) -> bool:
    """ "No, fifty eight, nineteen fifty eight" says a year twice, and no date of August."""
    begun = later.at
    while begun > 0 and words[begun - 1] not in _AGAIN:
        begun -= 1
    return begun < later.at < part.after


def _entity(birth: _Birth, found: tuple[Token, ...]) -> Entity:
    first, *others = (day.isoformat() for day in birth.days)
    return Entity(first, span(found, birth.at, birth.after), birth.certainty, tuple(others))


def _find(words: Sequence[str], today: date) -> list[_Birth]:
    births, at = [], 0
    while at < len(words):
        birth = _birth_at(words, at, today)
        if birth:
            births.append(birth)
        at = birth.after if birth else _past_failed_date(words, at)
    return births


def _past_failed_date(words: Sequence[str], at: int) -> int:
    """Past a month and day with an impossible year: its parts must not be read as another date."""
    named = _month_and_day(words, at)
    if named is None:
        return at + 1 if words[at] not in MONTHS else _past_numbers(words, at + 1)
    return _past_numbers(words, named[2])


def _past_numbers(words: Sequence[str], at: int) -> int:
    while number := parse_ordinal(words, at) or parse_below_hundred(words, at) or parse_year(words, at):
        at = number[1]
    return at


def _birth_at(words: Sequence[str], at: int, today: date) -> _Birth | None:
    for read in (_named_month, _year_first, _iso, _with_marks, _keyed, _spoken_numbers):
        birth = read(words, at, today)
        if birth:
            return birth
    return None


def _named_month(words: Sequence[str], at: int, today: date) -> _Birth | None:
    """ "March third nineteen fifty eight", "the 3rd of March 58"."""
    parts = _month_and_day(words, at)
    if parts is None:
        return None
    month, day, after = parts
    years = _years(words, _skip(words, after), today)
    if years is None:
        return None
    certainty = DOUBTED if has_lost_day(words, _skip(words, at + 1)) else years[2]
    return _birth(at, years[1], [(year, month, day) for year in years[0]], certainty, today)


def _year_first(words: Sequence[str], at: int, today: date) -> _Birth | None:
    """ "Nineteen fifty eight, March third"."""
    year = parse_year(words, at)
    parts = _month_and_day(words, _skip(words, year[1])) if year else None
    if year is None or parts is None or _years(words, _skip(words, parts[2]), today):
        return None
    return _birth(at, parts[2], [(year[0], parts[0], parts[1])], 0.9, today)


def _month_and_day(words: Sequence[str], at: int) -> tuple[int, int, int] | None:
    month = MONTHS.get(word_at(words, at))
    if month is not None:
        day = _day(words, _skip(words, at + 1))
        return (month, *day) if day else None
    day = _day(words, at)
    if day is None or (at > 0 and words[at - 1] in ("twenty", "thirty")):
        return None
    place = _skip(words, day[1])
    month = MONTHS.get(word_at(words, place))
    return (month, day[0], place + 1) if month else None


def _day(words: Sequence[str], at: int) -> tuple[int, int] | None:
    day = parse_ordinal(words, at) or parse_below_hundred(words, at)
    return day if day and 1 <= day[0] <= 31 else None


def _years(words: Sequence[str], at: int, today: date) -> tuple[list[int], int, float] | None:
    """Plausible years at a place, best first, where they end, and how certain the first is."""
    full = parse_year(words, at)
    if full:
        return [full[0]], full[1], 0.97
    if is_century_alone(words, at):
        return None
    start = at + 1 if word_at(words, at) == "'" else at
    short = _two_digits(words, start)
    if short is None or half_of_day(words, short[1], short[0]) or word_at(words, short[1]) == "o'clock":
        return None
    years = [year for year in (2_000 + short[0], 1_900 + short[0]) if _is_plausible(year, today)]
    return (years, short[1], 0.9 if len(years) == 1 else 0.7) if years else None


def _two_digits(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """A year's last two digits: "fifty eight", "oh four", "58"; a lone "five" is not enough."""
    first, second = single_digit(word_at(words, at)), single_digit(word_at(words, at + 1))
    if first is not None and second is not None:
        return first * 10 + second, at + 2
    pair = parse_below_hundred(words, at)
    return pair if pair and (pair[0] >= 10 or len(words[at]) == 2) else None


def _is_plausible(year: int, today: date) -> bool:
    return today.year - OLDEST_AGE_YEARS <= year <= today.year


def _iso(words: Sequence[str], at: int, today: date) -> _Birth | None:
    parts = words[at : at + 5]
    if len(parts) < 5 or len(parts[0]) != 4 or parts[1] not in _MARKS or parts[3] != parts[1]:
        return None
    if not all(part.isdecimal() and len(part) <= 4 for part in parts[::2]):
        return None
    return _birth(at, at + 5, [(int(parts[0]), int(parts[2]), int(parts[4]))], 0.97, today)


def _with_marks(words: Sequence[str], at: int, today: date) -> _Birth | None:
    """ "3/14/1958", "03-14-58": month first; where that cannot be, the day stood first."""
    parts = words[at : at + 5]
    if len(parts) < 5 or parts[1] not in _MARKS or parts[3] != parts[1]:
        return None
    if (
        not all(part.isdecimal() and len(part) <= 2 for part in parts[:3:2])
        or word_at(words, at - 1) in _MARKS
    ):
        return None
    years = _years(words, at + 4, today)
    return _month_first(at, years, int(parts[0]), int(parts[2]), today) if years else None


def _spoken_numbers(words: Sequence[str], at: int, today: date) -> _Birth | None:
    """ "three fourteen fifty eight", "oh three fourteen nineteen fifty eight", "3 14 1958"."""
    month = _small(words, at)
    if month is None or has_lost_month(words, at) or is_rest_of_number(words, at):
        return None
    for day in _days_at(words, month[1]):
        years = _years(words, day[1], today)
        if years:
            return _month_first(at, years, month[0], day[0], today)
    return None


def _days_at(words: Sequence[str], at: int) -> list[tuple[int, int]]:
    """Readings of a day: "thirty two thousand" may be the thirtieth and the year 2000."""
    tens = TENS.get(word_at(words, at))
    readings = [_small(words, at), (tens, at + 1) if tens in (20, 30) else None]
    return [reading for reading in readings if reading]


def _small(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """A month or a day said as a number, with or without its leading "oh"."""
    if word_at(words, at) in ("oh", "o", "zero", "0"):
        digit = single_digit(word_at(words, at + 1))
        return (digit, at + 2) if digit else None
    number = parse_ordinal(words, at) or parse_below_hundred(words, at)
    return number if number and 1 <= number[0] <= 31 else None


def _keyed(words: Sequence[str], at: int, today: date) -> _Birth | None:
    """Eight digits MMDDYYYY, keyed or said one by one."""
    if at > 0 and parse_digits(words[at - 1 : at], 0):
        return None
    digits = parse_digits(words, at)
    if digits is None or len(digits[0]) != 8:
        return None
    text = digits[0]
    return _birth(at, digits[1], [(int(text[4:]), int(text[:2]), int(text[2:4]))], 0.95, today)


def _month_first(
    at: int, years: tuple[list[int], int, float], first: int, second: int, today: date
) -> _Birth | None:
    """American order. The other order stands as a rival, or alone where a month of that number is none."""
    readings = [(year, first, second) for year in years[0]]
    certainty = min(years[2], 0.85)
    if first > 12:
        readings, certainty = [(year, second, first) for year in years[0]], 0.6
    elif second <= 12 and first != second:
        readings += [(year, second, first) for year in years[0]]
        certainty = min(years[2], 0.75)
    return _birth(at, years[1], readings, certainty, today)


def _birth(
    at: int, after: int, readings: Sequence[tuple[int, int, int]], certainty: float, today: date
) -> _Birth | None:
    """Drop impossible and future days; None where the first reading is such a one."""
    days = [day for reading in readings if (day := _valid(*reading, today))]
    if not days or _valid(*readings[0], today) is None:
        return _Birth(at, after, (days[0],), 0.6) if days and len(readings) > 1 else None
    return _Birth(at, after, tuple(dict.fromkeys(days)), certainty)


def _valid(year: int, month: int, day: int, today: date) -> date | None:
    try:
        birth = date(year, month, day)
    except (ValueError, OverflowError):
        return None
    return birth if _is_plausible(year, today) and birth <= today else None


def _corrected(birth: _Birth, words: Sequence[str], today: date) -> _Birth:
    """A part alone said again: "... nineteen fifty eight no fifty nine", "no the fourth", "I mean May".

    Where something is taken back and what stands in its place is not understood, the date is unsure.
    """
    if not any(starts_with(words, birth.after, said) for said in _TAKEN_BACK):
        return birth
    place = birth.after
    while word_at(words, place) in _AGAIN:
        place += 1
    doubted = replace(birth, certainty=min(birth.certainty, DOUBTED))
    return _part_again(birth, words, place, today) or doubted


def _part_again(birth: _Birth, words: Sequence[str], at: int, today: date) -> _Birth | None:
    """The birth date with the month, day or year that is said again at a place."""
    first = birth.days[0]
    named, years = _month_and_day(words, at), _years(words, at, today)
    if named:
        return _birth(birth.at, named[2], [(first.year, *named[:2])], 0.8, today)
    if years:
        return _birth(birth.at, years[1], [(year, first.month, first.day) for year in years[0]], 0.8, today)
    if word_at(words, at) in MONTHS:
        return _birth(birth.at, at + 1, [(first.year, MONTHS[words[at]], first.day)], 0.75, today)
    rank = parse_ordinal(words, at)
    return _birth(birth.at, rank[1], [(first.year, first.month, rank[0])], 0.75, today) if rank else None


def _without_asides(found: tuple[Token, ...]) -> tuple[Token, ...]:
    return tuple(token for token in found if token.text not in ("comma", "okay", "ok"))


def _skip(words: Sequence[str], at: int) -> int:
    while word_at(words, at) in _SKIPPED:
        at += 1
    return at
