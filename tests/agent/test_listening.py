"""Slow, endless and idle connections, on a real socket: each is closed, the others are served."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
from collections.abc import AsyncIterator
from typing import ClassVar

import httpx
import pytest
from fastapi import FastAPI, Request, WebSocket
from websockets.asyncio.client import connect

from agent import listening
from agent.listening import BodyLimit, GuardedProtocol

GET = b"GET /page HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /page HTTP/1.1\r\nHost: x\r\n"


class Quick(GuardedProtocol):
    """Limits a test can wait for."""

    head_limit_s: ClassVar[float] = 0.3
    leftover_limit_s: ClassVar[float] = 0.3


class Crowded(GuardedProtocol):
    head_limit_s: ClassVar[float] = 600.0
    waiting_limit: ClassVar[int] = 5


def app() -> FastAPI:
    pages = FastAPI()

    @pages.get("/page")
    async def page() -> str:
        return "here"

    @pages.post("/page")
    async def posted(request: Request) -> int:
        return len(await request.body())

    @pages.websocket("/socket")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        with contextlib.suppress(Exception):
            while True:
                await socket.send_text(await socket.receive_text())

    pages.add_middleware(BodyLimit, limit_bytes=1_000, limit_s=0.3)
    return pages


@pytest.fixture
async def port() -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = listening.server(app(), Quick)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


async def _said(reader: asyncio.StreamReader) -> bytes:
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := await reader.read(65_536):
            said += piece
    return said


async def closed(port: int, *pieces: bytes, pause_s: float = 0.1) -> bytes:
    """What the server said to these pieces until it closed; it must do so by itself.

    Who is still sending then may see a reset: it is closed too.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sending = asyncio.create_task(_send(writer, pieces, pause_s))
    try:
        async with asyncio.timeout(60):
            return await _said(reader)
    finally:
        sending.cancel()
        writer.close()


async def _send(writer: asyncio.StreamWriter, pieces: tuple[bytes, ...], pause_s: float) -> None:
    with contextlib.suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)


async def get(port: int) -> str:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        return (await client.get(f"http://127.0.0.1:{port}/page", timeout=60)).text


async def test_a_silent_connection_is_closed(port: int) -> None:
    assert await closed(port) == b""


async def test_a_head_that_drips_is_closed(port: int) -> None:
    dripping = [bytes([letter]) for letter in GET * 5]
    assert await closed(port, *dripping, pause_s=0.02) == b""


async def test_a_hundred_that_drip_do_not_keep_others_waiting(port: int) -> None:
    drips = [closed(port, GET, *[b"X-A: b\r\n"] * 30, pause_s=0.1) for _ in range(100)]
    dripping = asyncio.gather(*drips)
    assert await get(port) == '"here"'
    assert await dripping == [b""] * 100


async def test_the_next_request_on_a_kept_connection_must_come_in_time_too(port: int) -> None:
    said = await closed(port, GET + b"\r\n", *[bytes([letter]) for letter in GET], pause_s=0.05)
    assert said.count(b"HTTP/1.1 200") == 1


async def test_a_kept_connection_serves_many_requests(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=60, base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            assert (await client.get("/page")).text == '"here"'
            await asyncio.sleep(0.35)  # longer than a head may take: waiting between requests is allowed
        assert (await client.post("/page", content=b"x" * 900)).text == "900"


async def test_a_body_that_drips_gets_408_or_is_closed(port: int) -> None:
    head = POST + b"Content-Length: 500\r\n\r\n"
    assert (await closed(port, head, *[b"x"] * 30, pause_s=0.05)).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("size", [1_001, 200_000_000])
async def test_a_declared_body_over_the_limit_gets_413_and_is_not_read(port: int, size: int) -> None:
    head = POST + f"Content-Length: {size}\r\n\r\n".encode()
    said = await closed(port, head + b"x" * 1_001, *[b"x" * 50_000] * 20, pause_s=0.02)
    assert said.startswith(b"HTTP/1.1 413")


async def test_a_chunked_body_over_the_limit_gets_413(port: int) -> None:
    chunk = b"3e8\r\n" + b"x" * 1_000 + b"\r\n"
    said = await closed(port, POST + b"Transfer-Encoding: chunked\r\n\r\n", chunk, chunk, chunk, pause_s=0.02)
    assert said.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("path", [b"/page", b"/nowhere"])
async def test_a_body_that_nobody_wants_is_not_read_for_long(port: int, path: bytes) -> None:
    head = b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 200000000\r\n\r\n"
    dripping = closed(port, head, *[b"x"] * 200, pause_s=0.02)
    pouring = closed(port, head, *[b"x" * 60_000] * 200, pause_s=0)
    for said in await asyncio.gather(dripping, pouring, return_exceptions=True):
        if isinstance(said, bytes):  # what pours on may see a reset instead of the answer
            assert said.startswith(b"HTTP/1.1 ")
        else:
            assert isinstance(said, ConnectionError)


@pytest.mark.parametrize(
    "lines",
    [
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",  # no key
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nX-Long: " + b"x" * 20_000 + b"\r\n",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\n" + b"X-Many: x\r\n" * 300,
        b"Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 5\r\n",
    ],
    ids=["no key", "a long line", "many lines", "another protocol"],
)
async def test_an_upgrade_that_is_none_does_not_stay_open(port: int, lines: bytes) -> None:
    await closed(port, b"GET /socket HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n")


async def test_an_open_websocket_outlives_the_head_limit(port: int) -> None:

    async with connect(f"ws://127.0.0.1:{port}/socket", proxy=None) as talk:
        await asyncio.sleep(0.5)
        await talk.send("still here")
        assert await talk.recv() == "still here"


async def test_more_connections_than_the_limit_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "CONNECTION_LIMIT", 20)
    listener = socket.create_server(("127.0.0.1", 0))
    server = listening.server(app())
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    port = listener.getsockname()[1]
    idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(25)]
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/page")).status_code == 503
    for _, writer in idle:
        writer.close()
        await writer.wait_closed()
    async with asyncio.timeout(60):
        while await get(port) != '"here"':
            await asyncio.sleep(0.05)
    server.should_exit = True
    await serving


def test_a_process_may_have_the_sockets_it_allows() -> None:
    listening.allow_many_files()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft in (resource.RLIM_INFINITY, hard) or soft > listening.CONNECTION_LIMIT


async def test_a_crowd_that_waits_makes_room_for_who_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest waiting goes, whether it never asked or asked and stays; an open socket is none of them."""
    monkeypatch.setattr(listening, "CONNECTION_LIMIT", 12)
    listener = socket.create_server(("127.0.0.1", 0))
    server = listening.server(app(), Crowded)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    port = listener.getsockname()[1]
    async with connect(f"ws://127.0.0.1:{port}/socket", proxy=None) as talking:
        crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(30)]
        for _, writer in crowd[::2]:
            writer.write(GET)
        for reader, _ in crowd[:20]:
            async with asyncio.timeout(60):
                assert not await reader.read()
        assert await get(port) == '"here"'
        await talking.send("still")
        assert await talking.recv() == "still"
    for _, writer in crowd:
        writer.close()
    server.should_exit = True
    await serving
