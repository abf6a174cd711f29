"""Yes and no in free words, to a proposal and elsewhere; how openings are picked in free words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.readers.agreement import agreed, declined, proposes
from intents.readers.choices import read_choice
from intents.readers.yes_no import read_yes_no
from models.domain import Choice, Entity

TODAY = date(2026, 11, 23)
BOOK_IT = "A visit with Doctor Chen on Tuesday, December first at two twenty PM. Shall I book it?"
THAT_ONE = "I have Tuesday, December first at two twenty PM with Doctor Chen. Would you like that one?"
REDNESS = "Is there any redness around the wound?"


def value(entity: Entity | None) -> object:
    return entity.value if entity else None


@pytest.mark.parametrize(
    "said",
    """that is great|that's great|it would be excellent|that'd be lovely|this one is perfect|that time is good
    |that day is fine|that would be just fine|that works for me|that'll do nicely|that suits me
    |that should work|I can do that|I can make that|I'll take it|we can do that|I'd love that
    |I'd appreciate that|I'm good with that|I'm okay with that|that's what I want|that's the one I need
    |that is good, my mornings are free""".split("|"),
)
def test_a_thing_spoken_of_and_praised_is_a_yes_anywhere(said: str) -> None:
    assert value(read_yes_no(said.strip())) is True


@pytest.mark.parametrize(
    "said",
    """go right ahead|please go ahead and schedule it|let's book that|schedule it|make the appointment
    |please book it|sign me up|count me in|could you put me in for that|lock it in|I confirm|please confirm
    |that looks right|looks good to me|lovely, thank you|fine by me|good by me|works|very well
    |book it please|yes book it|ok, book that one""".split("|"),
)
@pytest.mark.parametrize("asked", [BOOK_IT, THAT_ONE])
def test_praise_and_the_proposal_said_back_are_a_yes_to_a_proposal(said: str, asked: str) -> None:
    assert value(read_yes_no(said.strip(), asked)) is True


@pytest.mark.parametrize(
    "said", ["looks good", "looks fine to me", "lovely thank you", "schedule it", "sign me up"]
)
def test_the_same_words_answer_no_question_about_the_body(said: str) -> None:
    assert read_yes_no(said, REDNESS) is None


@pytest.mark.parametrize(
    "said",
    """I'm busy then|I have work then|I'm out of town|we're away|I've got school|I have another appointment
    |that's too early|that is way too late for me|it would be too soon""".split("|"),
)
def test_a_reason_against_it_is_a_no_to_a_proposal_only(said: str) -> None:
    assert value(read_yes_no(said.strip(), BOOK_IT)) is False
    assert value(read_yes_no(said.strip(), REDNESS)) is None


@pytest.mark.parametrize(
    "said",
    [
        "that is not great",
        "that isn't good for me",
        "that would not work",
        "I can't make that",
        "book it for later instead",
        "make it four o'clock",
        "nice weather today",
        "I'm busy but what's the address",
        "that is right after lunch",
    ],
)
def test_what_only_begins_alike_is_no_yes(said: str) -> None:
    assert value(read_yes_no(said, BOOK_IT)) is not True


SUBJECTS = st.sampled_from(
    ["that is", "that's", "it would be", "that'll be", "this one is", "that time sounds"]
)
DEGREES = st.sampled_from(["", "very ", "just ", "really quite ", "absolutely "])
PRAISES = st.sampled_from(["great", "fine", "perfect", "wonderful", "convenient", "alright"])
TAILS = st.sampled_from(["", " thank you", " for me", " doctor chen is so nice"])


@given(SUBJECTS, DEGREES, PRAISES, TAILS)
def test_any_praise_of_it_agrees_and_any_denied_praise_does_not(
    who: str, how: str, what: str, tail: str
) -> None:
    assert value(read_yes_no(f"{who} {how}{what}{tail}", BOOK_IT)) is True
    assert value(read_yes_no(f"{who} not {how}{what}{tail}", BOOK_IT)) is not True


@given(
    st.lists(
        st.sampled_from("that is not i am busy book it too early great have work the".split()), max_size=9
    )
)
def test_nothing_is_both_agreed_and_declined(words: list[str]) -> None:
    yes, no = agreed(words, 0, to_proposal=True), declined(words, 0)
    assert not (yes and no)
    assert 0 <= max(yes, no) <= len(words)


def test_what_is_proposed() -> None:
    assert proposes(BOOK_IT)
    assert proposes(THAT_ONE)
    assert not proposes(REDNESS)


# --------------------------------------------------------------------------- picks

TUESDAY = Choice(
    "a", ("the first one", "first one", "number one", "option one", "tuesday december first at two twenty",
          "tuesday", "two twenty", "afternoon", "doctor chen")
)  # fmt: skip
THURSDAY = Choice(
    "b", ("the second one", "second one", "number two", "option two", "thursday december third at nine",
          "thursday", "nine", "morning", "doctor patel")
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "picked"),
    [
        ("I guess the two twenty then", "a"),
        ("whichever one is earlier", "a"),
        ("I'd better take the Thursday one because I work on Tuesdays", "b"),
        ("I'll do the morning one, afternoons are crazy", "b"),
        ("I'd prefer the one in the afternoon", "a"),
        ("can't do mornings so the first one", "a"),
        ("not the Tuesday, the other one", "b"),
        ("Thursday doesn't work so the other one", "a"),
        ("Tuesday is no good, so Thursday", "b"),
        ("Patel is fine", "b"),
        ("the later one since I have to drive in", "b"),
        ("that second time sounds perfect", "b"),
    ],
)
def test_picks_with_their_reasons(said: str, picked: str) -> None:
    assert value(read_choice(said, (TUESDAY, THURSDAY), TODAY)) == picked


@pytest.mark.parametrize(
    "said",
    [
        "the other one",
        "that's too early",
        "that is too late for me",
        "with another doctor",
        "in december please",
    ],
)
def test_what_names_none_of_them(said: str) -> None:
    assert read_choice(said, (TUESDAY, THURSDAY), TODAY) is None
    assert read_choice(said, (TUESDAY,), TODAY) is None
