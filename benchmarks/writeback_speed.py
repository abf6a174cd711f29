"""How fast calls reach the chart: from the end of a call, and out of a backlog after an outage."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import psutil
from sqlmodel import Session

from agent import listening
from agent.chart_app import chart_app
from agent.first_run import make_data_dir
from agent.local_server import demo_settings, free_port
from agent.preparing import backends_of, keyring_of
from agent.settings import Settings, with_secrets
from benchmarks.writeback_calls import TARGET, promise, promised
from benchmarks.writeback_chaos import POLL_S, dead_letters, open_rows, wait_drained
from benchmarks.writeback_count import Difference, compare
from benchmarks.writeback_sender import process, sender_of
from benchmarks.writeback_sending import Sending, utc_now
from benchmarks.writeback_server import Plan, serve
from ehr_writeback import Dispatcher, DispatcherConfig
from ehr_writeback.faulty_server import Mode
from fhir.client import FhirClient, FixedToken
from models.crypto import KeyRing
from models.storage import Storage
from tests.peers.installed import ROOT
from tests.peers.medplum_server import running_medplum

MEDPLUM = ROOT / ".peers" / "medplum"
PROMISED_AT_ONCE = 20
NOTICED_S = 120.0  # within which an end of the outage must have been seen
DRAINED_S = 3_600.0


@dataclass(frozen=True)
class Backlog:
    """``noticed_s``: from the server's return to the first call drained. ``cpu_ms``: the sender's, a call."""

    calls: int
    noticed_s: float
    drained_s: float
    cpu_ms: float
    dead_letters: int
    difference: Difference

    @property
    def calls_per_s(self) -> float:
        return self.calls / (self.drained_s - self.noticed_s)


def backlog(
    calls: int, database_url: str, folder: Path, mode: Mode = Mode.TRANSACTION, engine: str = "ours"
) -> Backlog:
    """Calls end while nobody listens and the sender tries on; then the server is there again."""
    folder.mkdir(exist_ok=True)
    plan = Plan(free_port(), folder / "journal", mode)
    plan.journal.touch()
    sending = Sending(database_url, folder / "keys.json", plan.url)
    storage = Storage.open(database_url, KeyRing.load_or_create(sending.keys))
    try:
        with process(sender_of(engine), sending) as sender:
            end_calls(storage, calls)
            spent_s = _cpu_s(sender)
            began, all_rows = time.monotonic(), open_rows(storage)
            with process(serve, plan):
                _wait(lambda: open_rows(storage) < all_rows, NOTICED_S)
                noticed_s = time.monotonic() - began
                wait_drained(storage, DRAINED_S)
                drained_s = time.monotonic() - began
                cpu_ms = (_cpu_s(sender) - spent_s) / calls * 1_000
        difference = compare(promised(range(calls), utc_now()), plan.journal)
        return Backlog(calls, noticed_s, drained_s, cpu_ms, dead_letters(storage), difference)
    finally:
        storage.close()


def end_calls(storage: Storage, calls: int) -> None:
    for first in range(0, calls, PROMISED_AT_ONCE):
        numbers = range(first, min(calls, first + PROMISED_AT_ONCE))

        def work(session: Session, numbers: Sequence[int] = numbers) -> None:
            for number in numbers:
                promise(session, number, utc_now())

        storage.write_now(work)


def _cpu_s(one: BaseProcess) -> float:
    times = psutil.Process(one.pid).cpu_times()
    return float(times.user + times.system)


def _wait(condition: Callable[[], bool], limit_s: float) -> None:
    give_up = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError("the sender did not see the end of the outage")
        time.sleep(POLL_S)


# --------------------------------------------------------------------------- from the end of a call


async def embedded_latencies_s(calls: int, folder: Path) -> list[float]:
    """Call after call, as one process serves them: chart on the loopback, sender in the background."""
    chosen = with_secrets(demo_settings(folder))
    make_data_dir(chosen)
    storage = Storage.open(chosen.database, keyring_of(chosen), server=True)
    try:
        base = f"http://127.0.0.1:{chosen.private_port}/fhir"
        async with _chart(chosen, storage), httpx.AsyncClient(trust_env=False) as http:
            client = FhirClient(base, FixedToken(chosen.fhir_token), http)
            return await latencies_s(calls, storage, client)
    finally:
        storage.close()


def medplum_latencies_s(calls: int, folder: Path) -> list[float]:
    """As `embedded_latencies_s`, into Medplum's in-memory server (`scripts/peers.sh medplum`)."""
    folder.mkdir()
    storage = Storage.open(f"sqlite:///{folder}/calls.db", KeyRing.load_or_create(folder / "keys.json"))
    try:
        with running_medplum(MEDPLUM, folder / "medplum.log") as base:
            return asyncio.run(_over_http(calls, storage, base))
    finally:
        storage.close()


async def _over_http(calls: int, storage: Storage, base: str) -> list[float]:
    async with httpx.AsyncClient(trust_env=False) as http:
        return await latencies_s(calls, storage, FhirClient(base, FixedToken(""), http))


async def latencies_s(calls: int, storage: Storage, client: FhirClient) -> list[float]:
    """Seconds from before the closing transaction until the chart holds the note, one call at a time."""
    noted = asyncio.Event()

    def confirmed(kind: str, _seconds: float) -> None:
        if kind == "note":
            noted.set()

    dispatcher = Dispatcher(
        storage, client, utc_now, config=DispatcherConfig(target=TARGET), confirmed=confirmed
    )
    running = asyncio.create_task(dispatcher.run())
    try:
        return [await _timed(number, storage, dispatcher, noted) for number in range(calls)]
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def _timed(number: int, storage: Storage, dispatcher: Dispatcher, noted: asyncio.Event) -> float:
    noted.clear()
    began = time.perf_counter()
    await storage.write(lambda session: promise(session, number, utc_now()))
    dispatcher.nudge()
    await noted.wait()
    return time.perf_counter() - began


@contextlib.asynccontextmanager
async def _chart(chosen: Settings, storage: Storage) -> AsyncIterator[None]:
    app = chart_app(backends_of(replace(chosen, now=""), storage, utc_now), chosen.fhir_token)
    server = listening.server(app)
    listener = socket.create_server((chosen.host, chosen.private_port))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(POLL_S)
    try:
        yield
    finally:
        server.should_exit = True
        await serving
