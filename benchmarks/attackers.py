"""Who attacks while calls go on, each kind for some seconds; see `benchmarks.attack`.

    python -m benchmarks.attackers loris --base http://127.0.0.1:8080 --seconds 10

- ``frames``: streams that begin as calls do (their signature is genuine) and then send what no carrier sends
- ``loris``: up to 1,000 sockets whose request never ends, a byte a second each, opened anew when closed
- ``bodies``: 200 MB to the webhook, with their length and without
- ``messages``: one message of 17 MB into a stream that has begun
- ``flood``: connections that are opened and dropped, and requests without a signature
Prints what was tried and how it was answered, as JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx

from benchmarks.hostile_frames import frame, texts, wild
from benchmarks.line_load import ask_for_stream, upgrade
from benchmarks.line_server import ACCOUNT_SID, AUTH_TOKEN, PUBLIC_URL
from telephony.double.carrier import Account
from telephony.double.wire import Wire

BODY_BYTES = 200_000_000
MESSAGE_BYTES = 17_000_000
PIECE = b"a" * 65_536
DRIP_S = 1.0
FRAMES_EACH = 60  # of one hostile stream; fifty malformed ones in a row end it
CLOSING_S = 10.0
TURNED_AWAY_S = 0.5  # then that one calls again: sixteen calls a second by eight, as many as they begin else
HEAD = b"POST /twilio/voice HTTP/1.1\r\nHost: phone.example.org\r\n"
_CLOSE = re.compile(rb"\x88.\x03[\xe8-\xf3]", re.DOTALL)  # RFC 6455 sections 5.5.1, 7.4.1
GONE = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, httpx.HTTPError)


class Attacker:
    """``counts`` says what was tried, and how it ended."""

    def __init__(
        self, base: str, seconds: float, *, seed: int = 1, rate: float = 1_000.0, sockets: int = 1_000
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._base, self._until = base, time.monotonic() + seconds
        self._rate, self._sockets = rate, sockets
        self._random = random.Random(seed)
        host, _, port = base.removeprefix("http://").partition(":")
        self._place = host, int(port)

    async def attack(self, kind: str) -> Counter[str]:
        await self._kinds()[kind]()
        return self.counts

    def _kinds(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {
            "frames": lambda: self._side_by_side(8, self._hostile_stream),
            "loris": lambda: self._side_by_side(self._sockets, self._drips),
            "bodies": lambda: self._side_by_side(8, self._huge_body),
            "messages": lambda: self._side_by_side(4, self._huge_message),
            "flood": lambda: self._side_by_side(50, self._knocks),
        }

    async def _side_by_side(self, many: int, once: Callable[[], Awaitable[None]]) -> None:
        async def again() -> None:
            """At least once, however slow the machine."""
            is_first = True
            while is_first or time.monotonic() < self._until:
                is_first = False
                with contextlib.suppress(*GONE):
                    await once()

        await asyncio.gather(*(again() for _ in range(many)))

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        self.counts["connections"] += 1
        async with asyncio.timeout(60):
            reader, writer = await asyncio.open_connection(*self._place)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    # streams

    @contextlib.asynccontextmanager
    async def _stream(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, str]]:
        """One that has begun as a call's does."""
        stream_sid, call_sid = "MZ" + secrets.token_hex(16), "CA" + secrets.token_hex(16)
        account = Account(self._base, PUBLIC_URL, ACCOUNT_SID, AUTH_TOKEN)
        try:
            path = await ask_for_stream(account, call_sid)
        except ConnectionError:
            self.counts["turned away"] += 1
            await asyncio.sleep(TURNED_AWAY_S)
            raise
        async with self._connected() as (reader, writer):
            writer.write(upgrade(account, path).encode())
            await reader.readuntil(b"\r\n\r\n")
            wire = Wire(stream_sid, ACCOUNT_SID, call_sid)
            for text in (wire.connected(), wire.start({})):
                writer.write(frame(text.encode()))
            self.counts["streams"] += 1
            yield reader, writer, stream_sid

    async def _hostile_stream(self) -> None:
        async with self._stream() as (reader, writer, stream_sid):
            deck = [frame(text) for text in texts(stream_sid)]
            sent = [self._random.choice(deck) for _ in range(FRAMES_EACH)] + [wild(self._random)]
            began = time.monotonic()
            for each in sent:
                writer.write(each)
                self.counts["frames"] += 1
            await writer.drain()
            self.counts["shown out"] += await self._is_closed(reader)
            await asyncio.sleep(8 * len(sent) / self._rate - (time.monotonic() - began))

    async def _huge_message(self) -> None:
        async with self._stream() as (reader, writer, _):
            closed = asyncio.create_task(self._is_closed(reader))
            writer.write(frame(b"", declared=MESSAGE_BYTES))
            await self._pours(writer, MESSAGE_BYTES)
            self.counts["shown out"] += await closed

    # requests

    async def _drips(self) -> None:
        async with self._connected() as (reader, writer):
            writer.write(HEAD)
            closed = asyncio.create_task(self._is_closed(reader, 60.0))
            while not closed.done() and time.monotonic() < self._until:
                writer.write(b"X-A: b\r\n")
                await asyncio.wait({closed}, timeout=DRIP_S)
            self.counts["shown out"] += closed.done()
            closed.cancel()

    async def _huge_body(self) -> None:
        chunked = self._random.random() < 0.5
        kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
        size = (
            b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: %d\r\n\r\n" % BODY_BYTES
        )
        async with self._connected() as (reader, writer):
            answered = asyncio.create_task(reader.readuntil(b"\r\n"))
            writer.write(HEAD + kind + size)
            await self._pours(writer, BODY_BYTES, b"%x\r\n%s\r\n" % (len(PIECE), PIECE) if chunked else PIECE)
            self.counts[await _status(answered)] += 1

    async def _pours(self, writer: asyncio.StreamWriter, size: int, piece: bytes = PIECE) -> None:
        """Until the other side has had enough."""
        with contextlib.suppress(*GONE):
            async with asyncio.timeout(CLOSING_S):
                for _ in range(size // len(PIECE)):
                    writer.write(piece)
                    await writer.drain()
                    self.counts["pieces"] += 1

    async def _knocks(self) -> None:
        async with self._connected() as (reader, writer):
            if self._random.random() < 0.5:
                writer.write(
                    HEAD + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b"
                )
                answer = await reader.readuntil(b"\r\n")
                self.counts[answer.split(b" ")[1].decode()] += 1
        await asyncio.sleep(50 / self._rate)

    async def _is_closed(self, reader: asyncio.StreamReader, limit_s: float = CLOSING_S) -> bool:
        """Closed, or told so by a close frame, which we do not answer. What comes before it is read."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                with contextlib.suppress(OSError):
                    while (data := await reader.read(65_536)) and not _CLOSE.search(data):
                        pass
                return True
        return False


async def _status(answered: asyncio.Task[bytes]) -> str:
    """Who still sends when the server has gone may never see its answer."""
    try:
        return (await answered).split(b" ")[1].decode()
    except GONE:
        return "cut off"


KINDS = ("frames", "loris", "bodies", "messages", "flood")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--base", required=True)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1_000.0, help="frames or connections a second")
    parser.add_argument("--core", type=int)
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    os.nice(10)  # callers on the same core must not wait for us: the server's delays are measured
    attacker = Attacker(options.base, options.seconds, seed=options.seed, rate=options.rate)
    print(json.dumps(asyncio.run(attacker.attack(options.kind))))


if __name__ == "__main__":
    main()
