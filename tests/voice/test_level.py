"""Talk in the room is quieter than talk to us."""

from __future__ import annotations

import numpy as np

from voice.level import CallerLevel, Nearness


def heard(level: CallerLevel, rms: float, windows: int = 20, *, over_us: bool = False) -> Nearness:
    for _ in range(windows):
        level.spoken(np.full(256, rms, np.int16))
    return level.ended(over_us=over_us)


def utterance(level: CallerLevel, rms: float, windows: int = 20) -> bool:
    """Whether it was talk in the room."""
    return heard(level, rms, windows) is Nearness.FAR


def test_the_first_words_set_the_level_whatever_they_are() -> None:
    assert not utterance(CallerLevel(), 300)


def test_a_third_of_the_usual_is_talk_in_the_room_and_does_not_change_the_usual() -> None:
    level = CallerLevel()
    utterance(level, 3_000)
    assert [utterance(level, 800) for _ in range(10)] == [True] * 10
    assert not utterance(level, 2_000)


def test_a_caller_who_grows_tired_is_still_the_caller() -> None:
    level = CallerLevel()
    assert not any(utterance(level, rms) for rms in (3_000, 2_400, 2_000, 1_600, 1_300, 1_100, 900))


def test_a_syllable_says_nothing_about_a_voice() -> None:
    level = CallerLevel()
    utterance(level, 3_000)
    assert not utterance(level, 300, windows=3)


def test_a_short_word_in_the_room_is_quiet_too() -> None:
    level = CallerLevel()
    utterance(level, 3_000)
    assert utterance(level, 600, windows=5)


def test_a_faint_voice_over_ours_may_be_in_the_room_until_the_caller_is_known() -> None:
    level = CallerLevel()
    assert heard(level, 250, over_us=True) is Nearness.PERHAPS_FAR
    assert heard(level, 2_000, over_us=True) is Nearness.NEAR
    assert heard(level, 250, over_us=True) is Nearness.FAR


def test_a_soft_voice_that_answered_us_is_the_caller() -> None:
    level = CallerLevel()
    assert heard(level, 250) is Nearness.NEAR
    assert heard(level, 250, over_us=True) is Nearness.NEAR


def test_a_louder_voice_is_the_caller_and_what_was_heard_before_was_not() -> None:
    level = CallerLevel()
    heard(level, 300)
    heard(level, 2_500)
    assert heard(level, 300) is Nearness.FAR
