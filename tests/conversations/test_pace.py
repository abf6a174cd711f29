"""A caller who cannot follow: the words themselves change how fast the agent speaks."""

from __future__ import annotations

import pytest

from models.domain import Pace
from tests.conversations.conftest import MARIA, Line


@pytest.mark.parametrize(
    "words",
    ["slower please", "can you slow down", "you're talking too fast", "could you say that more slowly"],
)
async def test_slower_please(line: Line, words: str) -> None:
    call = await line.call(MARIA)
    question = await call.says("I'd like to book a visit")
    assert await call.says(words) == question
    assert call.keyboard.conversation.state.pace is Pace.SLOW


@pytest.mark.parametrize(
    ("words", "pace"),
    [("a little faster please", Pace.SLOW), ("normal speed please", Pace.NORMAL), ("speed up", Pace.SLOW)],
)
async def test_and_back(line: Line, words: str, pace: Pace) -> None:
    call = await line.call(MARIA)
    await call.all_of("I'd like to book a visit", "slower please", "even slower", words)
    assert call.keyboard.conversation.state.pace is pace


async def test_a_symptom_is_no_wish_about_our_speech(line: Line) -> None:
    call = await line.call(MARIA)
    await call.says("my mother is talking slower since this morning")
    assert call.keyboard.conversation.state.pace is Pace.NORMAL
