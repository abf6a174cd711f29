"""Numbers: cardinals, ordinals, decimals, years, digit by digit in groups, fractions, ranges, percent."""

from __future__ import annotations

import math
import re
from typing import Final

from voice.normalise.rules import Rule
from words.numbers import cardinal_words, digit_words, ordinal_words, year_words

# One written number; a comma belongs to it only where it parts thousands.
NUMBER: Final = r"(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)"
ALONE: Final = r"(?<![\w.,])"  # nothing of the same number stands before
_SCALES: Final = ((1_000_000_000, "billion"), (1_000_000, "million"))
_MOST_DIGITS: Final = 12  # of a number said as one
_PRESSURE: Final = re.compile(r"(?:pressure|\bBP)\W+(?:\w+\W+){0,2}$")
_PARTS: Final = {2: ("half", "halves"), 4: ("quarter", "quarters")}
_GROUPS: Final = {5: (3, 2), 6: (3, 3), 7: (3, 4), 8: (4, 4), 9: (3, 3, 3), 10: (3, 3, 4)}


def digits(text: str) -> str:
    """Digit by digit."""
    return digit_words(text)


def grouped(text: str) -> str:
    """Digit by digit with a pause after every three or four, as numbers are read out to be written down."""
    found = re.sub(r"\D", "", text)
    sizes = _GROUPS.get(len(found)) or (4,) * math.ceil(len(found) / 4)
    groups, at = [], 0
    for size in sizes:
        groups.append(digit_words(found[at : at + size]))
        at += size
    return ", ".join(group for group in groups if group)


def count(number: int) -> str:
    """A cardinal in words, up to twelve digits; longer ones digit by digit."""
    if number >= 10**_MOST_DIGITS:
        return grouped(str(number))
    for scale, name in _SCALES:
        if number >= scale:
            head = f"{count(number // scale)} {name}"
            return f"{head} {count(number % scale)}" if number % scale else head
    return cardinal_words(number)


def number_words(written: str) -> str:
    """ "1,000.5" as "one thousand point five"; a number that begins with zeros digit by digit."""
    whole, point, part = written.replace(",", "").partition(".")
    if len(whole) > _MOST_DIGITS:
        said = grouped(whole)
    elif len(whole) > 1 and whole[0] == "0":
        said = digits(whole)
    else:
        said = count(int(whole or "0"))
    return f"{said} point {digits(part)}" if point else said


def ordinal(number: int) -> str:
    """Any rank: "third", "one hundred first"."""
    if 1 <= number <= 99:
        return ordinal_words(number)
    rest = number % 100
    if rest:
        return f"{count(number - rest)} {ordinal_words(rest)}"
    return f"{count(number)}th"


def year(number: int) -> str:
    """A year as it is said: "nineteen fifty eight", "two thousand four", "twenty twenty six"."""
    return year_words(number)


def short_year(two_digits: str) -> str:
    """The last two digits of a year, as written: "oh four", "eighty one"."""
    if two_digits == "00":
        return "two thousand"
    return f"oh {digits(two_digits[1])}" if two_digits[0] == "0" else count(int(two_digits))


def fraction(whole: int, above: int, below: int) -> str:
    """ "one half", "two and three quarters", "five eighths"."""
    one, many = _PARTS.get(below, (ordinal(below), f"{ordinal(below)}s"))
    part = f"{count(above)} {one if above == 1 else many}"
    return f"{count(whole)} and {part}" if whole else part


def is_fraction(above: int, below: int) -> bool:
    """Whether a small number over another is read as a part: 3/4 is, 2/4 or 5/10 (two strengths) is not."""
    return below in (2, 3, 4, 8) and 0 < above < below and math.gcd(above, below) == 1


def _fraction(found: re.Match[str]) -> str:
    whole, above, below = int(found[1] or 0), int(found[2]), int(found[3])
    if len(found[2]) > 3 or not 2 <= below <= 99 or above == 0:
        return f"{f'{count(whole)} ' if whole else ''}{count(above)} over {count(below)}"
    return fraction(whole, above, below)


def _range(found: re.Match[str]) -> str:
    first, last = found[1], found[2]
    if float(first.replace(",", "")) < float(last.replace(",", "")):
        return f"{number_words(first)} to {number_words(last)}"
    return f"{number_words(first)}, {number_words(last)}"


def _over(found: re.Match[str]) -> str:
    """Blood pressure is said "over"; of any other pair the slash is said."""
    before = found.string[max(0, found.start() - 40) : found.start()]
    between = "over" if _PRESSURE.search(before) else "slash"
    return f"{number_words(found[1])} {between} {number_words(found[2])}"


def _pair(found: re.Match[str]) -> str:
    """A ratio, or whatever else a colon parts."""
    small = len(found[1]) == len(found[2]) == 1
    return f"{number_words(found[1])}{' to ' if small else ', '}{number_words(found[2])}"


def decade(found: re.Match[str]) -> str:
    """ "1990s" as "nineteen nineties"."""
    said = year(int(found[1])) if len(found[1]) == 4 else count(int(found[1]))
    return f"{said[:-1]}ies" if said.endswith("y") else f"{said}s"


def _dotted(found: re.Match[str]) -> str:
    return " point ".join(number_words(part) for part in found[0].split("."))


def _ordinal(found: re.Match[str]) -> str:
    return ordinal(int(found[1])) if len(found[1]) <= 9 and int(found[1]) else f"{grouped(found[1])}th"


def _year(found: re.Match[str]) -> str:
    return f"{found[1]}{year(int(found[2]))}"


def _bare(found: re.Match[str]) -> str:
    """Five and more digits are no amount: a code of some kind. With commas or a point they are one."""
    return grouped(found[0]) if found[0].isdigit() and len(found[0]) >= 5 else number_words(found[0])


RULES: Final[tuple[Rule, ...]] = (
    (re.compile(r"(?<![\w.,/-])24/7(?![\w/-])", re.ASCII), lambda _: "twenty four seven"),
    (re.compile(rf"{ALONE}(?:(\d{{1,4}})\s)?(\d{{1,3}})\u2044(\d{{1,2}})(?![\w/])", re.ASCII), _fraction),
    (re.compile(rf"{ALONE}({NUMBER})\s?/\s?({NUMBER})(?![\w/])", re.ASCII), _over),
    (re.compile(rf"{ALONE}({NUMBER})\s?-\s?({NUMBER})(?![\w/-])", re.ASCII), _range),
    (re.compile(r"(?<![\w.,:])(\d+):(\d+)(?![\w:])", re.ASCII), _pair),
    (re.compile(rf"{ALONE}({NUMBER})\s?%"), lambda found: f"{number_words(found[1])} percent"),
    (re.compile(rf"{ALONE}(\d+)(?:st|nd|rd|th)\b", re.ASCII | re.IGNORECASE), _ordinal),
    (
        re.compile(
            r"(\b(?:in|since|from|until|before|after|during|year|of|by)\s)((?:19|20)\d\d)(?![\w,.]*\d)(?!\w)",
            re.ASCII | re.IGNORECASE,
        ),
        _year,
    ),
    (re.compile(r"(?<!\w)-(?=\.?\d)", re.ASCII), lambda _: "minus "),
    (re.compile(r"(?<!\w)\+\s?(?=\.?\d)", re.ASCII), lambda _: "plus "),
    (re.compile(r"\d+(?:\.\d+){2,}", re.ASCII), _dotted),
    (re.compile(NUMBER, re.ASCII), lambda found: f" {_bare(found)} "),
)
