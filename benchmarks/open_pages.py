"""How soon an open page hears of a danger, over real HTTP: `python -m benchmarks.open_pages [--pages N]`.

The console's server and its database are real, the pages are plain HTTP clients of the same process. From
the commit of the page for staff to the line of the stream at every open page; no recogniser is involved.

``--live``: how soon a turn that was spoken stands on a live call's page. From the moment in which the turn is
given to the database to the end of the page that holds it, which each client asks for when the stream names
the call, as the page's script does; for every turn and page.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import socket
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlmodel import Session

from agent import listening
from console import Ports, build_router, happenings
from models import records
from models.crypto import KeyRing
from models.domain import PageStaff, TurnRecord
from models.storage import Storage
from models.tables import StaffUser

PASSWORD = "correct horse battery staple"
TRIALS = 20
CALLS, TURNS_BEFORE = 10, 30  # that go on beside, and what was said on each
HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def now() -> datetime:
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[Storage, str]]:
    """A console with one person, at a port of its own."""
    storage = Storage.open(f"sqlite:///{folder}/calls.db", KeyRing.load_or_create(folder / "keys.json"))
    person = StaffUser(name="kim", password_hash=HASHER.hash(PASSWORD), roles="coordinator", created_at=now())
    await storage.write(lambda session: session.add(person))
    app, stops = FastAPI(), list[bool]()
    ports = Ports(stopping=lambda: bool(stops))
    app.include_router(build_router(storage, now, second_factor=False, ports=ports))
    app.add_middleware(listening.BodyLimit, limit_bytes=1_000_000, limit_s=15.0)
    listener = socket.create_server(("127.0.0.1", 0))
    server = listening.server(app)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield storage, f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stops.append(True)
        server.should_exit = True
        began = time.perf_counter()
        await serving
        print(f"the server ended {time.perf_counter() - began:.1f} s after it was told to")
        storage.close()


async def signed_in(url: str) -> httpx.AsyncClient:
    client = httpx.AsyncClient(base_url=url, timeout=None)
    answer = await client.post("/sign-in", data={"name": "kim", "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


async def listen(client: httpx.AsyncClient, told: asyncio.Queue[tuple[int, float]]) -> None:
    """Every count of dangers that the page hears of, with the instant."""
    async with client.stream("GET", "/events", headers={"X-Refresh": "1"}) as answer:
        async for line in answer.aiter_lines():
            if found := re.search(r'"alarms": (\d+)', line):
                told.put_nowait((int(found[1]), time.perf_counter()))


async def measure(pages: int) -> list[float]:
    """Milliseconds until the last open page was told, for each danger."""
    with tempfile.TemporaryDirectory() as name:
        async with served(Path(name)) as (storage, url):
            clients = [await signed_in(url) for _ in range(pages)]
            heard: list[asyncio.Queue[tuple[int, float]]] = [asyncio.Queue() for _ in clients]
            open_pages = [asyncio.create_task(listen(*pair)) for pair in zip(clients, heard, strict=True)]
            for queue in heard:
                await queue.get()
            found = [await one(storage, heard, n) for n in range(1, TRIALS + 1)]
        await asyncio.gather(*open_pages)
        for client in clients:
            await client.aclose()
    return found


async def one(storage: Storage, heard: list[asyncio.Queue[tuple[int, float]]], n: int) -> float:
    def danger(session: Session) -> None:
        records.add_page(session, PageStaff(f"a{n}", "chest pain", "RF01"), call_id=f"CA{n}", at=now())

    await asyncio.sleep(0.137)  # out of step with the reader
    await storage.write(danger)
    began = time.perf_counter()
    instants = [await told(queue, n) for queue in heard]
    return (max(instants) - began) * 1_000


async def told(queue: asyncio.Queue[tuple[int, float]], n: int) -> float:
    while True:
        count, at = await queue.get()
        if count == n:
            return at


# --------------------------------------------------------------------------- a live call's page


async def measure_live(pages: int) -> list[float]:
    """Milliseconds from each turn to each page that shows it, beside other calls that go on too."""
    with tempfile.TemporaryDirectory() as name:
        async with served(Path(name)) as (storage, url):
            await storage.write(begin_calls)
            clients = [await signed_in(url) for _ in range(pages)]
            shown: list[asyncio.Queue[tuple[int, float]]] = [asyncio.Queue() for _ in clients]
            open_pages = [asyncio.create_task(follow(*pair)) for pair in zip(clients, shown, strict=True)]
            for queue in shown:
                await queue.get()
            found = [ms for n in range(1, TRIALS + 1) for ms in await one_turn(storage, shown, n)]
        await asyncio.gather(*open_pages)
        for client in clients:
            await client.aclose()
    return found


def begin_calls(session: Session) -> None:
    for n in range(CALLS):
        call_id = f"CA{n}"
        records.open_call(session, call_id, caller_number="+16175550123", called_number="", at=now())
        for number in range(TURNS_BEFORE):
            records.save_turn(session, call_id, turn(number), {})


def turn(number: int) -> TurnRecord:
    return TurnRecord(number, now(), f"word {number}. " * 10, f"answer {number}. " * 10)


async def follow(client: httpx.AsyncClient, shown: asyncio.Queue[tuple[int, float]]) -> None:
    """The newest turn on the page, each time that the stream names its call."""
    path, tag = "/calls/CA0/live", happenings.tag("CA0")
    shown.put_nowait(await newest_turn(client, path))
    async with client.stream("GET", "/events", headers={"X-Refresh": "1"}) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: ") and tag in line:
                shown.put_nowait(await newest_turn(client, path))


async def newest_turn(client: httpx.AsyncClient, path: str) -> tuple[int, float]:
    page = (await client.get(path, headers={"X-Refresh": "1"})).text
    return int(re.findall(r'<li id="turn-(\d+)"', page)[-1]), time.perf_counter()


async def one_turn(storage: Storage, shown: list[asyncio.Queue[tuple[int, float]]], n: int) -> list[float]:
    number = TURNS_BEFORE + n
    await asyncio.sleep(0.737)  # out of step with the reader
    began = time.perf_counter()
    await storage.write(lambda session: records.save_turn(session, "CA0", turn(number), {}))
    return [(await told(queue, number) - began) * 1_000 for queue in shown]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20, help="open pages")
    parser.add_argument("--live", action="store_true", help="pages of a call that goes on")
    options = parser.parse_args()
    pages = options.pages
    if options.live:
        spoken = sorted(asyncio.run(measure_live(pages)))
        p95 = spoken[min(len(spoken) - 1, round(0.95 * len(spoken)))]
        print(f"{pages} pages of a live call, {TRIALS} turns: until the page that shows the turn was there")
        print(f"median {statistics.median(spoken):.0f} ms, p95 {p95:.0f} ms, slowest {spoken[-1]:.0f} ms")
        return
    found = asyncio.run(measure(pages))
    print(f"{pages} open pages, {len(found)} dangers: until the last page was told")
    print(f"median {statistics.median(found):.0f} ms, slowest {max(found):.0f} ms")


if __name__ == "__main__":
    main()
