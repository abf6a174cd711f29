"""The limits of both listeners that uvicorn does not have: slow heads, slow and endless bodies, idle sockets.

A proxy in front has such limits too; these hold when there is none, and behind one that is set up badly.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import Iterator
from typing import ClassVar

import h11
import uvicorn
from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_LIMIT_S = 5.0  # from connecting, or from a further request's first byte, to the end of its head
LEFTOVER_LIMIT_S = 1.0  # for a body that still comes after it was answered
LEFTOVER_LIMIT_BYTES = 256 * 1024
KEEP_ALIVE_S = 20
CONNECTION_LIMIT = 2_000  # open at once on one listener, calls included; the next requests get 503
WAITING_LIMIT = 1_000  # of these, with no whole request: the longest waiting one goes for a new one
MESSAGE_LIMIT_BYTES = 65_536  # of a websocket's message
FILES_WANTED = 16_384


class GuardedProtocol(H11Protocol):
    """HTTP/1.1 whose sender must get on with it. What is closed here gets no answer: nobody waits for one."""

    head_limit_s: ClassVar[float] = HEAD_LIMIT_S
    leftover_limit_s: ClassVar[float] = LEFTOVER_LIMIT_S
    waiting_limit: ClassVar[int] = WAITING_LIMIT
    _timer: asyncio.TimerHandle | None = None
    _leftover_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._close_in(self.head_limit_s)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._waiting.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        if self._timer is None and (before is None or before.response_complete):
            self._close_in(self.head_limit_s)
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            self._waiting.pop(self, None)
            self._upgraded()
        elif self.cycle is not before:
            self._disarm()  # a head is complete; its body has limits of its own
            self._waiting.pop(self, None)
        elif self._answered_early:
            self._count_leftover(len(data))

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.transport.is_closing():
            self._wait()
        if self._answered_early:
            self._leftover_bytes = 0
            self._close_in(self.leftover_limit_s)

    @property
    def _waiting(self) -> dict[GuardedProtocol, None]:
        """The listener's connections without a request under way, the longest waiting one first."""
        waiting: dict[GuardedProtocol, None] = vars(self.server_state).setdefault("waiting", {})
        return waiting

    def _wait(self) -> None:
        """A crowd that sends nothing whole must not take the places of those who do."""
        waiting = self._waiting
        waiting.pop(self, None)
        waiting[self] = None
        if len(waiting) > self.waiting_limit:
            oldest = next(iter(waiting))
            del waiting[oldest]
            oldest.transport.close()

    @property
    def _answered_early(self) -> bool:
        """The answer is out and the request still comes in."""
        answered = self.cycle is not None and self.cycle.response_complete
        return answered and self.conn.their_state is h11.SEND_BODY

    def _count_leftover(self, size: int) -> None:
        self._leftover_bytes += size
        if self._leftover_bytes > LEFTOVER_LIMIT_BYTES:
            self.transport.close()

    def _upgraded(self) -> None:
        """The socket is a websocket's now. One whose head was not understood would wait for ever."""
        self._disarm()
        if not getattr(self.transport.get_protocol(), "handshake_initiated", True):
            self.transport.close()

    def _close_in(self, limit_s: float) -> None:
        self._disarm()
        self._timer = self.loop.call_later(limit_s, self.transport.close)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class BodyLimit:
    """ASGI middleware: 413 for a body of more than ``limit_bytes``, 408 for one that takes too long."""

    def __init__(self, app: ASGIApp, *, limit_bytes: int, limit_s: float) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._limit_s = limit_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limited = self._limited(receive) if scope["type"] == "http" else receive
        await self._app(scope, limited, send)

    def _limited(self, receive: Receive) -> Receive:
        loop, left = asyncio.get_running_loop(), self._limit_bytes
        due_s, complete = loop.time() + self._limit_s, False

        async def limited() -> Message:
            nonlocal left, complete
            if complete:
                return await receive()  # waits for the client to go, however long the answer takes
            try:
                async with asyncio.timeout_at(due_s):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            left -= len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if left < 0:
                raise HTTPException(413)
            return message

        return limited


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to us: two of them share one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(app: ASGIApp, protocol: type[GuardedProtocol] = GuardedProtocol) -> Server:
    return Server(
        uvicorn.Config(
            app,
            http=protocol,
            ws="websockets-sansio",
            ws_max_size=MESSAGE_LIMIT_BYTES,
            ws_per_message_deflate=False,
            limit_concurrency=CONNECTION_LIMIT,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=5,
        )
    )


def allow_many_files() -> None:
    """As many sockets as the system lets us have: the usual 1,024 are fewer than the connections we allow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, FILES_WANTED)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
