"""Written sentences as they should be said: times, dates, telephone numbers, doses, abbreviations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from voice.carriers import DIGITS, MONTHS, cardinal, ordinal

_UNITS: Final = {
    "mg": "milligrams", "mcg": "micrograms", "ml": "milliliters", "g": "grams", "iu": "units", "%": "percent",
}  # fmt: skip
_WORDS: Final = {
    "dr.": "Doctor", "mr.": "Mister", "mrs.": "Missus", "ms.": "Miz", "&": "and", "appt.": "appointment",
}  # fmt: skip
_MONTH_NAMES: Final = "|".join(month.capitalize() for month in MONTHS)


def for_the_ear(text: str) -> str:
    """``"Dr. Chen, 5/3 at 2:20 PM"`` -> ``"Doctor Chen, May third at two twenty P M"``."""
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return re.sub(r"\s+", " ", text).strip()


def digits(text: str) -> str:
    """Digit by digit."""
    return " ".join(DIGITS[int(digit)] for digit in text if digit.isdigit())


def year(number: int) -> str:
    """A year as it is said: "nineteen fifty eight", "two thousand four", "twenty twenty six"."""
    century, rest = divmod(number, 100)
    if 2000 <= number < 2010:
        return f"two thousand {cardinal(rest)}" if rest else "two thousand"
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {f'oh {cardinal(rest)}' if rest < 10 else cardinal(rest)}"


def _time(found: re.Match[str]) -> str:
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if hour > 23 or minute > 59:
        return found[0]
    if hour > 12 or (hour == 0 and not half):
        half, hour = "p" if hour >= 12 else "a", hour % 12 or 12
    minutes = "" if minute == 0 else f"oh {cardinal(minute)}" if minute < 10 else cardinal(minute)
    if not minutes and not half:
        minutes = "o'clock"
    return " ".join(
        part for part in (cardinal(hour), minutes, f"{half[0].upper()} M" if half else "") if part
    )


def _date(month: int, day: int, of_year: int | None, written: str) -> str:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return written
    said = f"{MONTHS[month - 1].capitalize()} {ordinal(day)}"
    return f"{said}, {year(of_year)}" if of_year else said


def _iso(found: re.Match[str]) -> str:
    return _date(int(found[2]), int(found[3]), int(found[1]), found[0])


def _slashed(found: re.Match[str]) -> str:
    return _date(int(found[1]), int(found[2]), int(found[3]) if found[3] else None, found[0])


def _named(found: re.Match[str]) -> str:
    month = MONTHS.index(found[1].lower()) + 1
    return _date(month, int(found[2]), int(found[3]) if found[3] else None, found[0])


def _phone(found: re.Match[str]) -> str:
    return ", ".join(digits(group) for group in found.groups())


def _dose(found: re.Match[str]) -> str:
    unit = _UNITS[found[2].lower()]
    whole, _, part = found[1].replace(",", "").partition(".")
    number = _count(int(whole)) + (f" point {digits(part)}" if part else "")
    return f"{number} {unit.removesuffix('s') if found[1] == '1' else unit}"


def _count(number: int) -> str:
    """Up to 9,999 in words, larger by the engine itself."""
    if number < 100:
        return cardinal(number)
    if number < 1_000:
        hundreds, rest = divmod(number, 100)
        return f"{DIGITS[hundreds]} hundred" + (f" {cardinal(rest)}" if rest else "")
    thousands, rest = divmod(number, 1_000)
    if thousands > 9:
        return str(number)
    return f"{DIGITS[thousands]} thousand" + (f" {_count(rest)}" if rest else "")


def _digit_run(found: re.Match[str]) -> str:
    return digits(found[0])


_Said = Callable[[re.Match[str]], str]
_RULES: Final[tuple[tuple[re.Pattern[str], _Said], ...]] = (
    (re.compile(r"(?<![\d+])(?:\+?1[ .-]?)?\(?(\d{3})\)?[ .-]?(\d{3})[ .-]?(\d{4})\b"), _phone),
    (re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b"), _iso),
    (re.compile(r"\b(\d{1,2})/(\d{1,2})(?:/(\d{4}))?\b"), _slashed),
    (re.compile(rf"\b({_MONTH_NAMES}) (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}})\b)?"), _named),
    (re.compile(r"\b(\d{1,2}):(\d{2})(?:\s*([AaPp])(?:\.[Mm]\.|[Mm]\b))?"), _time),
    (re.compile(r"\b(\d{1,2})()\s*([AaPp])(?:\.[Mm]\.|[Mm]\b)"), _time),
    (re.compile(r"\b(\d[\d,]*(?:\.\d+)?)\s*(mg|mcg|ml|g|iu|%)(?!\w)", re.IGNORECASE), _dose),
    (re.compile(r"\b(?:911|988|\d{5,})\b"), _digit_run),
    (re.compile(r"(?<!\w)(?:[A-Za-z]+\.|&)"), lambda found: _WORDS.get(found[0].lower(), found[0])),
)
