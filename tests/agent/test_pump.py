"""Audio goes out when it is due, without being asked for all the time. On audio time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from agent.speaking import Speaking
from models.domain import Sentence
from telephony.codec import MediaCodec
from telephony.double.wire import Wire
from telephony.playback import CHUNK_MS, Playback
from tests.telephony.signing import ACCOUNT, CALL
from voice.mouth import Mouth

pytestmark = pytest.mark.audio_time

CHUNK = b"\x55" * (CHUNK_MS * 8)


class Chunks:
    """A mouth that says as many chunks as a sentence has words."""

    async def render(self, text: str, **_: object) -> bytes:
        return CHUNK * len(text.split())


class Line:
    """Keeps what is sent, and tells when enough has come."""

    def __init__(self) -> None:
        stream = "MZ" + "1" * 32
        self.wire, codec = Wire(stream, ACCOUNT, CALL), MediaCodec()
        codec.receive(self.wire.start({}))
        self.sent: list[str] = []
        self.speaking = Speaking(Playback(codec), cast(Mouth, Chunks()), self.send, lambda: None)

    async def send(self, message: str) -> None:
        self.sent.append(type(self.wire.read(message)).__name__)

    async def heard(self, *wanted: str) -> None:
        async with asyncio.timeout(10.0):
            while len(self.sent) < len(wanted):
                await asyncio.sleep(0.01)
        assert self.sent[: len(wanted)] == list(wanted)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    line = Line()
    tasks = [asyncio.create_task(work) for work in (line.speaking.render(), line.speaking.pump())]
    yield line
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_sentence_that_comes_after_silence_is_sent(line: Line) -> None:
    await asyncio.sleep(0.05)  # the pump has nothing to wait for
    line.speaking.say([Sentence("one")], 1)
    await line.heard("Media", "Mark")
    line.speaking.say([Sentence("one two")], 2)
    await line.heard("Media", "Mark", "Media", "Media", "Mark")


async def test_what_the_carrier_has_no_room_for_yet_is_sent_later(line: Line) -> None:
    line.speaking.say([Sentence("one two three four five six")], 1)
    await line.heard(*["Media"] * 6, "Mark")


async def test_a_sentence_after_an_interruption_is_sent(line: Line) -> None:
    line.speaking.say([Sentence("one " * 20)], 1)
    await line.heard(*["Media"] * 5)
    line.sent.clear()
    await line.speaking.stop()
    line.speaking.say([Sentence("one")], 2)
    await line.heard("Clear", "Media", "Media", "Mark")  # it runs out, then what is said next
