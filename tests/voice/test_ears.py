"""The client, on audio time: streaming, speculation, replay after a worker's death, time limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.domain import Expectation, ExpectationKind, Transcript
from models.errors import WorkerError
from voice.ears import FAILED, TIMEOUT, Ears
from voice.opinions import choose
from voice.sphinx_search import Hearing

pytestmark = pytest.mark.audio_time

SPEECH = bytes(range(200)) * 40  # 8,000 bytes, half a second


class Worker:
    """A worker that answers with the number of bytes it was fed."""

    def __init__(self, *, dies_at: str = "", hangs: bool = False) -> None:
        self.sessions: dict[str, bytearray] = {}
        self.calls: list[str] = []
        self.dies_at, self.hangs = dies_at, hangs

    async def __call__(self, method: str, *args: object) -> Any:
        self.calls.append(method)
        await asyncio.sleep(0)
        if method == self.dies_at:
            self.dies_at = ""
            self.sessions.clear()
            raise WorkerError("the worker died")
        return await getattr(self, f"on_{method}")(*args)

    async def on_begin(self, name: str, _expectation: Expectation, _caller: str) -> None:
        self.sessions[name] = bytearray()

    async def on_feed(self, name: str, pcm: bytes) -> None:
        if name not in self.sessions:
            raise WorkerError("not open")
        self.sessions[name] += pcm

    async def on_partial(self, name: str) -> str:
        return str(len(self.sessions[name]))

    async def on_finish(self, name: str) -> Transcript:
        if self.hangs:
            await asyncio.sleep(60)
        return Transcript(f"{len(self.sessions.pop(name))}", engine="counting")

    async def on_drop(self, name: str) -> None:
        self.sessions.pop(name, None)


def in_chunks(size: int = 512) -> list[bytes]:
    return [SPEECH[at : at + size] for at in range(0, len(SPEECH), size)]


async def test_an_utterance_reaches_the_worker_whole_while_it_is_spoken() -> None:
    worker = Worker()
    session = Ears([worker]).open(Expectation())
    for chunk in in_chunks():
        session.feed(chunk)
        await asyncio.sleep(0.001)
    assert worker.calls.count("feed") >= 3
    assert await session.partial() != ""
    assert (await session.finish()).text == str(len(SPEECH))
    assert worker.sessions == {}


async def test_a_speculation_that_holds_is_the_result() -> None:
    worker = Worker()
    session = Ears([worker]).open(Expectation())
    session.feed(SPEECH)
    early = await session.speculate()
    assert await session.finish() is early
    assert worker.calls.count("finish") == 1


async def test_going_on_voids_the_speculation_and_feeds_everything_again() -> None:
    worker = Worker()
    session = Ears([worker]).open(Expectation())
    session.feed(SPEECH)
    session.speculate()
    await asyncio.sleep(0.01)
    session.resume()
    session.feed(SPEECH)
    assert (await session.finish()).text == str(2 * len(SPEECH))
    await asyncio.sleep(0.01)
    assert worker.sessions == {}


async def test_resuming_at_once_leaves_nothing_behind() -> None:
    worker = Worker()
    session = Ears([worker]).open(Expectation())
    for _ in range(5):
        session.feed(SPEECH)
        session.speculate()
        session.resume()
    assert (await session.finish()).text == str(5 * len(SPEECH))
    await asyncio.sleep(0.01)
    assert worker.sessions == {}


async def test_an_utterance_survives_its_worker_at_any_step() -> None:
    for step in ("begin", "feed", "finish"):
        dying, other = Worker(dies_at=step), Worker()
        session = Ears([dying, other]).open(Expectation())
        for chunk in in_chunks():
            session.feed(chunk)
            await asyncio.sleep(0)
        assert (await session.finish()).text == str(len(SPEECH)), step


async def test_a_single_worker_that_restarts_gets_the_utterance_again() -> None:
    worker = Worker(dies_at="finish")
    session = Ears([worker]).open(Expectation())
    session.feed(SPEECH)
    assert (await session.finish()).text == str(len(SPEECH))


async def test_no_worker_and_a_hanging_worker_are_typed_failures() -> None:
    async def gone(method: str, *args: object) -> Any:
        raise WorkerError("no process")

    session = Ears([gone]).open(Expectation())
    session.feed(SPEECH)
    assert (await session.finish()).failure == FAILED
    slow = Ears([Worker(hangs=True)], time_limit_s=0.05).open(Expectation())
    slow.feed(SPEECH)
    assert (await slow.finish()).failure == TIMEOUT


async def test_calls_are_spread_and_dropped_ones_free_their_place() -> None:
    one, two = Worker(), Worker()
    ears = Ears([one, two])
    sessions = [ears.open(Expectation()) for _ in range(4)]
    for session in sessions:
        session.feed(SPEECH)
    await asyncio.sleep(0.01)
    assert len(one.sessions) == len(two.sessions) == 2
    for session in sessions:
        await session.drop()
    assert one.sessions == two.sessions == {}
    assert [worker.sessions for worker in ears._workers] == [0, 0]


def test_a_birth_date_heard_otherwise_in_the_grammar_is_the_second_opinion() -> None:
    general = Hearing("february fifth nineteen sixty", 0.6, -900.0, 100, alternatives=("february fifth",))
    closed = Hearing("february fifth nineteen sixteen", 0.0, -905.0, 100)
    heard = choose(general, closed, Expectation(ExpectationKind.DOB))
    assert heard.text == general.text, "free speech that found a date was right more often"
    assert heard.alternatives[0] == closed.text


async def test_a_worker_that_hung_is_left_alone_for_a_while() -> None:
    """Its place is free, and the other one is busy: still the other one hears the next caller."""
    hanging, good = Worker(hangs=True), Worker()
    ears = Ears([hanging, good], time_limit_s=0.05)
    first = ears.open(Expectation())
    first.feed(SPEECH)
    assert (await first.finish()).failure == TIMEOUT
    busy = [ears.open(Expectation()) for _ in range(3)]
    for session in busy:
        session.feed(SPEECH)
        assert (await session.finish()).text == str(len(SPEECH))


async def test_an_utterance_of_a_dead_worker_goes_on_and_the_next_one_avoids_it() -> None:
    dying, good = Worker(dies_at="feed"), Worker()
    ears = Ears([dying, good])
    for _ in range(2):
        session = ears.open(Expectation())
        session.feed(SPEECH)
        assert (await session.finish()).text == str(len(SPEECH))
    assert dying.calls.count("begin") == 1
