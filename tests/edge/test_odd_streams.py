"""Odd streams: what is stored, what the caller hears, and that another call goes on beside each."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Awaitable, Callable

import pytest

from dialog import wording
from telephony.media_stream import StreamEnd
from tests.conversations.conftest import Line
from tests.edge.conftest import PATIENT, House, all_at_once, at_once, open_house
from tests.edge.odd import OddCall, verbs

Messages = Callable[[OddCall], list[str | bytes]]
DEEP = "[" * 10_000 + "]" * 10_000
HUGE = base64.b64encode(b"\xff" * 48_000).decode()
NOISE = random.Random(7).randbytes

ODD_BASE64 = ("=", "A", "AA=A", " AAAA", "é", "AA\n==", "-_-_", "null")
ODD_NUMBERS: tuple[object, ...] = ("-1", -1, 10**18, "9" * 30, 1e308, None, True, [], "", "1.5", "NaN")
ODD_MARKS: tuple[object, ...] = ({"name": "0.1.x"}, {"name": "z" * 9_000}, {}, None, {"name": 5})
ODD_KEYS: tuple[object, ...] = (None, {}, {"digit": "55"}, {"digit": ""}, {"digit": "É"}, {"digit": {}})

BORNE: dict[str, Messages] = {
    "no json": lambda _: ["", " ", "x", "{", "\x00", "nul", "{'event':'media'}"],
    "json that is no message": lambda _: [
        "null", "[]", "0", '"start"', "true", "{}", '{"event":null}', '{"event":[]}', '{"event":{}}',
    ],
    "media null": lambda call: [
        call.says("media", media=None), call.says("media"), call.says("media", media=[]),
    ],
    "nested 10,000 deep": lambda _: [
        DEEP, '{"event":' + DEEP + "}", '{"event":"media","media":' + DEEP + "}",
    ],
    "binary": lambda _: [b"", b"\xff" * 160, NOISE(2_000), b'{"event":"stop"}'],
    "out of order and missing": lambda call: [
        json.dumps({**json.loads(call.frame(timestamp=str(at), chunk=str(at))), "sequenceNumber": str(at)})
        for at in (900, 20, 40, 3, 2_000_000, 1, 0)
    ],
    "the same frame again and again": lambda call: [call.frame()] * 50,
    "six seconds in one frame": lambda call: [call.frame(HUGE)],
    "empty and one byte frames": lambda call: [call.frame(""), call.frame("/w==")] * 5,
    "odd base64": lambda call: [call.frame(text) for text in ODD_BASE64],
    "odd timestamps": lambda call: [call.frame(timestamp=at) for at in ODD_NUMBERS],
    "another track": lambda call: [call.frame(track=each) for each in ("outbound", "", 5, None, "both")],
    "start again": lambda call: [call.start(), call.start(callSid="CA" + "9" * 32), '{"event":"connected"}'],
    "another stream's messages": lambda call: [
        json.dumps({**json.loads(call.says(event, media={}, mark={"name": "x"})), "streamSid": sid})
        for event in ("media", "mark", "stop", "dtmf") for sid in ("MZother", None, 5)
    ],
    "marks never sent": lambda call: [call.says("mark", mark=mark) for mark in ODD_MARKS],
    "keys that are none": lambda call: [call.says("dtmf", dtmf=key) for key in ODD_KEYS],
    "unknown events": lambda call: [call.says(event) for event in ("clear", "hi", "x" * 60_000, "__init__")],
}  # fmt: skip


async def test_what_is_odd_is_borne_and_the_call_goes_on(house: House) -> None:
    await all_at_once(house, borne, BORNE)


async def borne(house: House, name: str) -> None:
    async with OddCall(house.base) as call:
        await call.starts(await call.rings())
        await call.sends(*BORNE[name](call))
        assert await call.is_on_the_line()
        await call.presses_zero()
        await is_put_through(call)
        stored = await house.closed(call.call_sid)
        assert (stored.disposition, stored.resumed) == ("transferred", 0)


async def is_put_through(call: OddCall) -> None:
    """The practice's telephone rings, somebody talks, and the call ends."""
    assert verbs(await call.resumes()) == ["Dial"]
    assert verbs(await call.resumes(DialCallStatus="completed")) == ["Hangup"]
    await call.hangs_up()


async def flood_of_garbage(call: OddCall) -> None:
    await call.sends(*["garbage"] * 25)


async def seventeen_megabytes(call: OddCall) -> None:
    await call.sends("x" * 17_000_000)
    assert await call.is_shown_out() == 1009


async def text_that_is_none(call: OddCall) -> None:
    await call.sends_raw(b"\x81\x84\x00\x00\x00\x00\xff\xfe\xfd\xfc")  # a masked text frame, not UTF-8


async def bytes_that_are_no_frame(call: OddCall) -> None:
    # Never at random: one in some hundreds begins as a long frame does, and is waited for like silence.
    await call.sends_raw(b"GET / HTTP/1.1\r\n" + b"\xff" * 400)


async def nothing_more(call: OddCall) -> None:
    call.echoes_marks = False


async def the_line_drops(call: OddCall) -> None:
    await call.drops()


Breaks = Callable[[OddCall], Awaitable[None]]
BROKEN: dict[str, tuple[Breaks, StreamEnd]] = {
    "garbage": (flood_of_garbage, StreamEnd.GARBAGE),
    "17 MB": (seventeen_megabytes, StreamEnd.LOST),
    "text that is none": (text_that_is_none, StreamEnd.LOST),
    "bytes that are no frame": (bytes_that_are_no_frame, StreamEnd.LOST),
    "the line drops": (the_line_drops, StreamEnd.LOST),
}


