"""Dates: ISO, with slashes, with a month's name, ranges of them, weekdays; what is no date stays a number.

Slashed dates are American, month first, as everywhere in the product.
"""

from __future__ import annotations

import re
from typing import Final

from voice.normalise.numbers import ordinal, short_year, year
from voice.normalise.rules import Rule, alternatives
from words.numbers import cardinal_words

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
_MONTH_NUMBERS: Final = {
    **{name.lower(): number for number, name in enumerate(MONTHS, 1)},
    **{name[:3].lower(): number for number, name in enumerate(MONTHS, 1)},
    "sept": 9,
}
_WEEKDAYS: Final = {
    "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "weds": "Wednesday",
    "thu": "Thursday", "thur": "Thursday", "thurs": "Thursday", "fri": "Friday", "sat": "Saturday",
    "sun": "Sunday",
}  # fmt: skip
# "may" and "march" are words too: in small letters only the other months are read.
_WRITTEN: Final = {
    *(name.capitalize() for name in _MONTH_NUMBERS),
    *(name.upper() for name in _MONTH_NUMBERS),
    *(name for name in _MONTH_NUMBERS if not name.startswith("ma")),
}
_MONTH: Final = rf"({alternatives(_WRITTEN)})\b\.?"
_FULL_DAYS: Final = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_DAY: Final = rf"(?:{_FULL_DAYS}|{alternatives(name.capitalize() for name in _WEEKDAYS)})"
_SHORT_DAY: Final = alternatives(name.capitalize() for name in _WEEKDAYS)
_SLASHED: Final = r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?"
_YEAR: Final = r"(?:,?\s+(\d{4})(?!\d|[,.]\d|\s?[:/-]\s?\d))?"


def _date(month: int, day: int, of_year: str) -> str:
    """ "March fifth, nineteen eighty one"; "" for no date of any calendar."""
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return ""
    said = f"{MONTHS[month - 1]} {ordinal(day)}"
    return f"{said}, {_year(of_year)}" if of_year else said


def _year(written: str) -> str:
    if len(written) == 2:
        return short_year(written)
    number = int(written)
    return year(number) if 1000 <= number <= 2999 else " ".join(cardinal_words(int(one)) for one in written)


def _iso(found: re.Match[str]) -> str:
    said = _date(int(found[2]), int(found[3]), found[1])
    return f"{said}{' at ' if found[4] else ''}" if said else found[0]


def _slashed(found: re.Match[str]) -> str:
    return _date(int(found[1]), int(found[2]), found[3] or "") or found[0]


def _slashed_range(found: re.Match[str]) -> str:
    first = _date(int(found[1]), int(found[2]), found[3] or "")
    last = _date(int(found[4]), int(found[5]), found[6] or "")
    return f"{first} to {last}" if first and last else found[0]


def _named(found: re.Match[str]) -> str:
    return _date(_MONTH_NUMBERS[found[1].lower()], int(found[2]), found[3] or "") or found[0]


def _named_range(found: re.Match[str]) -> str:
    month, last_month = _MONTH_NUMBERS[found[1].lower()], found[3]
    until = _MONTH_NUMBERS[last_month.lower()] if last_month else month
    first, last = _date(month, int(found[2]), ""), _date(until, int(found[4]), found[5] or "")
    if not (first and last):
        return found[0]
    return f"{first} to {last if last_month else last.split(' ', 1)[1]}"


def _day_first(found: re.Match[str]) -> str:
    return _date(_MONTH_NUMBERS[found[2].lower()], int(found[1]), found[3] or "") or found[0]


def _month_and_year(found: re.Match[str]) -> str:
    return f"{MONTHS[_MONTH_NUMBERS[found[1].lower()] - 1]} {_year(found[2])}"


def _weekday(written: str) -> str:
    return _WEEKDAYS.get(written.lower(), written)


def _weekday_range(found: re.Match[str]) -> str:
    return f"{_weekday(found[1])} to {_weekday(found[2])}"


def _weekday_before(found: re.Match[str]) -> str:
    """ "Tue," before a date: the comma stays, for the pause."""
    return f"{_weekday(found[1])}, "


RULES: Final[tuple[Rule, ...]] = (
    (re.compile(rf"\b({_DAY})\.?\s?-\s?({_DAY})\b(?:\.(?=\s[a-z\d]))?", re.ASCII), _weekday_range),
    (
        re.compile(rf"\b({_SHORT_DAY})(?:\.,?|,)?\s(?={_MONTH}\s\d|\d{{1,2}}/\d|\d{{4}}-\d)", re.ASCII),
        _weekday_before,
    ),
    (re.compile(r"\b(Mon|Tues?|Weds?|Thu(?:rs?)?|Fri)\b\.?(?!\w)", re.ASCII), lambda m: _weekday(m[1])),
    (re.compile(r"\b(Sat|Sun)\.(?=,|\s[a-z\d])", re.ASCII), lambda m: _weekday(m[1])),
    (
        re.compile(r"(?<![\w.,/-])(\d{4})-(\d\d)-(\d\d)(?:([T ])(?=\d\d:\d\d)|(?![\w/-]|\.\d))", re.ASCII),
        _iso,
    ),
    (re.compile(rf"(?<![\w.,/-]){_SLASHED}\s?-\s?{_SLASHED}(?![\w/-]|\.\d)", re.ASCII), _slashed_range),
    (re.compile(rf"(?<![\w.,/-]){_SLASHED}(?![\w/-]|\.\d)", re.ASCII), _slashed),
    (
        re.compile(
            rf"\b{_MONTH}\s(\d{{1,2}})(?:st|nd|rd|th)?\s?-\s?(?:{_MONTH}\s)?(\d{{1,2}})(?:st|nd|rd|th)?\b"
            rf"(?![:/.]\d){_YEAR}",
            re.ASCII,
        ),
        _named_range,
    ),
    (re.compile(rf"\b{_MONTH}\s(\d{{1,2}})(?:st|nd|rd|th)?\b(?![:/.,]\d){_YEAR}", re.ASCII), _named),
    (
        re.compile(
            rf"\b(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?\b{_MONTH}(?![\w-]){_YEAR}", re.ASCII
        ),
        _day_first,
    ),
    (re.compile(rf"\b{_MONTH},?\s(\d{{4}})(?!\w|[,.:/-]\d)", re.ASCII), _month_and_year),
)
