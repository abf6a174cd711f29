"""Over every sentence that never varies, and over sentences that must never pass.

Those with values in them are heard by `manners.Ear`, in every call of these tests.
"""

from __future__ import annotations

import pytest

import dialog
from backends.practice import load_practice
from dialog import wording
from dialog.wording_rules import REVIEWED, faults, says_done
from models.domain import PracticeFacts
from tests.dialog.calls import NOW, PRACTICE

DEMO = load_practice().facts(NOW, medicine_names=("lisinopril",))


@pytest.mark.parametrize("practice", [PRACTICE, DEMO], ids=["made by hand", "demo"])
def test_every_fixed_sentence_is_plain_and_in_bounds(practice: PracticeFacts) -> None:
    wrong = {text: faults(text, practice) for text in dialog.fixed_sentences(practice)}
    assert not {text: found for text, found in wrong.items() if found}


def test_greeting_and_closing_disclose_what_they_must() -> None:
    greeting, closing = " ".join(wording.greeting(PRACTICE)), " ".join(wording.closing(PRACTICE))
    for part in (
        "If this is an emergency, hang up and call 911.",
        "I'm an AI assistant - not a nurse or doctor.",
        "This call is recorded.",
        "You can say 'representative' at any time.",
    ):
        assert part in greeting
    for part in ("You've been speaking with an AI assistant.", "say 'representative' now"):
        assert part in closing


def test_a_reviewed_sentence_that_is_gone_is_taken_off_the_list() -> None:
    assert set(dialog.fixed_sentences(PRACTICE)) >= set(REVIEWED)
    assert all(reason for reason in REVIEWED.values())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("I'm a nurse here.", "claims a licence"),
        ("As your medical assistant, I can help.", "claims a licence"),
        ("I give doctor-level care.", "claims a licence"),
        ("You should take it with food.", "gives advice"),
        ("Try taking two tablets tonight.", "gives advice"),
        ("I'd suggest you rest.", "gives advice"),
        ("Stop taking it for now.", "gives advice"),
        ("Go to the emergency room.", "gives advice"),
        ("That sounds like an infection.", "names a diagnosis"),
        ("You may have the flu.", "names a diagnosis"),
        ("It is probably a cold.", "names a diagnosis"),
        ("You're fine.", "says that all is well"),
        ("There is nothing to worry about.", "says that all is well"),
        ("That's normal.", "says that all is well"),
        ("Your refill is approved.", "calls a request approved"),
    ],
)
def test_what_must_never_be_said(text: str, fault: str) -> None:
    assert fault in faults(text, PRACTICE)


def test_long_words_are_told_from_long_values() -> None:
    hard = "Identification documentation is a necessary prerequisite."
    assert faults(hard, PRACTICE) == (f"hard to follow: {hard}",)
    long_value = (
        "I see your visit with Doctor Chen on Wednesday, November twenty-seventh at eleven forty-five AM."
    )
    assert faults(long_value, PRACTICE) == ()


@pytest.mark.parametrize("text", ["Your visit is booked.", "I've passed it on.", "It has been sent."])
def test_what_only_an_outcome_may_say(text: str) -> None:
    assert says_done(text)


@pytest.mark.parametrize("text", ["Shall I book it?", "I'll pass this on.", "I'm connecting you now."])
def test_what_is_still_to_come_is_no_claim(text: str) -> None:
    assert not says_done(text)
