"""`firstring speech-worker`: speech-to-text for servers on other machines, over an authenticated websocket.

One process, one engine. What it may hold is bounded: connections, utterances, and the audio of each. It
stores nothing; with Whisper it needs neither database nor keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from agent import speech_wire as wire
from agent.garbage import lasting
from agent.logs import log
from models.errors import FirstringError, WorkerError
from voice.ear_service import EarService

MOST_CONNECTIONS = 64  # servers, a socket each
MOST_SESSIONS = 64  # utterances open at once, those being decoded among them
MOST_AUDIO_BYTES = 2 * 8_000 * 180  # of one utterance: three minutes
MOST_WAITING = 128  # requests of one connection that are being worked on
FORGOTTEN_S = 180.0  # longer than the service keeps an utterance that nobody feeds
PING_S = 5.0
AFTER_THE_SOUND = ("finish", "partial", "drop")  # done when all is heard that was taken before


@dataclass
class _Fed:
    touched_s: float
    size_bytes: int = 0
    problem: BaseException | None = None  # what the engine made of a piece of it

    def taken(self, piece: asyncio.Future[Any]) -> None:
        if not piece.cancelled():
            self.problem = self.problem or piece.exception()


class SpeechWorker:
    """Serves an `EarService` to whoever has the token. Loading starts with ``run``."""

    def __init__(
        self,
        service: EarService,
        token: str,
        *,
        most_sessions: int = MOST_SESSIONS,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service, self._most = service, most_sessions
        self._claims, self._token = wire.Claims(token), token
        self._thread = ThreadPoolExecutor(1, "hearing")  # an engine is one thread's
        self._now_s = now_s
        self._audio: dict[str, _Fed] = {}  # utterances that are open
        self._finishing: set[str] = set()
        self._connections = 0
        self._numbers = itertools.count(1)
        self._loaded = False

    @property
    def sessions(self) -> int:
        return len(self._audio) + len(self._finishing)

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int) -> Any:
        """Gives the listening server. Raises what the engine raises when it does not load."""
        loading = lasting()(self._service.load)
        await asyncio.get_running_loop().run_in_executor(self._thread, loading)
        self._loaded = True
        options: dict[str, Any] = {
            "max_size": wire.MESSAGE_LIMIT_BYTES,
            "max_queue": 8,
            "open_timeout": 5,
            "ping_interval": PING_S,
            "ping_timeout": 2 * PING_S,
            "compression": None,  # sound does not shrink
            "server_header": None,
        }
        async with serve(self._serve, host, port, process_request=self._admit, **options) as server:
            yield server
        self._thread.shutdown(wait=False)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Before the socket is open: nobody without the token gets one."""
        if request.path == "/healthz":
            return connection.respond(200, "up\n")
        claimed = request.headers.get(wire.CLAIM, "")
        if not self._claims.accepts(claimed):
            log.warning("speech_worker.refused", code="token")
            return connection.respond(401, "no\n")
        if self._connections >= MOST_CONNECTIONS:
            return connection.respond(503, "full\n")
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        self._connections += 1
        served = _Served(self, connection, f"{next(self._numbers)}/")
        try:
            assert connection.request
            await connection.send(wire.proof(self._token, connection.request.headers[wire.CLAIM]))
            await served.run()
        except ConnectionClosed:
            pass
        finally:
            self._connections -= 1
            await served.forget()

    async def ask(self, method: str, name: str, *args: object) -> object:
        """One request, in the engine's thread. Raises FirstringError.

        Sound is answered when it is taken, not when it is heard: a worker with much to hear is not a dead
        one. What the engine makes of it is told with the next request of that utterance.
        """
        self._check(method, name, args)
        if method == "finish":
            return await self._finish(name)
        asked = asyncio.get_running_loop().run_in_executor(
            self._thread, getattr(self._service, method), name, *args
        )
        if method == "begin":
            self._audio[name] = _Fed(self._now_s())
        elif method == "drop":
            self._audio.pop(name, None)
        if method in ("begin", "feed") and (fed := self._audio.get(name)):
            asked.add_done_callback(fed.taken)
            return None
        return await asked

    def _check(self, method: str, name: str, args: tuple[object, ...]) -> None:
        if method == "begin":
            self._forget_old()
            if name not in self._audio and self.sessions >= self._most:
                raise WorkerError(f"full: {self.sessions} utterances are open here")
        elif method == "feed" and (fed := self._audio.get(name)):
            (pcm,) = args
            assert isinstance(pcm, bytes)
            if fed.problem:
                raise fed.problem
            fed.size_bytes, fed.touched_s = fed.size_bytes + len(pcm), self._now_s()
            if fed.size_bytes > MOST_AUDIO_BYTES:
                raise WorkerError("this utterance is longer than any we understand")

    def _forget_old(self) -> None:
        """Of servers that lost interest without a word; the service forgets them by itself."""
        oldest_s = self._now_s() - FORGOTTEN_S
        for name in [name for name, fed in self._audio.items() if fed.touched_s < oldest_s]:
            del self._audio[name]

    async def _finish(self, name: str) -> object:
        fed = self._audio.pop(name, None)
        self._finishing.add(name)
        try:
            transcript = await self._transcript(name)
        except FirstringError as problem:
            raise (fed and fed.problem) or problem from None
        except asyncio.CancelledError:
            raise WorkerError("called off") from None
        finally:
            self._finishing.discard(name)
        if fed and fed.problem:
            raise fed.problem  # a piece is missing in it
        return transcript

    async def _transcript(self, name: str) -> object:
        loop = asyncio.get_running_loop()
        later: Future[Any] = await loop.run_in_executor(self._thread, self._service.finish_later, name)
        return await asyncio.wrap_future(later)

    @property
    def loaded(self) -> bool:
        return self._loaded

    def of(self, prefix: str) -> list[str]:
        """Open utterances of one connection."""
        return [name for name in (*self._audio, *self._finishing) if name.startswith(prefix)]


