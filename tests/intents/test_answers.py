"""Yes and no, choices, digits, letters, closed lists, symptoms, modes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.readers.choices import read_choice
from intents.readers.letters import read_letters
from intents.readers.lists import read_pharmacy, read_provider, read_visit_type
from intents.readers.modes import read_kind, read_mode
from intents.readers.numbers import read_late_minutes, read_number, read_phone, read_strength, read_zip
from intents.readers.symptoms import read_symptom
from intents.readers.yes_no import read_yes_no
from models.domain import Choice, Entity, Provider, VisitType
from words.numbers import digit_words

TODAY = date(2026, 11, 23)
OPENINGS = (
    Choice("a", ("tuesday december first at two twenty", "tuesday", "two twenty", "doctor chen")),
    Choice("b", ("thursday december third at nine", "thursday", "nine", "doctor patel")),
)


def value(entity: Entity | None) -> object:
    return entity.value if entity else None


@pytest.mark.parametrize(
    "said",
    [
        "yes",
        "Yeah, that's right.",
        "yep",
        "uh-huh",
        "uh huh",
        "mm-hmm",
        "correct",
        "sure go ahead",
        "that's fine",
        "i guess so",
        "no problem",
        "no that's right",
        "why not",
        "i do",
        "um yes please",
        "that would be great",
        "sounds good",
        "i said yes",
        "absolutely",
        "you bet",
    ],
)
def test_yes(said: str) -> None:
    assert value(read_yes_no(said)) is True


@pytest.mark.parametrize(
    "said",
    [
        "no",
        "Nope!",
        "nah",
        "uh-uh",
        "uh uh",
        "not really",
        "i don't think so",
        "no i meant thursday",
        "wrong",
        "that's not right",
        "no thank you",
        "neither",
        "no no no",
        "i said no",
        "not that one",
        "of course not",
        "oh no dear",
        "i'd rather not",
        "no not thursday the nineteenth",
    ],
)
def test_no(said: str) -> None:
    assert value(read_yes_no(said)) is False


@pytest.mark.parametrize(
    "said",
    [
        "i need a refill",
        "not sure",
        "i don't know",
        "yes no maybe",
        "no one told me",
        "good morning",
        "i have a question",
        "",
    ],
)
def test_neither_yes_nor_no(said: str) -> None:
    assert read_yes_no(said) is None


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("the second one", "b"),
        ("the first", "a"),
        ("number two", "b"),
        ("the last one", "b"),
        ("2:20", "a"),
        ("the later one", "b"),
        ("the earlier one please", "a"),
        ("thursday's", "b"),
        ("two twenty", "a"),
        ("nine", "b"),
        ("with chen", "a"),
        ("the one with doctor patel", "b"),
        ("the morning one", "b"),
        ("the afternoon", "a"),
        ("december third", "b"),
        ("no the first one", "a"),
        ("not the first one the second", "b"),
        ("the first no the second one", "b"),
        ("yes thursday at nine", "b"),
        ("tuesday works for me", "a"),
        ("I'll take the Tuesday one", "a"),
        ("either one is fine", "a"),
    ],
)
def test_choices(said: str, choice: str) -> None:
    assert value(read_choice(said, OPENINGS, TODAY)) == choice


@pytest.mark.parametrize(
    "said", ["neither", "none of those", "do you have friday", "yes", "the fifth one", "a person", ""]
)
def test_no_choice(said: str) -> None:
    assert read_choice(said, OPENINGS, TODAY) is None


def test_the_third_of_two_is_a_first_misheard_where_none_is_on_a_third() -> None:
    two = (Choice("a", ("the first one", "Tuesday")), Choice("b", ("the second one", "Friday")))
    found = read_choice("the third one please", two, TODAY)
    assert value(found) == "a"
    assert found is not None
    assert found.certainty < 0.7, "it is read back"


def test_the_later_one_is_by_time_not_by_place() -> None:
    assert value(read_choice("the later one", OPENINGS[::-1], TODAY)) == "b"


def test_a_tie_is_asked_about() -> None:
    three = (
        *OPENINGS,
        Choice("c", ("thursday december third at eleven", "thursday", "eleven", "doctor chen")),
    )
    found = read_choice("thursday", three, TODAY)
    assert found is not None
    assert {found.value, *found.alternatives} == {"b", "c"}
    assert found.certainty <= 0.5


@pytest.mark.parametrize(
    "said",
    [
        "six one seven five five five oh one four two",
        "(617) 555-0142",
        "+1 617 555 0142",
        "1 617 555 0142",
        "area code six one seven then five double five oh one four two",
        "my number is 617.555.0142 okay",
        "six one seven five five five no five five six no six one seven five five five oh one four two",
    ],
)
def test_phones(said: str) -> None:
    assert value(read_phone(said, expected=True)) == "+16175550142"


@pytest.mark.parametrize(
    "said", ["five five five oh one four two", "one two three", "i called to ask for you", ""]
)
def test_no_phone(said: str) -> None:
    assert read_phone(said, expected=True) is None


@given(st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True))
def test_a_spoken_phone_number_is_read_back(number: str) -> None:
    assert value(read_phone(f"it's {digit_words(number)}", expected=True)) == "+1" + number


def test_zip_codes() -> None:
    assert value(read_zip("oh two one three nine", expected=True)) == "02139"
    assert value(read_zip("my zip code is 02139-1234")) == "02139"
    assert read_zip("02139") is None
    assert read_zip("four digits 0213", expected=True) is None


@pytest.mark.parametrize(
    ("said", "strength"),
    [
        ("ten milligrams", "10 mg"),
        ("point five milligrams", "0.5 mg"),
        ("2.5 mg", "2.5 mg"),
        ("half a milligram", "0.5 mg"),
        ("one hundred and twenty five micrograms", "125 mcg"),
        ("lisinopril 10mg", "10 mg"),
        ("twenty", None),
    ],
)
def test_strengths(said: str, strength: str | None) -> None:
    assert value(read_strength(said)) == strength


def test_numbers_and_minutes_late() -> None:
    assert value(read_number("about eight")) == 8
    assert value(read_number("eight no nine")) == 9
    assert read_number("none") is None
    assert value(read_late_minutes("i'm running fifteen minutes late")) == 15
    assert value(read_late_minutes("i'll be half an hour late")) == 30
    assert read_late_minutes("it takes fifteen minutes") is None


def test_letters() -> None:
    assert value(read_letters("it's m i l l e r", expected=True)) == "MILLER"
    assert value(read_letters("c h e n no c h a n", expected=True)) == "CHAN"
    assert read_letters("you are great") is None


PROVIDERS = (
    Provider("p1", "Doctor Chen", ("Susan Chen",)),
    Provider("p2", "Dr. Patel"),
    Provider("p3", "Nurse Rivera"),
)
PHARMACIES = ("Main Street Pharmacy", "CVS on Oak Avenue", "Walgreens on Main Street")
VISITS = (VisitType("physical", "annual physical", 40, ("checkup", "check up", "yearly exam")),)


@pytest.mark.parametrize(
    ("said", "provider"),
    [
        ("with doctor chen", "p1"),
        ("Dr. Patel", "p2"),
        ("doctor pattel please", "p2"),
        ("doctor smith", None),
        ("a doctor", None),
        ("see the doctor for a follow up visit", None),  # "for a" sounds like Rivera
    ],
)
def test_providers(said: str, provider: str | None) -> None:
    assert value(read_provider(said, PROVIDERS)) == provider


def test_a_bare_family_name_counts_where_a_provider_was_asked_for() -> None:
    assert value(read_provider("chen", PROVIDERS, expected=True)) == "p1"
    assert read_provider("chen", PROVIDERS) is None


@pytest.mark.parametrize(
    ("said", "pharmacy"),
    [
        ("the walgreens on main street", PHARMACIES[2]),
        ("cvs", PHARMACIES[1]),
        ("wall greens", PHARMACIES[2]),
        ("send it to main street pharmacy", PHARMACIES[0]),
        ("oak avenue", PHARMACIES[1]),
        ("rite aid", None),
    ],
)
def test_pharmacies(said: str, pharmacy: str | None) -> None:
    assert value(read_pharmacy(said, PHARMACIES, expected=True)) == pharmacy


def test_visit_types() -> None:
    assert value(read_visit_type("i need my annual physical", VISITS)) == "physical"
    assert value(read_visit_type("just a checkup", VISITS)) == "physical"
    assert read_visit_type("i need a refill", VISITS) is None


@pytest.mark.parametrize(
    ("said", "symptom"),
    [
        ("my chest feels tight", "chest pain"),
        ("i have been dizzy since yesterday", "dizziness"),
        ("no fever but i have a cough", "cough"),
        ("no chest pain", None),
        ("i need a refill", None),
    ],
)
def test_symptoms(said: str, symptom: str | None) -> None:
    assert value(read_symptom(said)) == symptom


def test_modes_and_kinds() -> None:
    assert value(read_mode("no the nineteenth", after_question=True)) == "correction"
    assert value(read_mode("can you slow down")) == "slower"
    assert value(read_mode("put me on the waiting list")) == "waitlist"
    assert value(read_mode("put me on the list in case somebody drops out before mine")) == "waitlist"
    assert read_mode("no", after_question=True) is None
    assert value(read_kind("i want to make a complaint")) == "complaint"
    waited = "I sat in your waiting room for two hours yesterday and I want somebody to know about it"
    assert value(read_kind(waited)) == "complaint"
    assert read_kind("where is your waiting room") is None
    assert value(read_kind("sorry wrong number")) == "wrong_number"


@given(st.text(max_size=120))
def test_any_text_is_survived(text: str) -> None:
    for entity in (
        read_yes_no(text),
        read_choice(text, OPENINGS, TODAY),
        read_phone(text, expected=True),
        read_number(text),
        read_letters(text, expected=True),
        read_symptom(text),
        read_strength(text),
    ):
        assert entity is None or 0 <= entity.span[0] <= entity.span[1] <= len(text)
