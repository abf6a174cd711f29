"""For whom a caller speaks, in every phrasing."""

from __future__ import annotations

import pytest

from intents.readers.speaking import read_speaking
from intents.reading import read_entities
from models.domain import Context, Expectation, ExpectationKind


def read(words: str, name: str) -> str:
    entity = read_speaking(words)[name]
    return str(entity.value) if entity else ""


@pytest.mark.parametrize(
    ("words", "relation"),
    [
        ("I'm calling for my mother", "mother"),
        ("calling on behalf of my dad", "father"),
        ("I need a refill for my husband", "husband"),
        ("my elderly mother needs an appointment", "mother"),
        ("my son's prescription ran out", "son"),
        ("it's about my mother in law", "mother in law"),
        ("I'm his wife, he can't come to the phone", "wife"),
        ("I am her caregiver", "caregiver"),
        ("calling for someone else", "someone"),
        ("I need a refill for my heart pill", ""),
        ("a refill for me please", ""),
        ("my mother had a stroke so I worry about mine", ""),
        ("my husband will pick it up", ""),
        ("my wife is driving", ""),
        ("I need it for my trip", ""),
        ("can you call my daughter back", ""),
        ("my daughter may speak for me", ""),
        ("My wife Katherine has an appointment coming up, what day is it?", "wife"),
        ("my son has a fever, we've never been there", "son"),
        ("my husband's refill", "husband"),
        ("checking on my dad's visit", "father"),
        ("my dad George is out of his metformin", "father"),
        ("I look in on Dorothy Hill, she's out of her omeprazole and I said I'd ring.", "someone"),
        ("My wife says I should call about my refill", ""),
        ("my wife has been telling me to come in", ""),
        ("my wife has covid and now I have a fever", ""),
        ("my husband has the car so I need to move my appointment", ""),
        ("I take care of my pills and I need more", ""),
        ("what are you open for the week", ""),
        ("my son has a rash", "son"),
        ("my mother's pills", "mother"),
        ("my mother's blood pressure pills are gone", "mother"),
        ("it's for my dad", "father"),
        ("I'm her daughter", "daughter"),
        ("I\u2019m her daughter", "daughter"),
        ("this is about my grandma", "grandma"),
        ("Mom needs her refill", "mother"),
        ("an appointment for mother", "mother"),
        ("father is out of omeprazole, can you refill it", "father"),
        ("my husband is out speaker of sertraline can you refill it", "husband"),
        ("my husband is out of town", ""),
        ("it's for me, not for my mother", ""),
        ("I'm the patient", ""),
    ],
)
def test_for_whom_the_words_are(words: str, relation: str) -> None:
    assert read(words, "relation") == relation


@pytest.mark.parametrize(
    ("words", "points"),
    [
        ("she needs her lisinopril", True),
        ("he ran out of his pills", True),
        ("his appointment has to be moved", True),
        ("I need it for him", True),
        ("the nurse said she needs my date of birth", False),
        ("Doctor Chen and his appointments", False),
        ("she wants to see me", False),
        ("I need my refill", False),
        ("my mother needs her pills", False),  # says whom
    ],
)
def test_words_may_only_point_to_somebody(words: str, points: bool) -> None:
    assert bool(read(words, "other_person")) is points


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("I give my daughter permission to speak for me", "daughter"),
        ("my mom may talk to you", "mother"),
        ("can you call my daughter back", ""),
    ],
)
def test_who_may_speak_for_the_caller(words: str, who: str) -> None:
    assert read(words, "lets_speak") == who


@pytest.mark.parametrize(("words", "own"), [("it's for myself", "True"), ("for my wife", "")])
def test_nobody_else_is_meant(words: str, own: str) -> None:
    assert read(words, "for_self") == own


@pytest.mark.parametrize(
    ("words", "away"),
    [
        ("nice cheryl cooper is the patient i'm virginia cruz", "True"),
        ("she is the patient", "True"),
        ("this is the patient", ""),
        ("who is the patient", ""),
    ],
)
def test_who_is_named_as_the_patient_is_another(words: str, away: str) -> None:
    assert read(words, "other_person") == away


def test_letters_are_put_right_where_they_are_read_back(context: Context) -> None:
    asked = Expectation(
        ExpectationKind.YES_NO, asked="For the first name I have the letters L, L, E, N. Is that right?"
    )
    found = read_entities("no it's e l l e n", asked, context)
    assert (found["letters"].value, found["yes_no"].value) == ("ELLEN", False)


def test_five_digits_at_the_read_back_of_a_birth_date_are_a_zip_code(context: Context) -> None:
    asked = Expectation(ExpectationKind.YES_NO, asked="You are the patient, born March fifth. Is that right?")
    found = read_entities("oh two one one one", asked, context)
    assert found["zip"].value == "02111"
    assert "dob" not in found
    assert read_entities("no march sixth nineteen eighty one", asked, context)["dob"].value == "1981-03-06"
