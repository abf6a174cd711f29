"""Worker processes: a heavy engine behind a Unix socket, one service a process.

The socket lies in a folder only its owner may enter: that is the authentication, so pickle is safe here.
A worker takes requests in the order of asking; it loads its models while requests already queue. A service
that offers ``finish_later`` beside ``finish`` returns a Future there: it is answered when that is done, and
meanwhile the worker takes further requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import pickle
import signal
import struct
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from agent.garbage import lasting
from agent.starting import complain, exit_code
from models.errors import FirstringError, WorkerError

HEADER = struct.Struct(">I")
MAX_MESSAGE_BYTES = 64 * 2**20
DEFAULT_LIMIT_S = 10.0
READY_LIMIT_S = 1.0  # a worker that hangs must not hold up a web process that is started again
PR_SET_PDEATHSIG = 1


class Service(Protocol):
    def load(self) -> object: ...


async def serve(service: Service, socket: Path, *, name: str = "worker") -> None:
    """Answers requests on ``socket`` until cancelled. Loading starts at once, in the same one thread."""
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.unlink(missing_ok=True)
    loop = asyncio.get_running_loop()
    thread = ThreadPoolExecutor(1, "service")
    loading = loop.run_in_executor(thread, lasting()(service.load))
    loading.add_done_callback(partial(_exit_when_unloadable, name))

    connections: set[asyncio.StreamWriter] = set()
    later: set[asyncio.Task[None]] = set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                number, method, args = pickle.loads(await _receive(reader))
                answer: tuple[bool, object] = (True, loading.done())
                if method != "ready":
                    answer = await loop.run_in_executor(thread, _answer, service, method, args)
                if isinstance(answer[1], Future):
                    later.add(task := loop.create_task(_answer_later(writer, number, answer[1])))
                    task.add_done_callback(later.discard)
                    continue
                await _send(writer, (number, *answer))
        connections.discard(writer)
        writer.close()

    server = await asyncio.start_unix_server(connection, path=str(socket))
    try:
        await server.serve_forever()
    finally:
        server.close()
        for writer in connections:
            writer.close()
        thread.shutdown(wait=False)


def _answer(service: Service, method: str, args: tuple[object, ...]) -> tuple[bool, object]:
    try:
        if method.startswith("_"):
            raise WorkerError(f"{method} is not a method of this worker")
        return True, (getattr(service, f"{method}_later", None) or getattr(service, method))(*args)
    except FirstringError as problem:
        return False, problem
    except Exception as problem:  # the caller of this process decides; the worker lives on
        return False, WorkerError(f"{method}: {type(problem).__name__}")


def _exit_when_unloadable(name: str, loading: asyncio.Future[object]) -> None:
    if loading.cancelled() or (problem := loading.exception()) is None:
        return
    if not isinstance(problem, FirstringError):
        problem = WorkerError(f"its models do not load ({type(problem).__name__})")
    complain(name, problem)
    os._exit(exit_code(problem))


async def _answer_later(writer: asyncio.StreamWriter, number: int, future: Future[object]) -> None:
    answer: tuple[bool, object]
    try:
        answer = True, await asyncio.wrap_future(future)
    except FirstringError as problem:
        answer = False, problem
    except asyncio.CancelledError:
        answer = False, WorkerError("called off")
    except Exception as problem:
        answer = False, WorkerError(type(problem).__name__)
    with contextlib.suppress(ConnectionError):  # who asked may be gone
        await _send(writer, (number, *answer))


async def _receive(reader: asyncio.StreamReader) -> bytes:
    (size,) = HEADER.unpack(await reader.readexactly(HEADER.size))
    if size > MAX_MESSAGE_BYTES:
        raise ConnectionError("oversize message between processes")
    return await reader.readexactly(size)


async def _send(writer: asyncio.StreamWriter, message: object) -> None:
    body = pickle.dumps(message)
    writer.write(HEADER.pack(len(body)) + body)
    await writer.drain()


class WorkerClient:
    """A ``Remote``: calls a worker's methods, connects again by itself, never waits past its limit."""

    def __init__(self, socket: Path, *, limit_s: float = DEFAULT_LIMIT_S) -> None:
        self._socket = socket
        self._limit_s = limit_s
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[object]] = {}
        self._numbers = count(1)
        self._connecting = asyncio.Lock()

    async def __call__(self, method: str, *args: object) -> Any:
        writer = await self._connected()
        number = next(self._numbers)
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            await _send(writer, (number, method, args))
            return await asyncio.wait_for(future, self._limit_s)
        except TimeoutError as problem:
            raise WorkerError(f"{self._socket.stem}: no answer to {method} in {self._limit_s} s") from problem
        except (ConnectionError, OSError) as problem:
            raise WorkerError(f"{self._socket.stem}: connection lost") from problem
        finally:
            self._waiting.pop(number, None)

    @property
    def name(self) -> str:
        return self._socket.stem

    @property
    def waiting(self) -> int:
        """Requests that it has not answered yet."""
        return len(self._waiting)

    async def ready(self) -> bool:
        """True once the worker's models are loaded; False while it loads, hangs or is not there."""
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                return bool(await self("ready"))
        except (WorkerError, TimeoutError):
            return False

    async def close(self) -> None:
        if self._writer:
            self._writer.close()
        if self._reading:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading

    async def _connected(self) -> asyncio.StreamWriter:
        async with self._connecting:
            if self._writer is None or self._writer.is_closing():
                try:
                    reader, self._writer = await asyncio.open_unix_connection(str(self._socket))
                except OSError as problem:
                    raise WorkerError(f"{self._socket.stem}: not running") from problem
                self._reading = asyncio.create_task(self._read(reader, self._writer))
            return self._writer

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                number, good, value = pickle.loads(await _receive(reader))
                future = self._waiting.get(number)
                if future and not future.done():
                    _settle(future, good, value)
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass
        finally:
            writer.close()
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(WorkerError(f"{self._socket.stem}: died"))


def _settle(future: asyncio.Future[object], good: bool, value: object) -> None:
    if good:
        future.set_result(value)
    elif isinstance(value, BaseException):
        future.set_exception(value)


def die_with_parent() -> None:
    """Asks Linux to end this process when its parent ends, so that no part outlives the supervisor.

    At once, also one that hangs: the next supervisor needs the port and the database, and a turn is
    stored before it is spoken.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def local(service: object) -> Callable[..., Any]:
    """A ``Remote`` without a process: the service runs in a thread of its own, one request at a time.

    It may serve one event loop after another, as rehearsed calls do.
    """
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=type(service).__name__)

    async def remote(method: str, *args: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(thread, getattr(service, method), *args)

    return remote
