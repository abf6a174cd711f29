"""Our voice, on audio time: stopped for the caller's, and taken up again where it was broken off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from agent.instants import monotonic_ms
from agent.speaking import Speaking
from models.domain import Sentence
from telephony.codec import MediaCodec
from telephony.playback import Playback

pytestmark = pytest.mark.audio_time

GREETING = [
    Sentence("Thank you for calling."),
    Sentence("This call is recorded."),
    Sentence("How can I help?"),
]
SECOND = b"\x80" * 8_000


class SteadyMouth:
    """Every sentence takes a second."""

    async def render(self, text: str, **_: object) -> bytes:
        return SECOND


class Line:
    """A speaking agent and a carrier that says at once that all was heard which lies in the past."""

    def __init__(self) -> None:
        codec = MediaCodec()
        start = {"streamSid": "MZ1", "accountSid": "AC1", "callSid": "CA1", "tracks": ["inbound"]}
        codec.receive(json.dumps({"event": "start", "streamSid": "MZ1", "start": start}))
        self.sent: list[dict[str, Any]] = []
        mouth: Any = SteadyMouth()
        self.took_ms: list[float] = []
        self.speaking = Speaking(Playback(codec), mouth, self._send, lambda: None, self.took_ms.append)

    async def _send(self, message: str) -> None:
        self.sent.append(json.loads(message))

    def count(self, event: str) -> int:
        return sum(message["event"] == event for message in self.sent)

    @property
    def marks(self) -> list[str]:
        return [message["mark"]["name"] for message in self.sent if message["event"] == "mark"]

    def hears_the_first_sentence(self) -> None:
        self.speaking.marked(self.marks[0])

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.01)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    line = Line()
    works: list[Callable[[], Awaitable[None]]] = [line.speaking.render, line.speaking.pump]
    tasks = [asyncio.ensure_future(work()) for work in works]
    yield line
    for task in tasks:
        task.cancel()


async def test_a_cough_breaks_a_sentence_off_and_it_is_said_again(line: Line) -> None:
    line.speaking.say(GREETING, 0)
    await line.until(lambda: line.count("mark") >= 1)
    line.hears_the_first_sentence()
    await line.speaking.break_off()
    assert line.count("clear") == 1
    assert line.speaking.playing, "there is still something to say"
    assert not line.speaking.audible
    line.sent.clear()
    line.speaking.go_on()
    await line.until(lambda: line.count("mark") >= 1)
    assert line.marks[0].endswith("t0-2"), "the second sentence, from its beginning"
    line.hears_the_first_sentence()
    assert line.speaking.heard_so_far().startswith("Thank you for calling. This call is recorded.")


async def test_a_caller_who_means_it_hears_no_more_of_the_reply(line: Line) -> None:
    line.speaking.say(GREETING, 0)
    await line.until(lambda: line.count("mark") >= 1)
    line.hears_the_first_sentence()
    await line.speaking.break_off()
    heard = line.speaking.give_up()
    assert heard.startswith("Thank you for calling.")
    assert "help" not in heard
    assert not line.speaking.playing
    assert line.speaking.heard_so_far() == heard, "known until the next reply begins"


async def test_what_is_decided_while_the_caller_has_the_floor_is_said_afterwards(line: Line) -> None:
    line.speaking.say(GREETING, 0)
    await line.until(lambda: line.count("media") >= 1)
    await line.speaking.break_off()
    line.speaking.say([Sentence("You're booked.")], 1)
    await asyncio.sleep(0.1)
    assert not line.speaking.audible
    line.speaking.give_up()
    await line.until(lambda: any(name.endswith("t1-4") for name in line.marks))
    assert not any(name.endswith(("t0-2", "t0-3")) for name in line.marks)


async def test_breaking_off_twice_forgets_nothing(line: Line) -> None:
    line.speaking.say(GREETING, 0)
    await line.until(lambda: line.count("media") >= 1)
    await line.speaking.break_off()
    await line.speaking.break_off()
    line.speaking.go_on()
    line.sent.clear()
    await line.until(lambda: line.count("mark") >= 1)
    assert line.sent[-1]["mark"]["name"].endswith("t0-1")


async def test_the_question_is_out_when_little_of_the_reply_is_left(line: Line) -> None:
    line.speaking.say([Sentence("Is that right?")], 1)
    assert not line.speaking.question_heard
    await line.until(lambda: line.count("mark") >= 1)
    await line.until(lambda: line.speaking.question_heard)
    assert line.speaking.played(160) == b"\x80" * 160


async def test_an_answer_is_told_with_the_time_it_took(line: Line) -> None:
    line.speaking.answering(monotonic_ms())
    await asyncio.sleep(0.3)
    line.speaking.say(GREETING, 1)
    await line.until(lambda: line.count("media") > 0)
    assert line.took_ms == [pytest.approx(300, abs=20)]


async def test_what_a_backend_takes_is_not_counted_as_ours(line: Line) -> None:
    """Else a slow chart server would have callers turned away, who would be served no better."""
    line.speaking.answering(monotonic_ms())
    await asyncio.sleep(0.3)
    line.speaking.waits()  # the schedule is asked
    await asyncio.sleep(3.0)
    line.speaking.say(GREETING, 1)
    await line.until(lambda: line.count("media") > 0)
    assert line.took_ms == [pytest.approx(300, abs=20)]
    assert line.speaking.reply_took_ms == pytest.approx(3_300, abs=20), "the caller waited all the same"


async def test_what_nobody_asked_for_is_told_to_nobody(line: Line) -> None:
    line.speaking.waits()
    line.speaking.say(GREETING, 1)
    await line.until(lambda: line.count("media") > 0)
    assert line.took_ms == []
