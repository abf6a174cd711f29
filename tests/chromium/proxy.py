"""A wire between browser and server that a test can cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit


class Wire:
    def __init__(self, url: str) -> None:
        self._port = urlsplit(url).port
        self._ends: set[asyncio.StreamWriter] = set()
        self.url = ""

    def cut(self) -> None:
        """Everything that is connected is gone, without a word; what comes next is connected again."""
        for end in self._ends:
            end.transport.abort()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server, from_server = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends |= {writer, from_server}
        await asyncio.gather(_pass_on(reader, from_server), _pass_on(to_server, writer))
        self._ends -= {writer, from_server}


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, OSError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[Wire]:
    wire = Wire(url)
    server = await asyncio.start_server(wire.connect, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        wire.cut()
        server.close()
