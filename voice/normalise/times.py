"""Times of day and spans of them: "two twenty P M", "nine A M to five P M", "noon", "two o'clock"."""

from __future__ import annotations

import re
from typing import Final

from voice.normalise.rules import Rule
from words.numbers import cardinal_words

_HALF: Final = r"(?:\s?([AaPp])(?:\.\s?[Mm]\.|[Mm]\b)(?!\w))"
_CLOCK: Final = r"(\d{1,2})(?::(\d\d))?"
_ZONES: Final = {"E": "Eastern", "C": "Central", "M": "Mountain", "P": "Pacific"}


def _time(hour: int, minute: int, half: str) -> str:
    """ "" for no time of day. Without its half, an hour past twelve tells it."""
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        return ""
    if not half and (hour > 12 or hour == 0):
        half, hour = ("p" if hour >= 12 else "a"), hour % 12 or 12
    if (hour, minute) == (12, 0) and half:
        return "noon" if half.lower() == "p" else "midnight"
    minutes = "" if minute == 0 else f"{'oh ' if minute < 10 else ''}{cardinal_words(minute)}"
    last = f"{half.upper()} M" if half else "" if minutes else "o'clock"
    return " ".join(part for part in (cardinal_words(hour), minutes, last) if part)


def _one(found: re.Match[str]) -> str:
    said = _time(int(found[1]), int(found[2] or 0), found[3] or "")
    return _kept_stop(found, said) if said else found[0]


def _kept_stop(found: re.Match[str], said: str) -> str:
    """ "at 2 p.m." at the end of a sentence: its last stop ends the sentence too."""
    rest = found.string[found.end() : found.end() + 8]
    ends = found[0].endswith(".") and (not rest.strip() or re.match(r"\s+[A-Z]", rest))
    return f"{said}." if ends else said


def _span(found: re.Match[str]) -> str:
    hour, minute, half, to_hour, to_minute, to_half = found.groups()
    if not (half or to_half or (minute and to_minute)):
        return found[0]
    if not half and not to_half and int(to_hour) > 12 > int(hour):
        half = "a"  # "8:00-17:00" is of the twenty-four hours
    first = _time(int(hour), int(minute or 0), half or "")
    last = _time(int(to_hour), int(to_minute or 0), to_half or "")
    if not (first and last):
        return found[0]
    if not half and to_half:
        first = first.removesuffix(" o'clock")  # "two to three P M"
    return _kept_stop(found, f"{first} to {last}")


def _with_seconds(found: re.Match[str]) -> str:
    """Seconds of a stored instant are not said; its zone only if it has a name."""
    said = _time(int(found[1]), int(found[2]), "")
    return said or found[0]


RULES: Final[tuple[Rule, ...]] = (
    (
        re.compile(r"(?<![\w.,:/-])(\d\d):(\d\d)(?::00(?:\.0+)?)(?:Z|[+-]\d\d:\d\d)?(?![\w:])", re.ASCII),
        _with_seconds,
    ),
    (
        re.compile(
            rf"(?<![\w.,:/-]){_CLOCK}{_HALF}?\s?(?:-|to)\s?{_CLOCK}{_HALF}?(?![\w:/-]|[.,]\d)", re.ASCII
        ),
        _span,
    ),
    (re.compile(rf"(?<![\w.,:/-])(\d{{1,2}}):(\d\d){_HALF}?(?![\w:/]|-\d|[.,]\d)", re.ASCII), _one),
    (re.compile(rf"(?<![\w.,:/-])(\d{{1,2}})(){_HALF}(?![:/])", re.ASCII), _one),
    (re.compile(r"(?<=[AP] M )([ECMP])[SD]?T\b"), lambda found: f"{_ZONES[found[1]]} time"),
)
