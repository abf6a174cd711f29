"""Dates, times and numbers as an ear wants them: "Tuesday, December first at two twenty PM"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from words.cards import masked

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
    "twenty": "twentieth",
    "thirty": "thirtieth",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def number(value: int) -> str:
    """0..99 in words."""
    if value < len(_ONES):
        return _ONES[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


def ordinal(value: int) -> str:
    """1..99 as "first", "twenty-third"."""
    head, dash, last = number(value).rpartition("-")
    return head + dash + _ORDINALS.get(last, f"{last}th")


def year(value: int) -> str:
    """1981 -> "nineteen eighty-one"."""
    century, rest = divmod(value, 100)
    if value // 1000 == 2 and rest < 10:
        return "two thousand" + (f" {number(rest)}" if rest else "")
    if not rest:
        return f"{number(century)} hundred"
    return f"{number(century)} {'oh ' if rest < 10 else ''}{number(rest)}"


def birth_date(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {ordinal(day.day)}, {year(day.year)}"


def day_name(day: date) -> str:
    """ "Tuesday, December first": always with the weekday, so that a wrong week is heard."""
    return f"{WEEKDAYS[day.weekday()]}, {MONTHS[day.month - 1]} {ordinal(day.day)}"


def clock(at: time) -> str:
    hour = number(at.hour % 12 or 12)
    if (at.hour, at.minute) == (12, 0):
        return "noon"
    minute = f" {'oh ' if at.minute < 10 else ''}{number(at.minute)}" if at.minute else ""
    return f"{hour}{minute} {'AM' if at.hour < 12 else 'PM'}"


def moment(start: datetime, timezone: str) -> str:
    """ "Tuesday, December first at two twenty PM", in the practice's own time."""
    local = start.astimezone(ZoneInfo(timezone))
    return f"{day_name(local.date())} at {clock(local.time())}"


def phone(e164: str) -> str:
    """ "five five five, oh one two, three four five six": in groups, one digit at a time."""
    digits = e164.removeprefix("+1").removeprefix("+")
    groups = (digits[:3], digits[3:6], digits[6:]) if len(digits) == 10 else (digits,)
    return ", ".join(" ".join(_digit(d) for d in group) for group in groups)


def _digit(digit: str) -> str:
    return "oh" if digit == "0" else number(int(digit)) if digit.isdigit() else digit


def either(options: Sequence[str]) -> str:
    """ "a", "a, or b", "a, b, or c"."""
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])}, or {options[-1]}"


def in_one_breath(words: str) -> str:
    """A caller's words as part of a sentence of ours: their own full stops and questions end none."""
    return re.sub(r"[.!?]+(?=\s)", ",", words.strip().rstrip(".!?,; "))


def quoted(words: str, limit: int = 160) -> str:
    """The caller's own words, cut at a word boundary when long; of a card's number nothing is kept."""
    words = masked(" ".join(words.split()))
    return words if len(words) <= limit else f"{words[:limit].rsplit(' ', 1)[0]} ..."
