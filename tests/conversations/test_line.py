"""The per-call loop on a line that is played by the test, on audio time: what it sends, and how it ends."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agent.call import Call
from agent.conversation import Conversation
from models import records
from models.domain import CallTransferred, Decision, HangUp, Keys, Pace, Sentence
from models.errors import SynthesisError
from telephony.codec import MediaCodec
from telephony.events import KeyPressed, MarkReached, StreamEvent, StreamStopped
from tests.conversations.conftest import MARIA, Line
from voice.recorded import Recorded, prompt

pytestmark = pytest.mark.audio_time


class PlayedLine:
    """A media stream of the test's own: takes what is sent, gives what it is told to.

    ``echoes``: marks come back at once, as if all audio had been played.
    """

    def __init__(self, *, echoes: bool = False) -> None:
        self._echoes = echoes
        self.codec = MediaCodec()
        self.codec.receive(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        start = {"streamSid": "MZ1", "accountSid": "AC1", "callSid": "CA1", "tracks": ["inbound"]}
        self.codec.receive(json.dumps({"event": "start", "streamSid": "MZ1", "start": start}))
        self.sent: list[dict[str, Any]] = []
        self._events: asyncio.Queue[StreamEvent | None] = asyncio.Queue()

    def happens(self, event: StreamEvent) -> None:
        self._events.put_nowait(event)
        if isinstance(event, StreamStopped):
            self._events.put_nowait(None)

    async def send(self, message: str) -> None:
        self.sent.append(json.loads(message))
        if self._echoes and self.sent[-1]["event"] == "mark":
            self.happens(MarkReached(self.sent[-1]["mark"]["name"]))

    def is_lost(self) -> None:
        """The socket is gone without a word."""
        self._events.put_nowait(None)

    async def close(self, code: int = 1000) -> None:
        self._events.put_nowait(None)

    async def __aiter__(self) -> AsyncIterator[StreamEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    @property
    def audio(self) -> bytes:
        return b"".join(self.audio_of(message) for message in self.sent if message["event"] == "media")

    @staticmethod
    def audio_of(message: dict[str, Any]) -> bytes:
        return base64.b64decode(message["media"]["payload"])


class DumbMouth:
    async def render(self, text: str, pace: Pace = Pace.NORMAL, **_: object) -> bytes:
        raise SynthesisError("no engine")


class QuickMouth:
    async def render(self, text: str, pace: Pace = Pace.NORMAL, **_: object) -> bytes:
        return b"\x80" * 800  # a tenth of a second


async def run_call(line: Line, played: PlayedLine, mouth: Any) -> records.StoredCall:
    line.services.mouth = mouth
    conversation = await Conversation.open(line.services, "CAplayed", MARIA)
    media: Any = played
    await asyncio.wait_for(Call(media, conversation, line.services).run(resumed=False), 60)
    return await line.services.storage.read(lambda session: records.require_call(session, "CAplayed"))


async def test_without_any_voice_a_recorded_sentence_is_made_true(line: Line) -> None:
    """It says that the caller is connected to staff; so the carrier finds that order."""
    played = PlayedLine()
    stored = await run_call(line, played, DumbMouth())
    assert any(isinstance(done.result, CallTransferred) for done in stored.done)
    assert prompt(Recorded.CONNECTING) in played.audio


async def test_keys_are_collected_and_zero_is_a_person(line: Line) -> None:
    played = PlayedLine()
    played.happens(KeyPressed("0"))
    stored = await run_call(line, played, QuickMouth())
    assert any(isinstance(done.result, CallTransferred) for done in stored.done)
    assert stored.ended is None, "a transferred call goes on, at the practice's telephone"


async def test_a_caller_who_hangs_up_at_once_leaves_a_closed_call(line: Line) -> None:
    played = PlayedLine()
    played.happens(StreamStopped())
    stored = await run_call(line, played, QuickMouth())
    assert stored.ended is not None
    assert stored.disposition == "abandoned"


async def test_words_for_a_long_wait_do_not_keep_a_caller_from_their_person(line: Line) -> None:
    """They may be decided on in the very moment in which the transfer is through."""
    played = PlayedLine()
    played.happens(KeyPressed("0"))
    line.services.mouth = QuickMouth()  # type: ignore[assignment]
    conversation = await Conversation.open(line.services, "CAplayed", MARIA)
    media: Any = played
    call = Call(media, conversation, line.services)
    running = asyncio.create_task(call.run(resumed=False))
    while not any(isinstance(result, CallTransferred) for _, result in conversation.done):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await call._carry_out(Decision(conversation.state, (Sentence("One moment, please."),)))
    await asyncio.wait_for(running, 30)


async def test_what_is_pressed_as_we_hang_up_is_still_answered(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is slow just then: our goodbye is over before the decision is there."""
    line.services.mouth = QuickMouth()  # type: ignore[assignment]
    conversation = await Conversation.open(line.services, "CAplayed", MARIA)
    played, step = PlayedLine(), conversation.step

    async def slow(event: Any, *more: Any) -> Any:
        await asyncio.sleep(3 if isinstance(event, Keys) else 0)
        return await step(event, *more)

    monkeypatch.setattr(conversation, "step", slow)
    media: Any = played
    call = Call(media, conversation, line.services)
    running = asyncio.create_task(call.run(resumed=False))
    while conversation.is_new:
        await asyncio.sleep(0.01)
    call._order(HangUp("CAplayed-bye"))
    played.happens(KeyPressed("0"))
    await asyncio.wait_for(running, 60)
    assert any(isinstance(result, CallTransferred) for _, result in conversation.done)
