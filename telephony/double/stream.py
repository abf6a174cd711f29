"""The carrier's end of one media stream: opens the socket, sends frames, plays what comes."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable

from telephony.double.carrier import Account
from telephony.double.connection import Carriage, Sound
from telephony.double.journal import Journal
from telephony.double.line import Line, Tick
from telephony.double.ways import NotOpened, Socket
from telephony.double.wire import Clear, Mark, Media, Unusable, Wire

NOT_OPENED = "not opened"
BACKLOG_LIMIT = 250  # messages (5 s) that the server may be behind before audio is thrown away


class MediaSocket:
    """One stream. ``run`` returns how it ended; when cancelled it says stop and closes first."""

    def __init__(
        self, account: Account, call_sid: str, line: Line, journal: Journal, carriage: Carriage | None = None
    ) -> None:
        self._account = account
        self._line = line
        self._journal = journal
        self._carriage = carriage or Sound()
        self.stream_sid = "MZ" + secrets.token_hex(16)
        self._wire = Wire(self.stream_sid, account.account_sid, call_sid)
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()
        self._socket: Socket | None = None
        self.tells: Callable[[str, str], None] = lambda event, error: None  # the stream's status callback
        self._dropped = False
        self._overrun = False

    async def run(self, url: str, parameters: dict[str, str]) -> str:
        headers = {"X-Twilio-Signature": self._account.sign(url, {})}
        address = self._account.real(url)
        try:
            async with self._account.way.socket(address, headers) as socket:
                return await self._talk(socket, parameters)
        except NotOpened as failure:
            self._failed(str(failure))
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
            for message in self._carriage.carry(self._wire.media(tick.caller_frame)):
                self._outgoing.put_nowait(message)
        elif not self._overrun:
            self._overrun = True
            self._journal.warn("31930 the server reads too slowly: audio is thrown away")

    def press(self, digit: str) -> None:
        self._outgoing.put_nowait(self._wire.dtmf(digit))

    def drop(self) -> None:
        """The connection is gone, without a word to anybody."""
        self._dropped = True
        if self._socket is not None:
            self._socket.abort()

    async def _talk(self, socket: Socket, parameters: dict[str, str]) -> str:
        try:
            await socket.send(self._wire.connected())
            await socket.send(self._wire.start(parameters))
        except ConnectionError:  # the server is gone between its answer and our first word
            raise NotOpened("31901 the stream was lost before it began") from None
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

    async def _receive_all(self, socket: Socket) -> str:
        while (message := await socket.receive()) is not None:
            self._take(message)
        if self._dropped:
            return "dropped"
        return "lost" if socket.close_code is None else f"server closed ({socket.close_code})"

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

    async def _send_all(self, socket: Socket) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await socket.send(await self._outgoing.get())

    async def _stop(self, socket: Socket, sending: asyncio.Task[None]) -> None:
        """Hung up or moved elsewhere: the last message, then the close."""
        sending.cancel()
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(1.0):
                while not self._outgoing.empty():
                    await socket.send(self._outgoing.get_nowait())
                await socket.send(self._wire.stop())
                await socket.close()
