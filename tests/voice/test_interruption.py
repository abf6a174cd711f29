from __future__ import annotations

from collections.abc import Sequence

import pytest

from models.domain import Choice, Expectation, ExpectationKind, RedFlagRaised, Transcript, Word
from voice.interruption import SHORT_WORDS, Interruption, Meaning, meaning, stops_us
from voice.level import Nearness

OPEN = Expectation()
YES_NO = Expectation(kind=ExpectationKind.YES_NO)
CHOICE = Expectation(kind=ExpectationKind.CHOICE, choices=(Choice("1", ("tuesday",)),))


def stopped(speech: str) -> list[bool]:
    """Whether each window of 32 ms stops us; s is speech."""
    interruption = Interruption()
    return [interruption.process(32, is_speech=letter == "s") for letter in speech]


def danger(texts: Sequence[str]) -> RedFlagRaised | None:
    found = next((text for text in texts if "chest" in text), None)
    return RedFlagRaised("RF01", "emergency", found) if found else None


def is_meant(
    text: str,
    expectation: Expectation = OPEN,
    *,
    question_heard: bool = False,
    nearness: Nearness = Nearness.NEAR,
    alternatives: tuple[str, ...] = (),
    failure: str = "",
    confidence: float = 0.9,
) -> bool:
    """Of words that were heard well, or of a sentence: what is left in doubt is another test."""
    transcript = Transcript(text, confidence, alternatives, failure=failure)
    found = meaning(transcript, expectation, danger, question_heard=question_heard, nearness=nearness)
    assert found is not Meaning.DOUBTFUL
    return found is Meaning.TAKES_FLOOR


def short(text: str, confidence: float, words: tuple[Word, ...] = ()) -> Meaning:
    """Of a third of a second of sound."""
    transcript = Transcript(text, confidence, words=words)
    return meaning(transcript, OPEN, danger, question_heard=False, speech_ms=320)


def test_a_click_is_talked_over() -> None:
    assert not any(stopped("sss" + "." * 20))


def test_an_eighth_of_a_second_of_voice_stops_the_agent() -> None:
    assert (stopped("s" * 12).index(True) + 1) * 32 == 128


def test_a_stammer_stops_it_too_and_clicks_far_apart_do_not() -> None:
    assert any(stopped("ss...ss"))
    assert not any(stopped("s......s......s......s......"))


AGREEMENT = (
    "mm-hmm", "uh-huh", "mhm", "okay", "yeah right", "i see", "got it thanks", "all right thank you", "",
)  # fmt: skip


@pytest.mark.parametrize("text", AGREEMENT)
def test_agreeing_noises_are_not_meant(text: str) -> None:
    assert not is_meant(text)


@pytest.mark.parametrize("text", ["the", "a", "and the"])
def test_what_a_recogniser_makes_of_a_cough_is_not_meant(text: str) -> None:
    assert not is_meant(text)


@pytest.mark.parametrize(
    "text", ["no wait", "stop", "a person please", "i need a refill", "what was that", "okay but my daughter"]
)
def test_words_that_are_no_agreement_take_the_floor(text: str) -> None:
    assert is_meant(text)


def test_okay_answers_a_question_that_is_out_and_not_one_still_being_asked() -> None:
    assert is_meant("okay", YES_NO, question_heard=True)
    assert not is_meant("okay", YES_NO)
    assert is_meant("yes", YES_NO)
    assert is_meant("no", CHOICE)
    assert is_meant("tuesday", CHOICE)


def test_talk_in_the_room_is_not_for_us() -> None:
    assert not is_meant("can you turn that down", nearness=Nearness.FAR)


def test_faint_words_of_an_unknown_caller_are_for_us_when_they_are_clear() -> None:
    assert is_meant("i need a refill", nearness=Nearness.PERHAPS_FAR)
    assert not is_meant("the want or the air", nearness=Nearness.PERHAPS_FAR, confidence=0.05)


def test_danger_is_always_meant_however_quiet_and_in_any_alternative() -> None:
    assert is_meant("my chest hurts", nearness=Nearness.FAR)
    assert is_meant("okay", alternatives=("my chest",))


def test_a_short_sound_badly_understood_is_to_be_heard_again() -> None:
    assert short("oh eight", 0.2) is Meaning.DOUBTFUL  # it was "okay"
    assert short("way", 0.28) is Meaning.DOUBTFUL  # it was "wait"
    assert short("i have a question", 0.53) is Meaning.TAKES_FLOOR


def test_a_short_sound_heard_well_needs_no_second_hearing() -> None:
    assert short("no", 0.24, (Word("no", 0.81, 0, 300),)) is Meaning.TAKES_FLOOR
    assert short("no", 0.02, (Word("no", 0.08, 0, 300),)) is Meaning.DOUBTFUL
    assert short("calling", 0.32) is Meaning.TAKES_FLOOR  # it was "sorry", and no "all right"
    assert short("yeah", 0.1, (Word("yeah", 0.1, 0, 300),)) is Meaning.NOTHING
    assert short("", 0.0) is Meaning.NOTHING


@pytest.mark.parametrize(("text", "stops"), [("uh-huh", False), ("all right", False), ("hang on", True)])
def test_the_second_hearing_tells_agreement_from_stop(text: str, stops: bool) -> None:
    assert stops_us(Transcript(text)) is stops


def test_a_second_hearing_that_fails_gives_the_caller_the_floor() -> None:
    assert stops_us(Transcript("", failure="recogniser-timeout"))


def test_anything_said_when_the_question_is_out_is_its_answer() -> None:
    assert is_meant("oh", YES_NO, question_heard=True)  # a "no" badly heard
    assert is_meant("the", YES_NO, question_heard=True)  # a "yes"
    assert not is_meant("", YES_NO, question_heard=True)


def test_the_second_hearing_knows_both_lists_and_nothing_else() -> None:
    assert SHORT_WORDS.closed
    agrees, stops = (set(choice.spoken) for choice in SHORT_WORDS.choices)
    assert not agrees & stops


def test_a_caller_whom_no_engine_could_hear_gets_the_floor() -> None:
    assert is_meant("", failure="recogniser-failed")
