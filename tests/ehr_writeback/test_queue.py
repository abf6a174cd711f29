"""Who goes first when many wait: calls that end now do not wait for a backlog, nor it for them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from ehr_writeback.faulty_server import FaultyFhirServer, Mode
from models.domain import CallRecord
from models.storage import Storage
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import REFILL


def ended_before(hours: float) -> CallRecord:
    ago = timedelta(hours=hours)
    return replace(REFILL, started=REFILL.started - ago, ended=REFILL.ended - ago)


def backlog(bench: Bench[Any], calls: int) -> list[str]:
    """Calls that an outage left, oldest first."""
    return [bench.end_call(ended_before(calls - n)).call_id for n in range(calls)]


def noted(server: FaultyFhirServer) -> list[str]:
    """The calls whose notes the server has, in the order that it got them."""
    return [note["identifier"][0]["value"].removesuffix("/note") for note in server.all("DocumentReference")]


async def test_a_call_that_ends_while_a_backlog_drains_is_among_the_next(storage: Storage) -> None:
    server = FaultyFhirServer(Mode.CONDITIONAL)
    bench = make_bench(storage, server)
    backlog(bench, 40)
    live: list[str] = []
    server.hooks["POST", "DocumentReference"] = lambda: live.append(bench.end_call(REFILL).call_id)
    await bench.dispatcher().drain_once()
    order = noted(server)
    assert len(order) == 41
    assert order.index(live[0]) < 20


async def test_the_oldest_are_not_left_to_the_last(storage: Storage) -> None:
    server = FaultyFhirServer(Mode.CONDITIONAL)
    bench = make_bench(storage, server)
    old = backlog(bench, 40)

    def another_ends() -> None:
        if len(server.all("DocumentReference")) < 40:
            bench.end_call(REFILL)
            server.hooks["POST", "DocumentReference"] = another_ends

    another_ends()
    await bench.dispatcher().drain_once()
    order = noted(server)
    assert set(old[:8]) <= set(order[:40]), "somebody always calls, and yet what waits longest goes"


class OneThatHangs(FaultyFhirServer):
    """Keeps one call's encounter waiting until it is let go."""

    def __init__(self, call_id: str) -> None:
        super().__init__(Mode.CONDITIONAL)
        self.call_id, self.let_go = call_id, asyncio.Event()

    def client(self) -> httpx.AsyncClient:
        async def handle(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/Encounter") and self.call_id in request.content.decode():
                await self.let_go.wait()
            return self.handle(request)

        return httpx.AsyncClient(transport=httpx.MockTransport(handle))


async def test_a_call_that_hangs_holds_up_nobody(storage: Storage) -> None:
    server = OneThatHangs("nobody")
    bench = make_bench(storage, server)
    server.call_id = backlog(bench, 20)[0]
    draining = asyncio.create_task(bench.dispatcher().drain_once())
    async with asyncio.timeout(240):
        while len(noted(server)) < 19:
            await asyncio.sleep(0.01)
    assert server.call_id not in noted(server)
    server.let_go.set()
    assert await draining == 20
    assert len(noted(server)) == 20


async def test_a_call_that_ends_while_another_hangs_goes_at_once(storage: Storage) -> None:
    server = OneThatHangs("nobody")
    bench = make_bench(storage, server)
    server.call_id = bench.end_call(REFILL).call_id
    dispatcher = bench.dispatcher()
    draining = asyncio.create_task(dispatcher.drain_once())
    while ("POST", "Device") not in server.requests:
        await asyncio.sleep(0.01)
    live = bench.end_call(REFILL).call_id
    dispatcher.nudge()
    async with asyncio.timeout(240):
        while noted(server) != [live]:
            await asyncio.sleep(0.01)
    server.let_go.set()
    assert await draining == 2