class _Served:
    """One connection. Names of utterances are its own: two servers may use the same."""

    def __init__(self, worker: SpeechWorker, connection: ServerConnection, prefix: str) -> None:
        self._worker, self._connection, self._prefix = worker, connection, prefix
        self._later: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Requests in their order; what has to wait for the engine is answered later."""
        async for message in self._connection:
            number, method, args = wire.read_request(message)
            if method in AFTER_THE_SOUND and len(self._later) < MOST_WAITING:
                self._later.add(task := asyncio.create_task(self._answer(number, method, args)))
                task.add_done_callback(self._later.discard)
            else:
                await self._answer(number, method, args)

    async def _answer(self, number: int, method: str, args: tuple[Any, ...]) -> None:
        good, value = True, None
        try:
            value = self._worker.loaded if method == "ready" else await self._ask(method, args)
        except FirstringError as problem:
            good, value = False, str(problem)
        except Exception as problem:  # of one request; the worker lives on. Its text may be anybody's words
            good, value = False, type(problem).__name__
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(wire.answer(number, good, value, self._worker.sessions))

    async def _ask(self, method: str, args: tuple[Any, ...]) -> Any:
        name, *rest = args
        return await self._worker.ask(method, self._prefix + str(name), *rest)

    async def forget(self) -> None:
        """The server is gone, or lost us: its utterances are somebody else's now."""
        for name in self._worker.of(self._prefix):
            with contextlib.suppress(FirstringError):
                await self._worker.ask("drop", name)


async def run(service: EarService, token: str, host: str, port: int, say: Callable[[str], None]) -> None:
    """Serves until SIGTERM or SIGINT. Raises FirstringError when the engine does not load."""
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with SpeechWorker(service, token).listening(host, port) as server:
        assert isinstance(server, Server)
        say(f"listening: {host} {next(iter(server.sockets)).getsockname()[1]}")
        await ended.wait()
