"""Answers that turn on one word: yes and no, choices, dictated digits and letters, births said again in
part.
"""

from __future__ import annotations

from datetime import date

import pytest

from intents.readers.births import read_birth
from intents.readers.choices import read_choice
from intents.readers.letters import read_letters
from intents.readers.numbers import read_late_minutes, read_number, read_phone, read_strength, read_zip
from intents.readers.yes_no import read_yes_no
from models.domain import Choice, Entity

TODAY = date(2026, 11, 23)
SURE = 0.5  # of dialog.reading: below it a yes or no is asked again
OPENINGS = (
    Choice("a", ("tuesday december first at two twenty", "tuesday", "two twenty", "doctor chen")),
    Choice("b", ("thursday december third at nine", "thursday", "nine", "doctor patel")),
)


def value(entity: Entity | None) -> object:
    return entity.value if entity else None


@pytest.mark.parametrize(
    "said",
    [
        "i don't mind",
        "not a problem",
        "i don't see why not",
        "sure no problem",
        "no i mean yes",
        "no sorry yes",
        "no yeah",
        "not bad",
        "i'd say so",
        "no i said yes",
        "that's not a problem",
        "no not a problem",
        "yes that's not a problem",
        "that would be great",
        "i'd love to",
    ],
)
def test_yes_that_sounds_like_no(said: str) -> None:
    assert value(read_yes_no(said)) is True


@pytest.mark.parametrize(
    "said",
    [
        "i don't think so",
        "not really",
        "yeah no",
        "yes i mean no",
        "yes wait no",
        "okay no",
        "alright no thanks",
        "yeah i don't think so",
        "i guess not",
        "probably not",
        "that's incorrect",
        "nothing",
        "not quite",
        "not yet",
        "right no",
        "you got it wrong",
        "that would be a no",
        "i doubt it",
    ],
)
def test_no_that_sounds_like_yes(said: str) -> None:
    assert value(read_yes_no(said)) is False


@pytest.mark.parametrize(
    "said",
    [
        "no clue",
        "i wouldn't know",
        "never mind",
        "i don't care",
        "i forgot",
        "hard to say",
        "that would be too early",
        "that sounds wrong",
        "it doesn't matter",
        "okay but can we do thursday",
        "yes but not on friday",
        "yes it isn't",
        "yes and no",
    ],
)
def test_no_answer_that_may_be_acted_on(said: str) -> None:
    found = read_yes_no(said)
    assert found is None or found.certainty < SURE


def test_the_question_decides_what_that_is_it_means() -> None:
    asked = "Is there anything else I can help with?"
    for said in ("that's it", "that's all", "i'm all set", "nothing else thank you", "no that's everything"):
        assert value(read_yes_no(said, asked)) is False
    assert value(read_yes_no("that's it", "Did you say the tenth?")) is True


@pytest.mark.parametrize(
    "said",
    [
        "do you have anything later",
        "is there something earlier",
        "later that day",
        "can i come later this week",
        "first i want to ask something",
        "the first time i called nobody answered",
        "last time i came at nine thirty",
        "i can't do either of those",
        "friday at nine",
        "thursday at ten",
        "tuesday the eighth",
        "the sooner the better",
        "tuesday won't work",
        "december second",
        "number 99999999999999999999",
    ],
)
def test_what_chooses_nothing(said: str) -> None:
    assert read_choice(said, OPENINGS, TODAY) is None


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("the later one", "b"),
        ("the latest", "b"),
        ("the second one", "b"),
        ("the second", "b"),
        ("i'll take the first please", "a"),
        ("the first appointment", "a"),
        ("thursday's", "b"),
        ("option 2", "b"),
        ("tuesday at two twenty", "a"),
        ("tuesday the first", "a"),
        ("not tuesday the other one thursday", "b"),
    ],
)
def test_what_chooses_one(said: str, choice: str) -> None:
    assert value(read_choice(said, OPENINGS, TODAY)) == choice


