"""Sentence patterns with places for names, drugs, dates: filled in turn, the same way every time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from words.letters import spelled
from words.numbers import cardinal_words, digit_words, ordinal_words, year_words

NAMES = (
    "Susan Miller", "Robert Jones", "Maria Garcia", "James Wilson", "Linda Brown", "Michael Davis",
    "Patricia Moore", "William Taylor", "Barbara Anderson", "David Thomas", "Elizabeth Jackson",
    "Richard White", "Jennifer Harris", "Joseph Martin", "Dorothy Thompson", "Charles Robinson",
    "Margaret Clark", "Thomas Lewis", "Nancy Walker", "Daniel Young", "Karen Allen", "Paul Wright",
    "Betty Scott", "Mark Adams", "Helen Baker", "George Nelson", "Sandra Carter", "Kenneth Mitchell",
    "Donna Perez", "Steven Roberts", "Carol Turner", "Edward Phillips",
)  # fmt: skip
DRUGS = (
    "lisinopril", "atorvastatin", "metformin", "levothyroxine", "amlodipine", "metoprolol", "losartan",
    "albuterol", "omeprazole", "gabapentin", "hydrochlorothiazide", "sertraline", "rosuvastatin",
    "simvastatin", "furosemide", "pantoprazole", "trazodone", "tamsulosin", "prednisone",
    "escitalopram", "carvedilol", "clopidogrel", "warfarin", "eliquis", "insulin", "ozempic",
    "synthroid", "lipitor", "zoloft", "lasix", "plavix", "coumadin", "xarelto",
)  # fmt: skip
PROVIDERS = ("Doctor Chen", "Doctor Patel", "Doctor Smith")
PHARMACIES = ("Main Street Pharmacy", "Walgreens on Oak Avenue", "CVS on Maple Street")

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_PATTERNS = Path(__file__).with_name("patterns.txt")
_SYMPTOMS = (
    "chest pain", "shortness of breath", "a headache", "a fever", "a cough", "a sore throat",
    "back pain", "a rash", "stomach pain", "dizziness", "nausea", "diarrhea", "swelling", "numbness",
    "chills", "knee pain", "an ear infection",
)  # fmt: skip
_BODY = (
    "chest", "arm", "leg", "back", "head", "stomach", "knee", "shoulder", "foot", "hand", "neck", "throat",
    "ear", "hip", "face", "side", "jaw",
)  # fmt: skip
_PARTS = ("in the morning", "in the afternoon", "morning", "afternoon", "after lunch", "first thing")
_NUMBERS = (5, 10, 15, 20, 30, 45, 60, 80, 90, 98, 100, 120, 140, 200)
_STRENGTHS = (5, 10, 20, 25, 40, 50, 81, 100, 500)
_PASSES = 14  # fillings of a pattern that has a place


@dataclass(frozen=True, slots=True)
class WordLists:
    """The practice's own words, as written."""

    names: Sequence[str]
    drugs: Sequence[str]
    providers: Sequence[str]
    pharmacies: Sequence[str]


def default_lists() -> WordLists:
    """Words of an invented practice, for use where no real one is known."""
    return WordLists(NAMES, DRUGS, PROVIDERS, PHARMACIES)


def expand(lists: WordLists) -> Iterator[str]:
    """All patterns, each filled enough times that every word of a list is heard in several."""
    fillers = {name: cycle(values) for name, values in fillings(lists).items()}
    for template in _patterns():
        for _ in range(_passes(template, lists)):
            yield _fill(template, fillers)


def _passes(template: str, lists: WordLists) -> int:
    longest = {"{drug}": lists.drugs, "{name}": lists.names, "{pharmacy}": lists.pharmacies}
    sizes = [len(values) for place, values in longest.items() if place in template]
    if "{dob" in template:
        sizes.append(60)
    return max([_PASSES, *sizes]) if "{" in template else 1


