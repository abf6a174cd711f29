"""What was understood in a pause is used when the pause was the end, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from agent.foresight import Foresight
from models.domain import Entity, Intent, Transcript, Understanding
from models.errors import StorageError

REFILL = Transcript("a refill of my lisinopril", 0.9)


class Mind:
    """Understands every sentence as a refill, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refuses = False

    async def understand(self, transcript: Transcript) -> Understanding:
        self.asked.append(transcript.text)
        if self.refuses:
            raise StorageError("the database is away")
        end = len(transcript.text)
        drug = {"drug": Entity("lisinopril", (end - 10, end), 0.97)}
        return Understanding(transcript, Intent.REFILL_REQUEST, (Intent.REFILL_REQUEST,), 0.97, drug)


async def test_the_same_words_are_understood_once() -> None:
    mind = Mind()
    foresight = Foresight(mind.understand)
    assert await foresight.whole(REFILL)
    assert (await foresight.understand(REFILL)).entities["drug"].value == "lisinopril"
    assert mind.asked == [REFILL.text]


async def test_other_words_are_understood_anew() -> None:
    mind = Mind()
    foresight = Foresight(mind.understand)
    await foresight.whole(REFILL)
    more = Transcript("a refill of my lisinopril and of my metformin", 0.9)
    assert (await foresight.understand(more)).text == more.text
    assert mind.asked == [REFILL.text, more.text]


async def test_after_a_decision_the_same_words_are_understood_anew() -> None:
    mind = Mind()
    foresight = Foresight(mind.understand)
    await foresight.whole(REFILL)
    foresight.forget()
    await foresight.understand(REFILL)
    assert mind.asked == [REFILL.text, REFILL.text]


async def test_silence_and_failures_are_not_asked_about() -> None:
    mind = Mind()
    foresight = Foresight(mind.understand)
    assert not await foresight.whole(Transcript(""))
    assert not await foresight.whole(Transcript("", failure="recogniser-timeout"))
    assert mind.asked == []


async def test_what_fails_in_the_pause_is_tried_again_when_it_counts() -> None:
    mind = Mind()
    foresight = Foresight(mind.understand)
    mind.refuses = True
    assert not await foresight.whole(REFILL)
    mind.refuses = False
    assert (await foresight.understand(REFILL)).intent is Intent.REFILL_REQUEST


@pytest.mark.parametrize(
    ("heard", "means"),
    [
        ({}, False),
        ({"intents": (Intent.WAIT,)}, True),
        ({"entities": {"yes_no": Entity(True, (0, 3), 0.9)}}, True),
        ({"suspected": "RF01"}, True),
    ],
    ids=["nothing", "a wish", "a value", "a danger that is only suspected"],
)
async def test_what_a_tail_means_is_told_by_all_that_was_understood(
    heard: dict[str, Any], means: bool
) -> None:
    async def understand(transcript: Transcript) -> Understanding:
        return Understanding(transcript, **heard)

    assert await Foresight(understand).means_something(Transcript("it sits on me like an elephant")) is means


async def test_a_tail_that_cannot_be_understood_is_taken() -> None:
    mind = Mind()
    mind.refuses = True
    assert await Foresight(mind.understand).means_something(REFILL)
