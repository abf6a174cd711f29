"""A short sound over our voice, heard again by a closed list: agreement or "stop"."""

from __future__ import annotations

import pytest

from models.domain import Expectation, Transcript
from tests.voice.conftest import Say
from voice import grammars
from voice.ear_service import EarService
from voice.interruption import SHORT_WORDS, stops_us
from voice.spoken_text import words_of


def heard(ear: EarService, say: Say, text: str, voice: str, expectation: Expectation) -> Transcript:
    ear.begin("again", expectation)
    ear.feed("again", bytes(4_800) + say(text, voice).tobytes())
    return ear.finish("again")


@pytest.mark.parametrize("voice", ["rms", "slt"])
@pytest.mark.parametrize(("text", "stops"), [("okay", False), ("all right", False), ("hang on", True)])
def test_agreement_and_stop_are_told_apart(
    ear: EarService, say: Say, text: str, voice: str, stops: bool
) -> None:
    found = heard(ear, say, text, voice, SHORT_WORDS)
    listed = {" ".join(words_of(form)) for choice in SHORT_WORDS.choices for form in choice.spoken}
    assert found.text in listed
    assert stops_us(found) is stops


def test_free_speech_is_heard_as_before_afterwards(ear: EarService, say: Say) -> None:
    heard(ear, say, "okay", "rms", SHORT_WORDS)
    assert "appointment" in heard(ear, say, "I need to make an appointment", "rms", Expectation()).text


def test_a_closed_list_has_nothing_around_it() -> None:
    assert "[" not in grammars.for_answer(SHORT_WORDS)
    assert grammars.words(grammars.for_answer(SHORT_WORDS)) >= {"wait", "uh", "huh", "mhm"}
