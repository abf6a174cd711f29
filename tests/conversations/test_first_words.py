"""A caller whose stream was lost hears us at once, and the same words only once."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

import dialog
from agent.call import Call
from agent.conversation import Conversation
from agent.first_words import PARAMETER, FirstWords, parameters_of
from models import records
from models.domain import Pace, TurnRecord
from models.errors import SynthesisError
from models.records import StoredCall
from telephony.events import StreamStopped
from tests.conversations.conftest import MARIA, Line
from tests.conversations.phone import AGENT, TruePhone

pytestmark = pytest.mark.audio_time
CALL = "CAcutoff"
SENTENCE_MS = 1_400  # longer than what may lie at the carrier
SLOW_S = 2.0


class CountingMouth:
    """Every sentence is so many milliseconds of the agent's byte; the first ``fails`` are refused."""

    def __init__(self, fails: int = 0) -> None:
        self.said: list[str] = []
        self._fails = fails

    async def render(self, text: str, pace: Pace = Pace.NORMAL, **_: object) -> bytes:
        self.said.append(text)
        if len(self.said) <= self._fails:
            raise SynthesisError("no engine")
        return AGENT * (8 * SENTENCE_MS)


class CutOffPhone(TruePhone):
    def __init__(self, *, told: bool = True) -> None:
        super().__init__()
        self.started = SimpleNamespace(parameters={PARAMETER: "1"} if told else {}, call_sid=CALL)


async def greeted(line: Line) -> StoredCall:
    """A call whose line is lost once the greeting is through."""
    line.services.mouth = CountingMouth()  # type: ignore[assignment]
    phone = TruePhone()
    media: Any = phone
    conversation = await Conversation.open(line.services, CALL, MARIA)
    playing = asyncio.create_task(phone.play())
    call = Call(media, conversation, line.services)
    running = asyncio.create_task(call.run(resumed=False))
    await asyncio.sleep(0.5)
    await call._speaking.finished(60)
    phone.is_lost()
    await running
    playing.cancel()
    return stored(line)


def stored(line: Line) -> StoredCall:
    return line.services.storage.read_now(lambda session: records.require_call(session, CALL))


async def goes_on(line: Line, phone: CutOffPhone, mouth: CountingMouth) -> TurnRecord:
    """The next stream, on a process whose database takes its time; the turn that it began with."""
    line.services.mouth = mouth  # type: ignore[assignment]
    media: Any = phone
    playing = asyncio.create_task(phone.play())
    async with FirstWords.on(media, line.services) as words:
        await asyncio.sleep(SLOW_S)
        heard_by_then = len(phone.heard)
        conversation = await Conversation.open(line.services, CALL, "")
    assert bool(heard_by_then) is bool(words.said)
    call = Call(media, conversation, line.services, words)
    running = asyncio.create_task(call.run(resumed=not conversation.is_new or bool(words.said)))
    await asyncio.sleep(0.5)
    await call._speaking.finished(60)
    phone.happens(StreamStopped())
    await running
    playing.cancel()
    return stored(line).turns[-1]


async def test_the_words_are_heard_while_the_call_is_looked_up_and_said_once(line: Line) -> None:
    before = await greeted(line)
    assert parameters_of(before) == {PARAMETER: "1"}
    phone, mouth = CutOffPhone(), CountingMouth()
    turn = await goes_on(line, phone, mouth)
    assert mouth.said.count(dialog.RESUMED) == 1
    assert bytes(phone.heard).startswith(AGENT * 8 * SENTENCE_MS)
    assert bytes(phone.heard).count(AGENT) == len(mouth.said) * 8 * SENTENCE_MS
    assert turn.heard_to == turn.agent_text
    assert turn.agent_text.startswith(dialog.RESUMED)
    assert len(mouth.said) > 1
    was = before.turns[-1]
    assert stored(line).turns[was.number] == was, "what was heard on the stream before is what it was"


async def test_who_was_not_announced_hears_them_in_their_turn(line: Line) -> None:
    await greeted(line)
    mouth = CountingMouth()
    turn = await goes_on(line, CutOffPhone(told=False), mouth)
    assert mouth.said.count(dialog.RESUMED) == 1
    assert turn.agent_text.startswith(dialog.RESUMED)


async def test_a_voice_that_fails_then_is_tried_again_in_the_reply(line: Line) -> None:
    await greeted(line)
    mouth = CountingMouth(fails=1)
    turn = await goes_on(line, CutOffPhone(), mouth)
    assert mouth.said[:2] == [dialog.RESUMED, dialog.RESUMED]
    assert turn.heard_to == turn.agent_text


async def test_who_was_lost_before_the_greeting_hears_them_at_once_and_then_the_greeting(line: Line) -> None:
    await Conversation.open(line.services, CALL, MARIA)
    before = stored(line)
    assert (before.state, before.turns) == (None, ())
    assert parameters_of(before) == {PARAMETER: "1"}
    phone, mouth = CutOffPhone(), CountingMouth()
    turn = await goes_on(line, phone, mouth)
    assert (turn.number, mouth.said.count(dialog.RESUMED)) == (0, 1)
    assert turn.agent_text.startswith(f"{dialog.RESUMED} Thank you for calling")
    assert turn.heard_to == turn.agent_text
