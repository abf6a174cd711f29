"""A speech worker on another machine, as a ``Remote``: connects again by itself, never waits too long."""

from __future__ import annotations

import asyncio
import contextlib
import time
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from agent import speech_wire as wire
from models.errors import WorkerError

CONNECT_LIMIT_S = 1.0
LIMIT_S = 1.0  # of everything but the last answer
FINISH_LIMIT_S = 3.0  # half of what a caller's utterance may take: another worker is tried with the rest
PING_S = 5.0


class SpeechClient:
    """Speaks `agent.speech_wire`. ``open_there``: utterances open there, everybody's, as last told."""

    def __init__(self, address: str, token: str, *, finish_limit_s: float = FINISH_LIMIT_S) -> None:
        self._address, self._token = address, token
        self.name = urlsplit(address).netloc
        self.open_there = 0
        self._finish_limit_s = finish_limit_s
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count(1)
        self._connecting = asyncio.Lock()
        self._tries_failed = 0

    async def __call__(self, method: str, *args: object) -> Any:
        if method != "feed":
            return await self._ask(method, args)
        name, pcm = args
        assert isinstance(pcm, bytes)
        for part in wire.parts(pcm):
            await self._ask(method, (name, part))
        return None

    async def _ask(self, method: str, args: tuple[object, ...]) -> Any:
        limit_s = self._finish_limit_s if method == "finish" else LIMIT_S
        socket, number = await self._connected(), next(self._numbers)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(limit_s):
                await socket.send(wire.request(number, method, args))
                return await future
        except TimeoutError as problem:
            raise WorkerError(f"{self.name}: no answer to {method} in {limit_s:g} s") from problem
        except (WebSocketException, OSError) as problem:
            raise WorkerError(f"{self.name}: connection lost") from problem
        finally:
            self._waiting.pop(number, None)

    async def ready(self) -> bool:
        """True while it is there and can hear."""
        try:
            return bool(await self("ready"))
        except WorkerError:
            return False

    async def close(self) -> None:
        if self._reading:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        if self._socket:
            await self._socket.close()

    async def _connected(self) -> ClientConnection:
        """One tries for all who wait meanwhile: where it fails they ask another at once."""
        failed_before = self._tries_failed
        async with self._connecting:
            if self._tries_failed != failed_before:
                raise WorkerError(f"{self.name}: cannot be had")
            if self._reading is None or self._reading.done():
                try:
                    async with asyncio.timeout(CONNECT_LIMIT_S):
                        self._socket = await self._opened()
                except WorkerError:
                    self._tries_failed += 1
                    raise
                except (WebSocketException, OSError, TimeoutError) as problem:
                    self._tries_failed += 1
                    raise WorkerError(f"{self.name}: cannot be had ({type(problem).__name__})") from problem
                self._reading = asyncio.create_task(self._read(self._socket))
            assert self._socket is not None
            return self._socket

    async def _opened(self) -> ClientConnection:
        """Nothing is sent to a worker that does not show that it has the token too."""
        claimed = wire.claim(self._token, time.time())
        socket = await connect(
            self._address,
            additional_headers={wire.CLAIM: claimed},
            compression=None,
            max_size=wire.MESSAGE_LIMIT_BYTES,
            ping_interval=PING_S,
            ping_timeout=2 * PING_S,
            close_timeout=0.5,
            proxy=None,
            user_agent_header=None,
        )
        shown = await socket.recv()
        if not isinstance(shown, str) or not wire.is_proof(self._token, claimed, shown):
            await socket.close()
            raise WorkerError(
                f"{self.name} is no worker of ours", fix="Give it the same SPEECH_WORKER_TOKEN as the server."
            )
        return socket

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                number, self.open_there, value = wire.read_answer(message)
                future = self._waiting.get(number)
                if future and not future.done():
                    _settle(future, value)
        except (WebSocketException, OSError, ValueError, KeyError):
            pass
        finally:
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(WorkerError(f"{self.name}: died"))


def _settle(future: asyncio.Future[Any], value: Any) -> None:
    if isinstance(value, BaseException):
        future.set_exception(value)
    else:
        future.set_result(value)
