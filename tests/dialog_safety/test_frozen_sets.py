"""The frozen sentences as floors: they may be raised, never lowered. Scoring: tests/safety_sets/README.md."""

from __future__ import annotations

from functools import cache

import pytest

from dialog.safety.text import windows
from tests.safety_sets.score import Scored, false_alarms, has_right_flag, missed, score
from tests.safety_sets.sets import (
    SECOND_NEGATIVES,
    SECOND_POSITIVES,
    Danger,
    Kind,
    NoDanger,
    read_negatives,
    read_positives,
)

RIGHT_FLAG_FLOOR = 1_175  # of 1,231 dangers: the flag that the line was written for is among those raised
ALARMS_AT_MOST = {
    Kind.NEGATED: 4,
    Kind.HISTORICAL: 6,
    Kind.OTHER_PAST: 9,
    Kind.HYPOTHETICAL: 2,
    Kind.QUESTION: 0,
    Kind.IDIOM: 0,
    Kind.PSEUDO: 2,
    Kind.FAR_APART: 5,
    Kind.MILD: 0,
    Kind.ORDINARY: 0,
}
QUESTIONS_AT_MOST = 117  # direct questions to who is in no danger, of 2,083
# The second set: 472 dangers, 341 sentences of no danger.
SECOND_RIGHT_FLAG_FLOOR = 435
SECOND_ALARMS_AT_MOST = 7  # five of them have the words far apart
SECOND_QUESTIONS_AT_MOST = 38


@cache
def dangers() -> tuple[Scored[Danger], ...]:
    return score(read_positives())


@cache
def harmless() -> tuple[Scored[NoDanger], ...]:
    return score(read_negatives())


def test_no_danger_is_missed_in_english_through_noise_or_in_spanish() -> None:
    assert [f"{one.sentence.flag} {one}: {one.sentence.text}" for one in missed(dangers())] == []


def test_the_danger_is_named_as_often_as_before() -> None:
    assert sum(map(has_right_flag, dangers())) >= RIGHT_FLAG_FLOOR


@pytest.mark.parametrize("kind", Kind)
def test_there_are_no_more_false_alarms_than_before(kind: Kind) -> None:
    alarms = [f"{one}: {one.sentence.text}" for one in harmless() if one.sentence.kind is kind and one.fires]
    assert len(alarms) <= ALARMS_AT_MOST[kind], alarms


def test_who_is_in_no_danger_is_asked_no_more_often_than_before() -> None:
    assert sum(one.asks for one in harmless()) <= QUESTIONS_AT_MOST


def test_the_second_set_of_dangers_is_caught_as_before() -> None:
    scored = score(read_positives(SECOND_POSITIVES))
    assert [f"{one.sentence.flag} {one}: {one.sentence.text}" for one in missed(scored)] == []
    assert sum(map(has_right_flag, scored)) >= SECOND_RIGHT_FLAG_FLOOR


def test_the_second_set_of_no_dangers_is_left_alone_as_before() -> None:
    scored = score(read_negatives(SECOND_NEGATIVES))
    alarms = [f"{one}: {one.sentence.text}" for one in false_alarms(scored)]
    assert len(alarms) <= SECOND_ALARMS_AT_MOST, alarms
    assert sum(one.asks for one in scored) <= SECOND_QUESTIONS_AT_MOST


@pytest.mark.parametrize("length", [1, 299, 300, 301, 10_000])
def test_a_long_turn_is_screened_in_pieces_that_bound_the_work_and_lose_no_word(length: int) -> None:
    words = [f"w{number}" for number in range(length)]
    pieces = [piece.split() for piece in windows(" ".join(words))]
    assert max(map(len, pieces)) <= 300
    assert sum(map(len, pieces)) <= 1.25 * length + 60
    assert {word for piece in pieces for word in piece} == set(words)