async def test_a_broken_stream_is_taken_up_again(house: House) -> None:
    """The caller hears that they were cut off, and the last question once more."""
    await all_at_once(house, broken, BROKEN)
    assert house.mouth.said.count(wording.RESUMED) == len(BROKEN)


async def test_a_dead_line_is_taken_up_again(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    """No frames come, and no echoes."""
    async with open_house(line, caplog, idle_limit_s=1.5) as house:
        await taken_up_again(house, nothing_more, StreamEnd.IDLE)


async def broken(house: House, name: str) -> None:
    await taken_up_again(house, *BROKEN[name])


async def taken_up_again(house: House, breaks: Breaks, ended: StreamEnd) -> None:
    async with OddCall(house.base) as call:
        await call.starts(await call.rings())
        media = house.answering.streams[call.call_sid]
        await breaks(call)
        await call.is_shown_out()
        await call.starts(await call.resumes())
        assert media.ended is ended
        await call.presses_zero()
        await is_put_through(call)
        stored = await house.closed(call.call_sid)
        assert (stored.disposition, stored.resumed) == ("transferred", 1)


async def test_a_line_that_breaks_again_and_again_is_given_to_the_practice(house: House) -> None:
    async with house.beside_a_healthy_call(), OddCall(house.base) as call:
        answer = await call.rings()
        for _ in range(10):
            if verbs(answer) == ["Dial"]:
                break
            await call.starts(answer)
            await call.drops()
            answer = await call.resumes()
        await is_put_through(call)
        await house.closed(call.call_sid)


NEVER: dict[str, Messages] = {
    "nothing": lambda _: [],
    "connected only": lambda _: ['{"event":"connected"}'],
    "media first": lambda call: [call.frame()] * 3,
    "stop first": lambda call: [call.says("stop", stop={})],
    "garbage": lambda _: ["x"] * 50,
    "binary": lambda _: [b"\x00" * 100] * 30,
    "another account's": lambda call: [call.start(accountSid="AC" + "9" * 32)],
    "another call's": lambda call: [call.start(callSid="CA" + "9" * 32)],
    "no call's": lambda call: [call.start(callSid="")],
    "linear pcm": lambda call: [call.start(mediaFormat={"encoding": "audio/x-l16", "sampleRate": 8000})],
    "16 kHz": lambda call: [call.start(mediaFormat={"encoding": "audio/x-mulaw", "sampleRate": 16000})],
    "stereo": lambda call: [call.start(mediaFormat={"encoding": "audio/x-mulaw", "channels": 2})],
    "parameters that are none": lambda call: [call.start(customParameters={"a": 5})],
    "start null": lambda call: [call.says("start", start=None), call.says("start", start=[])],
}


async def test_a_stream_that_never_starts_ends_at_the_practice(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    """Shown out each time, asked for again a few times, and then a telephone rings: never silence."""
    async with (
        open_house(line, caplog, start_limit_s=1.0) as house,
        house.beside_a_healthy_call(all_along=True),
    ):
        await at_once(house, never_started, NEVER)


async def never_started(house: House, name: str) -> None:
    async with OddCall(house.base) as call:
        answer = await call.rings()
        for _ in range(6):
            if verbs(answer) == ["Dial"]:
                break
            await call.opens(answer)
            await call.sends(*NEVER[name](call))
            assert await call.is_shown_out() == 1008
            answer = await call.resumes()
        assert verbs(answer) == ["Dial"]
        await call.resumes(DialCallStatus="completed")
        await call.hangs_up()
        closed = await house.closed(call.call_sid)
        assert (closed.disposition, [turn.caller_text for turn in closed.turns]) == ("abandoned", [""])


async def test_a_caller_who_hangs_up_is_heard_no_further(house: House) -> None:
    """Media after stop, and a second stop, are nobody's any more."""
    async with house.beside_a_healthy_call(), OddCall(house.base) as call:
        await call.starts(await call.rings())
        await call.sends(
            call.says("stop", stop={}), *[call.frame()] * 100, call.says("stop", stop={}), call.start()
        )
        await call.is_shown_out()
        await call.hangs_up()
        assert (await house.closed(call.call_sid)).disposition == "abandoned"
        assert verbs(await call.resumes()) == ["Hangup"]


async def test_a_call_that_is_over_is_closed_when_its_socket_goes_too(house: House) -> None:
    """The carrier reports the end before the socket breaks, and never says stop."""
    async with house.beside_a_healthy_call(), OddCall(house.base) as call:
        await call.starts(await call.rings())
        await call.hangs_up()
        assert await call.is_on_the_line()
        await call.drops()
        assert (await house.closed(call.call_sid)).disposition == "abandoned"


async def test_a_flood_waits_at_its_sender_and_other_calls_do_not(house: House) -> None:
    """Four minutes of noise in a moment: read at a telephone's pace, so most of it is not read at all."""
    async with OddCall(house.base) as call:
        await call.starts(await call.rings())
        loud = json.loads(call.frame(base64.b64encode(NOISE(160)).decode()))
        flood = [json.dumps({**loud, "sequenceNumber": str(number)}) for number in range(1, 12_001)]
        async with house.beside_a_healthy_call():
            sending = asyncio.create_task(call.sends(*flood))
        read = house.answering.streams[call.call_sid].codec.sequence.highest
        assert read is not None
        assert PATIENT.burst_s * 50 <= read < len(flood) / 4
        sending.cancel()
        await call.drops()
        await call.hangs_up()


async def test_a_caller_who_never_reads_costs_nobody_else(house: House) -> None:
    async with OddCall(house.base) as call:
        await call.starts(await call.rings())
        call.stops_reading()
        async with house.beside_a_healthy_call():
            await call.sends(*[call.frame()] * 100)
        await call.drops()
        await call.hangs_up()
        assert (await house.closed(call.call_sid)).disposition == "abandoned"
