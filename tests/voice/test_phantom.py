"""A knock is no word."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from models.domain import Expectation, ExpectationKind, RedFlagRaised, Transcript
from voice.phantom import without_phantom


def danger(texts: Sequence[str]) -> RedFlagRaised | None:
    return RedFlagRaised("RF01", "emergency", "help") if "help" in texts else None


def said(
    text: str, confidence: float, speech_ms: int, kind: ExpectationKind = ExpectationKind.OPEN
) -> Transcript:
    heard = Transcript(text, confidence, ("four",))
    return without_phantom(heard, Expectation(kind), danger, speech_ms=speech_ms)


def test_a_plate_that_sounded_like_a_word_said_nothing() -> None:
    assert said("for", 0.006, 128) == Transcript("", 0.006)


@pytest.mark.parametrize(
    ("text", "confidence", "speech_ms"),
    [("no", 0.06, 160), ("stop", 0.006, 300), ("three four", 0.006, 128), ("help", 0.01, 128)],
)
def test_a_word_is_kept_when_it_was_longer_or_heard_better_or_is_danger(
    text: str, confidence: float, speech_ms: int
) -> None:
    assert said(text, confidence, speech_ms).text == text


def test_a_short_answer_that_was_asked_for_is_kept() -> None:
    assert said("no", 0.01, 128, ExpectationKind.YES_NO).text == "no"


def test_filling_words_that_nobody_would_vouch_for_say_nothing_but_may_be_dictated() -> None:
    assert said("the", 0.025, 864).text == ""
    assert said("the", 0.2, 864).text == "the"
    assert said("the", 0.025, 2_900).text == "the", "a sentence that was not understood is asked for again"
    assert said("to", 0.025, 300, ExpectationKind.PHONE).text == "to"
