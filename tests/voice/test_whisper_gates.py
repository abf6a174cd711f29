"""What Whisper is told to expect, and which of its texts are believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.domain import Choice, Expectation, ExpectationKind
from voice.whisper_bias import MOST_TOKENS, prompt_for
from voice.whisper_decoding import Decoded
from voice.whisper_gates import Doubt, doubt, nothing_said

SURE = Decoded("", -0.2, 0.01)
MEDICINES = "My medicine: lisinopril, metformin, atorvastatin, sertraline."


def count(text: str) -> int:
    return len(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "I need a refill of my lisinopril, please.",
        "Thank you.",
        "No, no, no, no.",
        "five five five five five five five",
        "5 5 5 5 5 5 5 5 5",
        "617 555 0123",
        "5555555555",
        "lisinopril",
        "Lisinopril and metformin.",
        "",
    ],
)
def test_what_callers_say_is_believed(text: str) -> None:
    assert doubt(replace(SURE, text=text), MEDICINES, 3.0) is None


@pytest.mark.parametrize(
    ("text", "prompt", "speech_s", "why"),
    [
        ("no no " * 40, "", 20.0, Doubt.PACKED),
        ("of the " * 4 + "of the end", "", 5.0, Doubt.LOOP),
        ("you you you you you you you you", "", 5.0, Doubt.LOOP),
        ("a luenceluenceluenceluenceluenceluence", "", 5.0, Doubt.LOOP),
        ("lisinopril, metformin, atorvastatin, sertraline", MEDICINES, 3.0, Doubt.ECHO),
        ("My medicine: lisinopril, metformin", MEDICINES, 3.0, Doubt.ECHO),
        ("we will be back in a moment with the other part of the news", "", 0.4, Doubt.RUSHED),
        ("Thanks for watching!", "", 2.0, Doubt.SUBTITLE),
        ("Subtitles by the Amara.org community", "", 3.0, Doubt.SUBTITLE),
    ],
)
def test_inventions_are_doubted(text: str, prompt: str, speech_s: float, why: Doubt) -> None:
    assert doubt(replace(SURE, text=text), prompt, speech_s) is why


def test_unlikely_texts_and_broken_numbers_are_doubted() -> None:
    assert doubt(Decoded("maybe", -1.2, 0.0), "", 2.0) is Doubt.UNLIKELY
    assert doubt(Decoded("!!!", float("nan"), 0.0), "", 2.0) is Doubt.UNLIKELY


def test_silence_is_what_is_unlikely_and_probably_no_speech() -> None:
    assert nothing_said(Decoded("you", -1.5, 0.8))
    assert not nothing_said(Decoded("yes", -0.3, 0.8))
    assert not nothing_said(Decoded("yes", -1.5, 0.2))


def test_the_medicines_on_the_list_are_told_by_every_name() -> None:
    choices = (Choice("lisinopril", ("lisinopril", "Zestril")), Choice("metformin", ("metformin",)))
    told = prompt_for(Expectation(ExpectationKind.DRUG, choices), count)
    assert told == "My medicine: lisinopril, metformin, Zestril."


def test_each_kind_has_its_hint_and_an_open_question_none() -> None:
    hints = {kind: prompt_for(Expectation(kind), count) for kind in ExpectationKind}
    assert hints.pop(ExpectationKind.OPEN) == ""
    assert len(set(hints.values())) == len(hints)
    assert all(hints.values())


def test_a_long_roster_is_cut_between_two_names() -> None:
    roster = tuple(Choice(name, (name,)) for name in (f"Anna Number{at}" for at in range(500)))
    told = prompt_for(Expectation(ExpectationKind.NAME, roster), count)
    assert count(told) <= MOST_TOKENS
    assert told.startswith("My first and last name. Anna Number0, Anna Number1,")
    assert told.endswith(".")


def test_answers_without_a_spoken_form_are_left_out() -> None:
    told = prompt_for(
        Expectation(ExpectationKind.CHOICE, (Choice("a", ()), Choice("b", ("the first",)))), count
    )
    assert told == "One of these: the first."
