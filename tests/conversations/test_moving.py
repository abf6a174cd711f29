"""A process on its way out gives each call to a sibling when that costs the caller no word."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from agent.call import Call
from agent.conversation import Conversation
from agent.draining import hand_over
from agent.instants import monotonic_ms
from models import records
from models.domain import Transcript
from tests.conversations.conftest import MARIA, Line
from tests.conversations.phone import AGENT, SteadyMouth, TruePhone

pytestmark = pytest.mark.audio_time
CALL = "CAmoves"


@dataclass
class Moving:
    """A call on the line, and the telephone that it comes from."""

    line: Line
    phone: TruePhone
    call: Call
    running: asyncio.Task[None]

    def is_asked_to_move(self) -> None:
        [move] = self.line.services.live.moves
        move()

    def stored(self) -> records.StoredCall:
        return self.line.services.storage.read_now(lambda session: records.require_call(session, CALL))

    async def is_quiet(self) -> None:
        """The call has begun, and we have said what we had to say."""
        while not self.phone.heard or self.call._speaking.playing:
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def moving(line: Line, *, resumed: bool = False) -> AsyncIterator[Moving]:
    line.services.mouth = SteadyMouth(2_000)  # type: ignore[assignment]
    phone = TruePhone()
    media: Any = phone
    conversation = await Conversation.open(line.services, CALL, MARIA)
    call = Call(media, conversation, line.services)
    playing = asyncio.create_task(phone.play())
    running = asyncio.create_task(call.run(resumed=resumed))
    yield Moving(line, phone, call, running)
    for task in (playing, running):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_call_moves_in_our_reply_and_not_while_the_caller_thinks(line: Line) -> None:
    async with moving(line) as first:
        await first.is_quiet()
        first.is_asked_to_move()
        await asyncio.sleep(3)
        assert not first.running.done(), "they may begin to speak at any moment"
        sent = len(first.phone.sent)
        await asyncio.wait_for(first.running, 10)  # once we ask whether they are still there
        assert len(first.phone.sent) - sent < 60, "that question is another's to say"
    assert first.stored().ended is None
    async with moving(line, resumed=True) as second:
        await second.is_quiet()
        assert AGENT * 160 in bytes(second.phone.heard)


async def test_a_caller_who_speaks_is_heard_to_the_end_and_answered(line: Line) -> None:
    async with moving(line) as there:
        await there.is_quiet()
        there.is_asked_to_move()
        await there.call._heard(Transcript("what are your opening hours", 1.0))
        await asyncio.wait_for(there.running, 5)
    turns = there.stored().turns
    assert turns[-1].caller_text == "what are your opening hours"
    assert turns[-1].agent_text


async def test_what_somebody_in_danger_is_to_do_is_not_broken_off(line: Line) -> None:
    async with moving(line) as there:
        await there.is_quiet()
        await there.call._heard(Transcript("i have crushing chest pain", 1.0))
        await asyncio.sleep(0.5)
        there.is_asked_to_move()
        await there.is_quiet()
        assert not there.running.done()


async def test_calls_are_given_away_one_after_the_other_and_waited_for_no_longer_than_it_may_take() -> None:
    asked_ms: list[float] = []
    began_ms = monotonic_ms()
    await hand_over([lambda: asked_ms.append(monotonic_ms())] * 5, lambda: 5 - len(asked_ms))
    assert [round(at - began_ms, -2) for at in asked_ms] == [0, 200, 400, 600, 800]
    await hand_over([lambda: None] * 400, lambda: 1)
    assert monotonic_ms() - began_ms == pytest.approx(9_000, abs=200)
