"""The carrier's end of one media stream: opens the socket, sends frames, plays what comes."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from telephony.double.carrier import Account
from telephony.double.journal import Journal
from telephony.double.line import Line, Tick
from telephony.double.wire import Clear, Mark, Media, Unusable, Wire

OPEN_LIMIT_S = 5.0
NOT_OPENED = "not opened"
BACKLOG_LIMIT = 250  # messages (5 s) that the server may be behind before audio is thrown away


class MediaSocket:
    """One stream. ``run`` returns how it ended; when cancelled it says stop and closes first."""

    def __init__(self, account: Account, call_sid: str, line: Line, journal: Journal) -> None:
        self._account = account
        self._line = line
        self._journal = journal
        self.stream_sid = "MZ" + secrets.token_hex(16)
        self._wire = Wire(self.stream_sid, account.account_sid, call_sid)
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._socket: ClientConnection | None = None
        self.tells: Callable[[str, str], None] = lambda event, error: None  # the stream's status callback
        self._dropped = False
        self._overrun = False

    async def run(self, url: str, parameters: dict[str, str]) -> str:
        headers = {"X-Twilio-Signature": self._account.sign(url, {})}
        address = self._account.real(url)
        try:
            async with connect(
                address, additional_headers=headers, compression=None, open_timeout=OPEN_LIMIT_S, proxy=None
            ) as socket:
                return await self._talk(socket, parameters)
        except InvalidStatus as refusal:
            self._failed(f"31920 the handshake was answered with {refusal.response.status_code}")
        except (TimeoutError, OSError, InvalidHandshake) as failure:
            self._failed(f"31901 the stream could not be opened: {type(failure).__name__}")
        return NOT_OPENED

    def _failed(self, problem: str) -> None:
        self._journal.warn(problem)
        self.tells("stream-error", problem)

    def tick(self, tick: Tick) -> None:
        """The line moved on by a frame: echo what was reached, send what the caller says."""
        if self._socket is None:
            return
        for name in tick.marks:
            self._echo(name)
        if self._outgoing.qsize() < BACKLOG_LIMIT:
            self._outgoing.put_nowait(self._wire.media(tick.caller_frame))
        elif not self._overrun:
            self._overrun = True
            self._journal.warn("31930 the server reads too slowly: audio is thrown away")

    def press(self, digit: str) -> None:
        self._outgoing.put_nowait(self._wire.dtmf(digit))

    def drop(self) -> None:
        """The connection is gone, without a word to anybody."""
        self._dropped = True
        if self._socket is not None:
            self._socket.transport.abort()

    async def _talk(self, socket: ClientConnection, parameters: dict[str, str]) -> str:
        await socket.send(self._wire.connected())
        await socket.send(self._wire.start(parameters))
        times = self._journal.stream_started(self.stream_sid)
        self.tells("stream-started", "")
        self._socket = socket
        sending = asyncio.create_task(self._send_all(socket))
        ended_by = "carrier"
        try:
            ended_by = await self._receive_all(socket)
        except asyncio.CancelledError:
            await self._stop(socket, sending)
            raise
        finally:
            self._socket = None
            sending.cancel()
            self._line.cut()
            self._journal.stream_ended(times, ended_by)
            self.tells("stream-stopped", "")
        return ended_by

    async def _receive_all(self, socket: ClientConnection) -> str:
        try:
            async for message in socket:
                self._take(message)
        except ConnectionClosed as closed:
            if self._dropped:
                return "dropped"
            return "lost" if closed.rcvd is None else f"server closed ({closed.rcvd.code})"
        return f"server closed ({socket.close_code})"

    def _take(self, message: str | bytes) -> None:
        match self._wire.read(message):
            case Media(mulaw):
                self._line.play(mulaw)
            case Mark(name):
                self._line.mark(name)
            case Clear():
                for name in self._line.clear():
                    self._echo(name)
            case Unusable(warning):
                self._journal.warn(warning)

    def _echo(self, name: str) -> None:
        self._journal.marked(name)
        self._outgoing.put_nowait(self._wire.mark(name))

    async def _send_all(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await socket.send(await self._outgoing.get())

    async def _stop(self, socket: ClientConnection, sending: asyncio.Task[None]) -> None:
        """Hung up or moved elsewhere: the last message, then the close."""
        sending.cancel()
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(1.0):
                while not self._outgoing.empty():
                    await socket.send(self._outgoing.get_nowait())
                await socket.send(self._wire.stop())
                await socket.close()