@pytest.mark.parametrize(
    ("said", "birth"),
    [
        ("march third nineteen fifty eight no the fourth", "1958-03-04"),
        ("march third nineteen fifty eight i mean may third", "1958-05-03"),
        ("march third nineteen fifty eight sorry fifty nine", "1959-03-03"),
        ("march third 1958 no april", "1958-04-03"),
        ("march third 1958 and i need a refill", "1958-03-03"),
        ("march third 1958 i need a refill", "1958-03-03"),
        ("nineteen fifty eight march third", "1958-03-03"),
        ("one nine five eight march third", "1958-03-03"),
    ],
)
def test_a_birth_date_said_again_in_part(said: str, birth: str) -> None:
    assert value(read_birth(said, TODAY)) == birth


def test_a_birth_date_taken_back_is_unsure() -> None:
    found = read_birth("march third 1958 no wait", TODAY)
    assert found is not None
    assert found.certainty < 0.6


@pytest.mark.parametrize(
    "said",
    [
        "six one seven five five five oh one four two for my refill",
        "six one seven five double five oh one four two extension twelve",
        "six one seven triple five oh one four two",
        "six one seven five fifty five oh one forty two",
        "five five five oh one four two area code six one seven",
        "six one seven five five five oh one four two not six one seven five five five oh one nine nine",
        "my old number is 617 555 0199 my new number is 617 555 0142",
    ],
)
def test_telephone_numbers_with_words_around_them(said: str) -> None:
    assert value(read_phone(said, expected=True)) == "+16175550142"


def test_a_number_that_is_taken_back_and_not_said_again_is_none() -> None:
    assert read_phone("six one seven five five five oh one four two no one four three", expected=True) is None


def test_two_telephone_numbers_are_asked_about() -> None:
    found = read_phone("call me at 617 555 0142 or 617 555 0199", expected=True)
    assert found is not None
    assert {found.value, *found.alternatives} == {"+16175550142", "+16175550199"}
    assert found.certainty < SURE


def test_the_zip_code_and_not_the_house() -> None:
    assert value(read_zip("my zip code is 02139 and i live at 12345 oak street", expected=True)) == "02139"


@pytest.mark.parametrize(
    ("said", "strength", "others"),
    [
        ("ten milligrams no twenty milligrams", "20 mg", ()),
        ("not the ten milligrams the twenty milligrams", "20 mg", ()),
        ("ten milligrams and twenty milligrams", "10 mg", ("20 mg",)),
    ],
)
def test_strengths_said_twice(said: str, strength: str, others: tuple[str, ...]) -> None:
    found = read_strength(said)
    assert found is not None
    assert (found.value, found.alternatives) == (strength, others)


def test_numbers_with_a_fraction_and_hours_late() -> None:
    assert value(read_number("ninety eight point six")) == 98.6
    assert value(read_late_minutes("i'll be two hours late")) == 120
    assert value(read_late_minutes("an hour and a half late")) == 90
    assert value(read_late_minutes("fifteen minutes late no twenty minutes")) == 20
    assert read_late_minutes("it's too late for office hours") is None


def test_an_example_is_believed_before_its_letter() -> None:
    assert value(read_letters("m as in nancy i c k", expected=True)) == "NICK"
    assert value(read_letters("s as in sam m i t h", expected=True)) == "SMITH"
    assert value(read_letters("c like cat o x", expected=True)) == "COX"
    assert value(read_letters("b r o w n with an e at the end", expected=True)) == "BROWNE"
    assert read_letters("m as in zebra i l l e r", expected=True) is None


OFTEN = (
    Choice("0", ("not at all",)),
    Choice("1", ("several days",)),
    Choice("2", ("more than half the days",)),
    Choice("3", ("nearly every day",)),
)


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("not at all", "0"),
        ("no not at all", "0"),
        ("nearly every day", "3"),
        ("just about every day", "3"),
        ("more than half", "2"),
    ],
)
def test_how_often(said: str, choice: str) -> None:
    assert value(read_choice(said, OFTEN, TODAY)) == choice


@pytest.mark.parametrize(
    "said", ["all the time", "all of the time", "pretty much all the time", "now and then"]
)
def test_all_the_time_is_not_not_at_all(said: str) -> None:
    """Asked again is better than the opposite."""
    assert read_choice(said, OFTEN, TODAY) is None
    assert read_yes_no(said) is None
