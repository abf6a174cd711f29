"""Dates, times and digits as a caller says them, and the times that a caller hears. Written apart from the
agent's own speech, so that one error cannot hide on both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NTH = {1: "first", 2: "second", 3: "third", 5: "fifth", 8: "eighth", 9: "ninth", 12: "twelfth"}
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = {word: hour for hour, word in enumerate(ONES[:13]) if hour} | {"noon": 12}
_OFFER = re.compile(
    rf"\b({'|'.join(DAYS)})\b(?:(?!{'|'.join(DAYS)}).)*?\b({'|'.join(_HOURS)})\b"
    r"((?: (?:oh|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    rf"|twenty|thirty|forty|fifty|{'|'.join(ONES[1:10])}))*)\s*(am|pm)?"
)


def number(value: int) -> str:
    """0..99."""
    if value < len(ONES):
        return ONES[value]
    return f"{TENS[value // 10]} {ONES[value % 10]}".removesuffix(" zero")


def nth(value: int) -> str:
    if value in NTH:
        return NTH[value]
    if value > 20 and value % 10:
        return f"{TENS[value // 10]} {nth(value % 10)}"
    return number(value)[:-1] + "ieth" if value in (20, 30) else f"{number(value)}th"


def year(value: int) -> str:
    if 2000 <= value < 2010:
        return f"two thousand {number(value % 100)}".removesuffix(" zero")
    rest = value % 100
    return f"{number(value // 100)} {'oh ' if 0 < rest < 10 else ''}{number(rest) if rest else 'hundred'}"


def birth_forms(born: date) -> tuple[str, ...]:
    """The ways in which people say a birth date, the plainest first."""
    month, day, years = MONTHS[born.month - 1].capitalize(), nth(born.day), year(born.year)
    short = years.split(" ", 1)[1] if born.year < 2000 else years
    return (
        f"{month} {day} {years}",
        f"{month} {number(born.day)} {years}",
        f"the {day} of {month} {years}",
        f"{month} {day} {short}",
    )


def digits(text: str) -> str:
    """ "02111" as "zero two one one one"."""
    return " ".join(ONES[int(digit)] for digit in text if digit.isdigit())


def spelled(name: str) -> str:
    return " ".join(letter.upper() for letter in name if letter.isalpha())


def plain(text: str) -> str:
    """Lower case, hyphens and stops as spaces: to look for words in."""
    return " ".join(re.sub(r"[^a-z0-9' ]", " ", text.lower()).split())


@dataclass(frozen=True, slots=True)
class HeardTime:
    """A time the agent named. ``hour`` is of 24; ``doctor`` is "" where none was named with it."""

    weekday: int
    hour: int
    words: str
    doctor: str = ""

    @property
    def daypart(self) -> str:
        return "morning" if self.hour < 12 else "afternoon" if self.hour < 17 else "evening"


def times_in(sentence: str) -> Iterator[HeardTime]:
    """Every weekday with a time in what the agent said, in order."""
    text = plain(sentence)
    found = list(_OFFER.finditer(text))
    for place, match in enumerate(found):
        rest = text[match.end() : found[place + 1].start() if place + 1 < len(found) else len(text)]
        doctor = re.search(r"with (?:doctor|nurse practitioner|nurse) (\w+)", rest)
        before = re.search(r"with (?:doctor|nurse practitioner|nurse) (\w+) on $", text[: match.start()])
        hour = _HOURS[match[2]] % 12 + (12 if match[4] == "pm" or match[2] == "noon" else 0)
        words = f"{match[2]}{match[3]}"
        who = doctor or before
        yield HeardTime(DAYS.index(match[1]), hour, words, who[1] if who else "")
