"""What callers say around values: sentences made here so that dates, digits, names and drugs are heard.

The practice's own sentences come from outside; these carry the open-ended values, of which no list
of sentences holds enough. Draws are from a seeded generator: the same input builds the same model.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

DIGITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_FIRST_ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth",
    "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip
LETTERS: Final = tuple("abcdefghijklmnopqrstuvwxyz")
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

DRUG_CARRIERS: Final = (
    "{}", "my {}", "it's {}", "the {}", "it's the {}", "it's my {}", "i need a refill of my {}",
    "i need a refill on my {}", "i need a refill for {}", "i'd like to refill my {}", "refill my {}",
    "can i get a refill of {}", "i'm out of my {}", "i'm almost out of {}", "i need my {} refilled",
    "i ran out of {}", "i take {}", "no the {}", "{} please", "the {} please", "i need more {}",
)  # fmt: skip
NAME_CARRIERS: Final = (
    "{}", "my name is {}", "this is {}", "it's {}", "i'm {}", "yes this is {}", "yes my name is {}",
    "{} calling", "hi this is {}", "my name's {}", "the name is {}",
)  # fmt: skip
_DOB_CARRIERS: Final = ("{}", "{}", "my date of birth is {}", "my birthday is {}", "i was born {}", "it's {}")
_TIME_CARRIERS: Final = ("{}", "at {}", "the {} one", "{} works", "how about {}", "{} please", "maybe {}")
_SPELLED_CARRIERS: Final = ("{}", "it's spelled {}", "that's {}", "{}")


def cardinal(number: int) -> str:
    """A number under 100 in words."""
    if number < 10:
        return DIGITS[number]
    if number < 20:
        return _TEENS[number - 10]
    return _TENS[number // 10] + (f" {DIGITS[number % 10]}" if number % 10 else "")


def ordinal(number: int) -> str:
    """A day of the month in words, 1 to 31."""
    if number <= 20:
        return _FIRST_ORDINALS[number - 1]
    return "thirtieth" if number == 30 else f"{_TENS[number // 10]} {_FIRST_ORDINALS[number % 10 - 1]}"


def years(year: int) -> tuple[str, ...]:
    """How people say a year, 1910 to 2029, commonest first."""
    century, rest = divmod(year, 100)
    tail = f"o {DIGITS[rest]}" if rest < 10 else cardinal(rest)
    if century == 19:
        return (f"nineteen {tail}", cardinal(rest), f"nineteen hundred {cardinal(rest)}")
    thousands = "two thousand" if rest == 0 else f"two thousand {cardinal(rest)}"
    return (thousands, f"twenty {tail}") if rest else (thousands,)


def spoken_dates(month: int, day: int, year: int) -> tuple[str, ...]:
    """How people say a date of birth."""
    name, said = MONTHS[month - 1], years(year)[0]
    numeric = f"{cardinal(month)} {cardinal(day)} {years(year)[-1 if year < 2000 else 0]}"
    short = f"{cardinal(month)} {cardinal(day)} {years(year)[1 if year < 2000 else 0]}"
    return (
        f"{name} {ordinal(day)} {said}",
        f"{name} {cardinal(day)} {said}",
        f"{name} the {ordinal(day)} {said}",
        f"the {ordinal(day)} of {name} {said}",
        f"{cardinal(month)} {cardinal(day)} {said}",
        short if year < 2000 else numeric,
    )


def _births(rng: random.Random) -> Iterator[str]:
    for _ in range(900):
        forms = spoken_dates(rng.randint(1, 12), rng.randint(1, 31), rng.randint(1925, 2024))
        yield rng.choice(_DOB_CARRIERS).format(rng.choices(forms, (6, 4, 2, 1, 2, 2))[0])


def _digit_strings(rng: random.Random) -> Iterator[str]:
    for length, times in ((10, 250), (7, 60), (5, 120), (6, 60), (4, 60)):
        for _ in range(times):
            digits = [rng.choice((*DIGITS, "oh") if rng.random() < 0.5 else DIGITS) for _ in range(length)]
            yield " ".join(digits)


def _spellings(names: Sequence[str], rng: random.Random) -> Iterator[str]:
    for name in names:
        letters = " ".join(letter for letter in name.split()[-1].lower() if letter in LETTERS)
        yield rng.choice(_SPELLED_CARRIERS).format(letters)
    for _ in range(100):
        yield " ".join(rng.choices(LETTERS, k=rng.randint(3, 8)))


def _times(rng: random.Random) -> Iterator[str]:
    minutes = ("", "fifteen", "thirty", "forty five", "twenty", "ten", "forty", "fifty")
    for hour in range(1, 13):
        for minute in minutes:
            half = rng.choice(("", "", "a m", "p m", "in the morning", "in the afternoon"))
            time = " ".join(part for part in (cardinal(hour), minute, half) if part)
            yield rng.choice(_TIME_CARRIERS).format(time)
        yield f"{cardinal(hour)} o'clock"
    for day in _WEEKDAYS:
        for form in ("{}", "on {}", "next {}", "this {}", "{} morning", "{} afternoon", "is {} open"):
            yield form.format(day)
    for number in range(1, 32):
        yield f"{rng.choice(MONTHS)} {ordinal(number)}"
        yield f"on the {ordinal(number)}"


def values(names: Sequence[str]) -> tuple[str, ...]:
    """Birth dates, digit strings, times, days and spelled names."""
    rng = random.Random(20_251_122)
    return (*_births(rng), *_digit_strings(rng), *_spellings(names, rng), *_times(rng))


def about(items: Iterable[str], carriers: Sequence[str]) -> list[str]:
    """Each item in each carrier."""
    return [carrier.format(item) for item in items for carrier in carriers]
