"""One call's media socket: events to iterate over, messages to send, and the limits that protect it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from models.errors import ProtocolError
from telephony.codec import MediaCodec
from telephony.config import TelephonyConfig
from telephony.events import (
    Ignored,
    RepeatedAudio,
    StreamConnected,
    StreamEvent,
    StreamStarted,
    StreamStopped,
)
from telephony.idle import IdleLimit
from telephony.throttle import Throttle

CLOCK_EVERY = 8  # messages: to ask the clock at each was a sixth of all that a call costs
FAIR_SHARE = 16  # messages that wait for us and are read in one go, before other calls have their turn
SEND_LIMIT_S = 5.0  # a carrier that does not read for this long is gone
NOTHING_TO_TELL = (Ignored, RepeatedAudio, StreamConnected)
NORMAL, POLICY, GOING_AWAY = 1000, 1008, 1001  # RFC 6455 section 7.4.1


class StreamEnd(StrEnum):
    """Why no more events come."""

    STOPPED = "stopped"  # the carrier said so: hung up, or moved elsewhere
    LOST = "lost"  # the socket is gone without a word
    IDLE = "idle"
    GARBAGE = "garbage"
    CLOSED = "closed"  # by us


class MediaStream:
    """``async for event in media`` until the stream ends; ``ended`` then says why.

    Malformed messages are counted in ``malformed`` and skipped. Messages that come faster than a
    telephone speaks are read in real time. ``send`` may be called from several tasks; on a stream that
    has ended it does nothing, for the iteration tells of the end.
    """

    def __init__(self, socket: WebSocket, config: TelephonyConfig) -> None:
        self.codec = MediaCodec()
        self.malformed = 0
        self.ended: StreamEnd | None = None
        self._socket = socket
        self._config = config
        self._malformed_in_row = 0
        self._throttle = Throttle(config.burst_s * 1_000)
        self._rest_s = 0.0
        self._read_in_row = 0
        self._messages = 0
        self._now_ms = 0.0
        self._idle_limit = IdleLimit(config.idle_limit_s)
        self._sending = asyncio.Lock()

    @property
    def started(self) -> StreamStarted:
        """Raises ``ProtocolError`` before ``open`` has returned."""
        if self.codec.started is None:
            raise ProtocolError("the stream has not started")
        return self.codec.started

    async def open(self) -> StreamStarted:
        """Wait for ``start``. Raises ``ProtocolError`` when it does not come, or not in time."""
        try:
            async with asyncio.timeout(self._config.start_limit_s):
                while self.codec.started is None and self.ended is None:
                    await self._rest()
                    await self._next()
        except TimeoutError:
            raise ProtocolError("no start message in time") from None
        return self.started

    def __aiter__(self) -> AsyncIterator[StreamEvent]:
        return self._events()

    async def _events(self) -> AsyncIterator[StreamEvent]:
        task = asyncio.current_task()
        while self.ended is None:
            await self._rest()
            event = await self._next_or_idle(task)
            if event is not None and not isinstance(event, NOTHING_TO_TELL):
                yield event

    async def send(self, message: str) -> None:
        async with self._sending:
            if self._is_gone():
                return
            try:
                async with asyncio.timeout(SEND_LIMIT_S):
                    await self._socket.send_text(message)
            except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
                self._end(StreamEnd.LOST)

    async def close(self, code: int = NORMAL) -> None:
        """End the stream; the carrier goes on with the TwiML after it. Harmless when already over."""
        self._end(StreamEnd.CLOSED)
        if self._is_gone():
            return
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                await self._socket.close(code)
        except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            return  # it was gone

    async def _next_or_idle(self, task: asyncio.Task[Any] | None) -> StreamEvent | None:
        try:
            return await self._idle_limit.wait(self._next(), task)
        except TimeoutError:
            self._end(StreamEnd.IDLE)
            return None

    async def _next(self) -> StreamEvent | None:
        """One message, or None when it was garbage or the end."""
        if self._is_gone():
            self._end(StreamEnd.LOST)
            return None
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            self._end(StreamEnd.LOST)
            return None
        event = self._read(message.get("text") or message.get("bytes") or "")
        if self._rest_s or self._messages % CLOCK_EVERY == 0:
            self._now_ms = asyncio.get_running_loop().time() * 1_000
        self._messages += 1
        self._rest_s = self._throttle.wait_ms(event, self._now_ms) / 1_000
        self._read_in_row += 1
        return event

    async def _rest(self) -> None:
        """Before the next message: as long as the throttle demands, and now and then for the others' sake."""
        if self._rest_s or self._read_in_row >= FAIR_SHARE:
            self._read_in_row = 0
            await asyncio.sleep(self._rest_s)

    def _read(self, message: str | bytes) -> StreamEvent | None:
        try:
            event = self.codec.receive(message)
        except ProtocolError:
            self._count_garbage()
            return None
        self._malformed_in_row = 0
        if isinstance(event, StreamStopped):
            self._end(StreamEnd.STOPPED)
        return event

    def _count_garbage(self) -> None:
        self.malformed += 1
        self._malformed_in_row += 1
        if self._malformed_in_row >= self._config.garbage_limit:
            self._end(StreamEnd.GARBAGE)

    def _end(self, reason: StreamEnd) -> None:
        self.ended = self.ended or reason

    def _is_gone(self) -> bool:
        states = (self._socket.client_state, self._socket.application_state)
        return WebSocketState.DISCONNECTED in states
