"""Talk in the room is quieter than talk to us."""

from __future__ import annotations

import numpy as np

from voice.level import CallerLevel


def utterance(level: CallerLevel, rms: float, windows: int = 20) -> bool:
    for _ in range(windows):
        level.spoken(np.full(256, rms, np.int16))
    return level.ended()


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
