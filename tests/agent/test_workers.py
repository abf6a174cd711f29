"""A worker answers in order, says when it is loading, and its death is a typed error."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from agent import workers
from agent.workers import WorkerClient, local, serve
from models.domain import Transcript
from models.errors import RecognitionError, WorkerError


class Parrot:
    def __init__(self, models: threading.Event | None = None) -> None:
        """``models``: which come when the test says so."""
        self._models = models
        self.under_way: dict[str, Future[str]] = {}

    def load(self) -> None:
        assert self._models is None or self._models.wait(60)

    def repeat(self, text: str) -> Transcript:
        return Transcript(text, 1.0)

    def fail(self) -> None:
        raise RecognitionError("no ears", fix="grow some")

    def stumble(self) -> None:
        raise KeyError("not our own kind of error")

    def sleep(self, seconds: float) -> str:
        time.sleep(seconds)
        return "awake"

    def finish(self, name: str) -> str:
        return self.finish_later(name).result()

    def finish_later(self, name: str) -> Future[str]:
        return self.under_way.setdefault(name, Future())

    def settle(self, name: str) -> None:
        self.under_way[name].set_result(f"{name} is done")

    def spoil(self, name: str) -> None:
        self.under_way[name].set_exception(RecognitionError("spoilt"))

    def drop(self, name: str) -> None:
        self.under_way[name].cancel()

    def _secret(self) -> str:
        return "not for others"


@contextlib.asynccontextmanager
async def running(parrot: Parrot, socket: Path) -> AsyncIterator[asyncio.Task[None]]:
    socket.unlink(missing_ok=True)
    task = asyncio.create_task(serve(parrot, socket))
    while not socket.exists():
        await asyncio.sleep(0.01)
    yield task
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_values_travel_whole(tmp_path: Path) -> None:
    async with running(Parrot(), tmp_path / "run" / "p.sock"):
        client = WorkerClient(tmp_path / "run" / "p.sock")
        assert await client("repeat", "hello") == Transcript("hello", 1.0)
        await client.close()


async def test_what_is_answered_later_does_not_hold_up_what_comes_after(tmp_path: Path) -> None:
    async with running(Parrot(), tmp_path / "run" / "p.sock"):
        client = WorkerClient(tmp_path / "run" / "p.sock")
        first, spoilt, dropped = (asyncio.create_task(client("finish", name)) for name in "abc")
        assert (await client("repeat", "meanwhile")).text == "meanwhile"
        assert not first.done()
        await client("spoil", "b")
        await client("drop", "c")
        await client("settle", "a")
        assert await first == "a is done"
        with pytest.raises(RecognitionError, match="spoilt"):
            await spoilt
        with pytest.raises(WorkerError, match="called off"):
            await dropped
        await client.close()


async def test_the_socket_folder_is_private(tmp_path: Path) -> None:
    async with running(Parrot(), tmp_path / "run" / "p.sock"):
        assert (tmp_path / "run").stat().st_mode & 0o077 == 0


async def test_requests_wait_while_models_load(tmp_path: Path) -> None:
    models = threading.Event()
    async with running(Parrot(models), tmp_path / "run" / "p.sock"):
        client = WorkerClient(tmp_path / "run" / "p.sock")
        early = asyncio.create_task(client("repeat", "early"))
        assert not await client.ready()
        assert not early.done()
        models.set()
        assert (await early).text == "early"
        assert await client.ready()
        await client.close()


async def test_answers_find_their_askers(tmp_path: Path) -> None:
    async with running(Parrot(), tmp_path / "run" / "p.sock"):
        client = WorkerClient(tmp_path / "run" / "p.sock")
        answers = await asyncio.gather(*(client("repeat", str(number)) for number in range(50)))
        assert [answer.text for answer in answers] == [str(number) for number in range(50)]
        await client.close()


async def test_failures_keep_their_kind_and_others_become_worker_errors(tmp_path: Path) -> None:
    async with running(Parrot(), tmp_path / "run" / "p.sock"):
        client = WorkerClient(tmp_path / "run" / "p.sock")
        with pytest.raises(RecognitionError, match="no ears"):
            await client("fail")
        with pytest.raises(WorkerError, match="KeyError"):
            await client("stumble")
        with pytest.raises(WorkerError):
            await client("_secret")
        assert (await client("repeat", "still here")).text == "still here"
        await client.close()


async def test_a_slow_worker_is_an_error_not_a_wait(tmp_path: Path) -> None:
    async with running(Parrot(), tmp_path / "run" / "p.sock"):
        client = WorkerClient(tmp_path / "run" / "p.sock", limit_s=0.1)
        with pytest.raises(WorkerError, match="no answer"):
            await client("sleep", 0.4)
        await client.close()


async def test_a_dead_worker_is_an_error_and_a_new_one_is_found(tmp_path: Path) -> None:
    socket = tmp_path / "run" / "p.sock"
    client = WorkerClient(socket)
    with pytest.raises(WorkerError, match="not running"):
        await client("repeat", "anybody?")
    async with running(Parrot(), socket):
        assert (await client("repeat", "hello")).text == "hello"
    await asyncio.sleep(0.05)
    async with running(Parrot(), socket):
        with contextlib.suppress(WorkerError):  # the first call may still meet the old connection
            await client("repeat", "again")
        assert (await client("repeat", "again")).text == "again"
    await client.close()


async def test_a_worker_that_hangs_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    over = asyncio.Event()

    async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()
        await writer.wait_closed()

    monkeypatch.setattr(workers, "READY_LIMIT_S", 0.1)
    server = await asyncio.start_unix_server(deaf, path=str(tmp_path / "p.sock"))
    client = WorkerClient(tmp_path / "p.sock")
    assert not await client.ready()
    over.set()
    await client.close()
    server.close()
    await asyncio.sleep(0.05)


async def test_a_local_service_is_a_remote_too() -> None:
    assert await local(Parrot())("repeat", "near") == Transcript("near", 1.0)


async def test_a_hidden_method_is_not_called(tmp_path: Path) -> None:
    async with running(Parrot(), tmp_path / "run" / "p.sock"):
        client = WorkerClient(tmp_path / "run" / "p.sock")
        with pytest.raises(WorkerError, match="_secret is not a method"):
            await client("_secret")
        await client.close()
