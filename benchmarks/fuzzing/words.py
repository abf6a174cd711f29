"""Dates, numbers and all else that is read from a caller's words, in answer to every kind of question."""

from __future__ import annotations

from datetime import UTC, date, datetime

from intents.reading import read_entities
from models.domain import Context, Entity, Expectation, ExpectationKind, PracticeFacts, Provider, VisitType
from words.tokens import words

TODAY = date(2026, 11, 23)
CONTEXT = Context(
    datetime(2026, 11, 23, 14, 0, tzinfo=UTC),
    PracticeFacts(
        name="Oak Street Family Practice",
        phone="+16175550100",
        timezone="America/New_York",
        providers=(Provider("p1", "Doctor Chen", ("Susan Chen",)),),
        visit_types=(VisitType("physical", "annual physical", 40, ("checkup", "physical")),),
        pharmacies=("Main Street Pharmacy",),
        roster_names=("Susan Miller",),
        medicine_names=("lisinopril", "metformin"),
    ),
)
KINDS = tuple(ExpectationKind)
VOCABULARY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen twenty thirty forty "
    "fifty ninety hundred thousand nineteen oh first second third fifth twentieth thirty-first january "
    "february march june july december monday friday sunday next this last the of and a to at in on "
    "between or not no yes before after past half quarter noon midnight morning afternoon evening "
    "tomorrow today week weeks month year days am pm o'clock double triple plus minus point milligrams "
    "percent over under spell as b c d m n dash slash 1 2 3 7 12 31 0 99 1980 2026 02/29/1980 2026-02-30 "
    "24:00 12:60 +1 617-555-0123 02139 wait sorry mean actually from until daughter doctor chen pharmacy "
    "lisinopril metformin pounds degrees late minutes every other end beginning christmas"
).split()
SENTENCES = (
    "february twenty ninth nineteen eighty",
    "the thirtieth of february",
    "next tuesday or the day after at half past",
    "six one seven five five five oh one two three",
    "ten milligrams no twenty",
    "o h one two one three nine",
    "between two and four in the afternoon not friday",
    "b as in boy dash n",
    "a hundred and forty over ninety",
)
_VALUES_OF_DAYS = ("dob", "date", "date_from", "date_to", "not_date")


def seeds() -> list[bytes]:
    """The first byte is the question; an odd second one: each further byte is a word."""
    texts = [bytes([kind, 0]) + text.encode() for kind in range(len(KINDS)) for text in SENTENCES]
    spoken = [bytes([kind, 1, *range(kind, len(VOCABULARY), 11)]) for kind in range(len(KINDS))]
    return texts + spoken


def once(data: bytes) -> None:
    if len(data) < 3:
        return
    text = _text(data)[:2_000]  # as `MindService` cuts it
    expectation = Expectation(KINDS[data[0] % len(KINDS)])
    for name, entity in read_entities(text, expectation, CONTEXT).items():
        _check(name, entity, text)


def _text(data: bytes) -> str:
    if data[1] % 2:
        return " ".join(VOCABULARY[each % len(VOCABULARY)] for each in data[2:])
    return data[2:].decode("utf-8", "replace")


def _check(name: str, entity: Entity, text: str) -> None:
    """A value stands somewhere in the text, and a day is one that there is."""
    start, end = entity.span
    assert 0 <= start <= end <= len(text), name
    assert 0 <= entity.certainty <= 1, name
    if name in _VALUES_OF_DAYS:
        day = date.fromisoformat(str(entity.value))
        assert name != "dob" or day <= TODAY
    if name in ("phone", "zip", "number"):
        assert words(str(entity.value)), name
