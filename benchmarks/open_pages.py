"""How soon an open page hears of a danger, over real HTTP: `python -m benchmarks.open_pages [--pages N]`.

The console's server and its database are real, the pages are plain HTTP clients of the same process. From
the commit of the page for staff to the line of the stream at every open page; no recogniser is involved.
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
from console import Ports, build_router
from models import records
from models.crypto import KeyRing
from models.domain import PageStaff
from models.storage import Storage
from models.tables import StaffUser

PASSWORD = "correct horse battery staple"
TRIALS = 20
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=20, help="open pages")
    pages = parser.parse_args().pages
    found = asyncio.run(measure(pages))
    print(f"{pages} open pages, {len(found)} dangers: until the last page was told")
    print(f"median {statistics.median(found):.0f} ms, slowest {max(found):.0f} ms")


if __name__ == "__main__":
    main()