def _fill(template: str, fillers: dict[str, cycle[str]]) -> str:
    text = template
    for place, values in fillers.items():
        while "{" + place + "}" in text:
            text = text.replace("{" + place + "}", next(values), 1)
    return text


def fillings(lists: WordLists) -> dict[str, list[str]]:
    """What may stand in each place of a pattern."""
    families = [name.split()[-1] for name in lists.names]
    return {
        "drug": list(lists.drugs),
        "pharmacy": list(lists.pharmacies),
        "name": list(lists.names),
        "family": families,
        "given": [name.split()[0] for name in lists.names],
        "spelling": [spelled(family) for family in families],
        "provider": list(lists.providers),
        "dob": list(_births()),
        "dob_numbers": list(_births_in_numbers()),
        "day": list(_days()),
        "part": list(_PARTS),
        "time": list(_times()),
        "rank": ["first", "second", "third", "other", "next"],
        "count": [cardinal_words(number) for number in range(1, 13)],
        "number": [cardinal_words(number) for number in _NUMBERS],
        "strength": [f"{cardinal_words(n)} {unit}" for n in _STRENGTHS for unit in _UNITS],
        "symptom": list(_SYMPTOMS),
        "body": list(_BODY),
        **_digit_fillings(),
    }


_UNITS = ("milligrams", "milligram", "micrograms")


def _digit_fillings() -> dict[str, list[str]]:
    """Digit strings that bring every digit after every other."""
    numbers = [str(2_025_550_100 + 73_939_133 * step)[-10:] for step in range(60)]
    return {
        "phone": [digit_words(number).replace("zero", "oh") for number in numbers],
        "area": [digit_words(number[:3]) for number in numbers],
        "phone_rest": [digit_words(number[3:]) for number in numbers],
        "zip": [digit_words(number[-5:]).replace("zero", "oh") for number in numbers],
    }


def _births() -> Iterator[str]:
    for step in range(480):
        month, year = step % 12, 1_928 + (step * 37) % 92
        day = ordinal_words(1 + (step * 7) % _DAYS_IN_MONTH[month])
        if step % 8 == 7:
            yield f"the {day} of {_MONTHS[month]} {year_words(year)}"
        elif step % 8 == 3 and year % 100 > 30:
            yield f"{_MONTHS[month]} {day} {cardinal_words(year % 100)}"
        else:
            yield f"{_MONTHS[month]} {day} {year_words(year)}"


def _births_in_numbers() -> Iterator[str]:
    for step in range(120):
        month, year = step % 12, 1_928 + (step * 41) % 92
        day = 1 + (step * 11) % 28
        yield f"{cardinal_words(month + 1)} {cardinal_words(day)} {year_words(year)}"


def _days() -> Iterator[str]:
    yield from (
        "today",
        "tomorrow",
        "next week",
        "this week",
        "the day after tomorrow",
        "in two weeks",
        "next month",
    )
    for weekday in _WEEKDAYS:
        yield from (weekday, f"on {weekday}", f"next {weekday}", f"this {weekday}", f"{weekday} next week")
    for step in range(84):
        yield f"{_MONTHS[step % 12]} {ordinal_words(1 + (step * 5) % 31)}"
    for day in range(1, 32):
        yield f"{_WEEKDAYS[day % 5]} the {ordinal_words(day)}"
        yield f"the {ordinal_words(day)}"


def _times() -> Iterator[str]:
    for hour in (8, 9, 10, 11, 12, 1, 2, 3, 4, 5):
        said = cardinal_words(hour)
        yield from (
            said,
            f"{said} o'clock",
            f"{said} thirty",
            f"{said} fifteen",
            f"{said} twenty",
            f"{said} forty",
        )
        yield from (f"{said} {'a' if 8 <= hour <= 11 else 'p'} m", f"half past {said}", f"quarter to {said}")


def _patterns() -> list[str]:
    lines = _PATTERNS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
