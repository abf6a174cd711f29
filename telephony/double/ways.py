"""How the double reaches a server: over the network, or inside this process with the clock that runs here."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

OPEN_LIMIT_S = 5.0
LOST = 1006  # RFC 6455 section 7.1.5: the connection is gone without a word


class NotOpened(Exception):
    """The server refused the socket, or could not be reached; begins with the carrier's number for it."""


class Socket(Protocol):
    """``receive`` gives None once the socket is closed; ``close_code`` is then the server's, None if it
    is gone without a word. ``send`` raises ``ConnectionError`` on a closed one."""

    close_code: int | None

    async def send(self, message: str) -> None: ...

    async def receive(self) -> str | bytes | None: ...

    async def close(self) -> None: ...

    def abort(self) -> None: ...


class Way(Protocol):
    def http(self, timeout: httpx.Timeout) -> httpx.AsyncClient: ...

    def socket(self, address: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[Socket]:
        """Raises ``NotOpened``."""


# --------------------------------------------------------------------------- over the network


class OverNetwork:
    def http(self, timeout: httpx.Timeout) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False, verify=_trust())

    @contextlib.asynccontextmanager
    async def socket(self, address: str, headers: Mapping[str, str]) -> AsyncIterator[Socket]:
        try:
            connection = await connect(
                address,
                additional_headers=dict(headers),
                compression=None,
                open_timeout=OPEN_LIMIT_S,
                proxy=None,
            )
        except InvalidStatus as refusal:
            status = refusal.response.status_code
            raise NotOpened(f"31920 the handshake was answered with {status}") from None
        except (TimeoutError, OSError, InvalidHandshake) as failure:
            raise NotOpened(f"31901 the stream could not be opened: {type(failure).__name__}") from None
        async with connection:
            yield _NetworkSocket(connection)


class _NetworkSocket:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.close_code: int | None = None

    async def send(self, message: str) -> None:
        try:
            await self._connection.send(message)
        except ConnectionClosed:
            raise ConnectionError("the socket is closed") from None

    async def receive(self) -> str | bytes | None:
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            self.close_code = closed.rcvd.code if closed.rcvd else None
            return None

    async def close(self) -> None:
        await self._connection.close()

    def abort(self) -> None:
        self._connection.transport.abort()


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


NETWORK = OverNetwork()


# --------------------------------------------------------------------------- inside this process


class InProcess:
    """An ASGI application that runs in this loop: the same requests and messages, no socket between."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def http(self, timeout: httpx.Timeout) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self._app), timeout=timeout)

    @contextlib.asynccontextmanager
    async def socket(self, address: str, headers: Mapping[str, str]) -> AsyncIterator[Socket]:
        socket = _AsgiSocket()
        serving = asyncio.create_task(
            self._app(_scope(address, headers), socket.to_server.get, socket.from_server.put)
        )
        serving.add_done_callback(lambda _: socket.server_left())
        try:
            await socket.opened()
            yield socket
        finally:
            socket.abort()
            await serving  # whatever is wrong there is not lost here


class _AsgiSocket:
    """The client's end: https://asgi.readthedocs.io/en/latest/specs/www.html#websocket."""

    def __init__(self) -> None:
        self.close_code: int | None = None
        self.to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._closed = False

    async def opened(self) -> None:
        self._tell("websocket.connect")
        answer = await self.from_server.get()
        if answer["type"] != "websocket.accept":
            self._closed = True
            raise NotOpened(f"31920 the handshake was answered with {answer.get('status', 403)}")

    async def send(self, message: str) -> None:
        if self._closed:
            raise ConnectionError("the socket is closed")
        self._tell("websocket.receive", text=message)

    async def receive(self) -> str | bytes | None:
        if self._closed:
            return None
        message = await self.from_server.get()
        if message["type"] != "websocket.send":
            self._closed, self.close_code = True, message.get("code")
            return None
        content: str | bytes = message.get("text") or message.get("bytes") or ""
        return content

    async def close(self) -> None:
        self._leave(1000)

    def abort(self) -> None:
        self._leave(LOST)

    def server_left(self) -> None:
        self.from_server.put_nowait({"type": "gone"})

    def _leave(self, code: int) -> None:
        if not self._closed:
            self._closed = True
            self._tell("websocket.disconnect", code=code)
            self.server_left()

    def _tell(self, kind: str, **more: object) -> None:
        self.to_server.put_nowait({"type": kind, **more})


def _scope(address: str, headers: Mapping[str, str]) -> dict[str, Any]:
    parts = urlsplit(address)
    named = {"host": parts.netloc, **headers}
    return {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": parts.scheme,
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()],
        "client": ("in-process", 0),
        "server": (parts.hostname, parts.port),
        "subprotocols": [],
    }
