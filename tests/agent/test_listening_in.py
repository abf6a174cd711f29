"""Who listens to a call hears both sides at their moments, and never holds the call up."""

from __future__ import annotations

import asyncio

import numpy as np

from agent.listening_in import STORE_FRAMES, Listeners, Tap
from telephony import g711
from telephony.playback import Playback
from tests.conversations.test_line import PlayedLine

CALLER, AGENT, QUIET = b"\x23" * 160, b"\x56", g711.SILENCE * 160


def level(mulaw: bytes) -> int:
    return int(g711.decode_array(np.frombuffer(mulaw[:1], dtype=np.uint8))[0])


def levels(pcm: bytes) -> list[int]:
    """One sample of each frame."""
    return [int(sample) for sample in np.frombuffer(pcm, "<i2")[80::160]]


def played(mulaw: bytes, clock: Clock) -> Playback:
    """We begin to say this now."""
    playback = Playback(PlayedLine().codec)
    playback.say("s1", "Hello.", mulaw)
    playback.due(clock.now_ms)
    return playback


class Clock:
    now_ms = 1_000.0

    def __call__(self) -> float:
        return self.now_ms


async def heard_of(frames: list[bytes], clock: Clock, playback: Playback) -> list[int]:
    """What a listener hears while these come from the caller, 20 ms apart."""
    listeners = Listeners()
    tap, pcm = Tap(playback, listeners, clock), bytearray()

    async def listen() -> None:
        async for piece in listeners.sound():
            pcm.extend(piece)

    listening = asyncio.create_task(listen())
    await asyncio.sleep(0)
    for frame in frames:
        clock.now_ms += 20
        tap.caller(frame)
        await asyncio.sleep(0)
    listeners.end()
    await listening
    assert not listeners
    return levels(bytes(pcm))


async def test_both_sides_are_heard_each_at_its_moment() -> None:
    clock = Clock()
    playback = played(AGENT * 800, clock)  # 100 ms: five frames
    heard = await heard_of([CALLER] * 2 + [QUIET] * 2 + [CALLER] * 3, clock, playback)
    both, agent, caller = level(CALLER) + level(AGENT), level(AGENT), level(CALLER)
    assert heard == [both, both, agent, agent, both, caller, caller]


async def test_two_loud_sides_do_not_turn_over() -> None:
    clock = Clock()
    assert await heard_of([b"\x80" * 160], clock, played(b"\x80" * 800, clock)) == [32_767]


async def test_nobody_listens_and_nothing_is_done() -> None:
    playback = Playback(PlayedLine().codec)
    playback.lately = None  # type: ignore[assignment, method-assign]
    Tap(playback, Listeners()).caller(CALLER)


async def test_who_takes_nothing_loses_the_oldest_and_holds_nobody_up() -> None:
    listeners = Listeners()
    slow, quick = listeners.sound(), listeners.sound()
    first = asyncio.create_task(anext(slow))
    other = asyncio.create_task(anext(quick))
    await asyncio.sleep(0)
    for number in range(10 * STORE_FRAMES):
        listeners.hear(number.to_bytes(4, "little"))
    await asyncio.gather(first, other)
    listeners.end()
    rest = b"".join([piece async for piece in slow])
    assert len(rest) <= 4 * STORE_FRAMES
    assert rest[-4:] == (10 * STORE_FRAMES - 1).to_bytes(4, "little"), "the newest is kept"
    await quick.aclose()
    assert not listeners


async def test_who_comes_as_the_call_ends_does_not_wait_for_it() -> None:
    listeners = Listeners()
    listeners.end()
    async with asyncio.timeout(30):
        assert [piece async for piece in listeners.sound()] == []
