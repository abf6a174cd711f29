"""The media socket: who is let in, and what ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from models.domain import CallerAudio
from telephony.events import KeyPressed, StreamStopped
from telephony.media_stream import StreamEnd
from telephony.webhooks import build_router
from tests.carrier.people import until
from tests.telephony.agents import Desk
from tests.telephony.serving import served
from tests.telephony.signing import ACCOUNT, CALL, CONFIG, signed

STREAM = "MZ" + "1" * 32
FRAME_B64 = "/////w=="


@pytest.fixture
def desk() -> Desk:
    return Desk()


@contextlib.asynccontextmanager
async def door(desk: Desk, **limits: Any) -> AsyncIterator[str]:
    """With limits that nobody comes near, on a busy machine either, but for those that are given."""
    app = FastAPI()
    patient = replace(CONFIG, start_limit_s=60.0, idle_limit_s=60.0, garbage_limit=5)
    app.include_router(build_router(replace(patient, **limits), desk))
    with capture_logs():
        async with served(app) as url:
            yield url.replace("http://", "ws://")


@pytest.fixture
async def base(desk: Desk) -> AsyncIterator[str]:
    async with door(desk) as url:
        yield url


def upgrade(base: str, token: str, **changes: Any) -> connect:
    path = f"/twilio/media/{token}"
    headers = changes.get("headers", signed(CONFIG.socket_url(path)))
    return connect(
        base + path + changes.get("query", ""), additional_headers=headers, compression=None, proxy=None
    )


def message(event: str, **content: Any) -> str:
    return json.dumps({"event": event, "sequenceNumber": "1", "streamSid": STREAM, **content})


def start(call_sid: str = CALL, account_sid: str = ACCOUNT) -> str:
    return message("start", start={"streamSid": STREAM, "accountSid": account_sid, "callSid": call_sid})


def media(timestamp: int = 5) -> str:
    return message("media", media={"track": "inbound", "timestamp": str(timestamp), "payload": FRAME_B64})


async def closing_code(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(60):
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.recv()
    return socket.close_code


async def refused(base: str, token: str, **changes: Any) -> int:
    with pytest.raises(InvalidStatus) as refusal:
        async with upgrade(base, token, **changes):
            pass
    return int(refusal.value.response.status_code)


async def test_a_stream_passes_its_events_until_it_stops(base: str, desk: Desk) -> None:
    async with upgrade(base, desk.tokens.mint(CALL)) as socket:
        for text in ('{"event":"connected"}', start(), media(5), message("dtmf", dtmf={"digit": "5"}),
                     message("surprise"), message("stop")):  # fmt: skip
            await socket.send(text)
        assert await closing_code(socket) == 1000
    assert desk.events == [CallerAudio(b"\xff" * 4, 5), KeyPressed("5"), StreamStopped()]
    assert desk.streams[0].started.call_sid == CALL
    assert desk.streams[0].ended is StreamEnd.STOPPED


async def test_the_upgrade_must_be_signed_over_its_own_address(base: str, desk: Desk) -> None:
    token = desk.tokens.mint(CALL)
    path = f"/twilio/media/{token}"
    for headers in (
        {}, signed(CONFIG.url(path)), signed(CONFIG.socket_url(path) + "/"), signed(base + path),
        signed(CONFIG.socket_url(path), token="another"), signed(CONFIG.socket_url("/twilio/media/other")),
    ):  # fmt: skip
        assert await refused(base, token, headers=headers) == 403
    signed_with_query = signed(CONFIG.socket_url(path) + "?a=1")
    assert await refused(base, token, query="?a=1", headers=signed_with_query) == 403
    async with upgrade(base, token) as socket:  # none of these used it up
        await socket.send(start())
        await socket.send(message("stop"))
        assert await closing_code(socket) == 1000


async def test_a_forged_or_expired_token_is_refused_although_signed(base: str, desk: Desk) -> None:
    assert await refused(base, "forged") == 403
    token = desk.tokens.mint(CALL)
    desk.now += timedelta(seconds=61)
    assert await refused(base, token) == 403


async def test_not_ready_is_refused_so_that_the_carrier_asks_how_to_go_on(base: str, desk: Desk) -> None:
    desk.is_ready = False
    assert await refused(base, desk.tokens.mint(CALL)) == 403


async def test_a_captured_upgrade_works_once(base: str, desk: Desk) -> None:
    token = desk.tokens.mint(CALL)
    async with upgrade(base, token) as first, upgrade(base, token) as second:
        await first.send(start())
        await until(lambda: desk.streams)
        await second.send(start())
        assert await closing_code(second) == 1008
        await first.send(message("stop"))
        assert await closing_code(first) == 1000
    assert len(desk.streams) == 1


@pytest.mark.parametrize("opening", [start("CA" + "9" * 32), start(account_sid="AC" + "9" * 32)])
async def test_a_foreign_call_or_account_is_shown_out(base: str, desk: Desk, opening: str) -> None:
    async with upgrade(base, desk.tokens.mint(CALL)) as socket:
        await socket.send(opening)
        assert await closing_code(socket) == 1008
    assert not desk.streams


@pytest.mark.parametrize("texts", [[], ['{"event":"connected"}'], [media()] * 3])
async def test_a_stream_that_does_not_start_is_closed_in_time(desk: Desk, texts: list[str]) -> None:
    async with door(desk, start_limit_s=0.2) as base, upgrade(base, desk.tokens.mint(CALL)) as socket:
        for text in texts:
            await socket.send(text)
        assert await closing_code(socket) == 1008
    assert not desk.streams


async def test_a_stream_without_frames_is_closed(desk: Desk) -> None:
    async with door(desk, idle_limit_s=0.2) as base, upgrade(base, desk.tokens.mint(CALL)) as socket:
        await socket.send(start())
        assert await closing_code(socket) == 1000
    assert desk.streams[0].ended is StreamEnd.IDLE


async def test_garbage_is_skipped_up_to_a_point(base: str, desk: Desk) -> None:
    garbage: list[str | bytes] = ["{", "null", "[]", b"\x00"]
    async with upgrade(base, desk.tokens.mint(CALL)) as socket:
        for text in [start(), *garbage, media(1), *garbage, media(2), *garbage, "x"]:
            await socket.send(text)
        assert await closing_code(socket) == 1000
    assert [event.timestamp_ms for event in desk.events if isinstance(event, CallerAudio)] == [1, 2]
    assert desk.streams[0].malformed == 13
    assert desk.streams[0].ended is StreamEnd.GARBAGE


async def test_an_oversize_message_ends_the_stream_and_nothing_else(base: str, desk: Desk) -> None:
    async with upgrade(base, desk.tokens.mint(CALL)) as socket:
        await socket.send(start())
        await socket.send("x" * 200_000)
        assert await closing_code(socket) == 1009
    async with upgrade(base, desk.tokens.mint(CALL)) as socket:
        await socket.send(start())
        await socket.send(message("stop"))
        assert await closing_code(socket) == 1000


async def test_a_lost_socket_is_told_apart_from_a_stop(base: str, desk: Desk) -> None:
    async with upgrade(base, desk.tokens.mint(CALL)) as socket:
        await socket.send(start())
        await socket.send(media())
        await until(lambda: desk.events)
        socket.transport.abort()
    await until(lambda: desk.streams[0].ended)
    assert desk.streams[0].ended is StreamEnd.LOST
    await desk.streams[0].send("late")  # harmless
    await desk.streams[0].close()


async def test_a_failing_call_loop_closes_its_stream(base: str, desk: Desk) -> None:
    desk.fault = RuntimeError("boom")
    async with upgrade(base, desk.tokens.mint(CALL)) as socket:
        await socket.send(start())
        assert await closing_code(socket) == 1001
