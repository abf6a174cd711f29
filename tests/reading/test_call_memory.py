"""What is remembered of a call on a server that holds and books is gone when the call is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from backends.embedded import EmbeddedBackends
from backends.reading.scheduling import FhirScheduling
from models.desk import open_tasks
from models.domain import BookOpening, FindOpenings, HoldOpening, MoveVisit, Opening, VisitBooked
from tests.backends.conftest import TestClock
from tests.reading.conftest import Site, reading, served

MARIA, ROBERT = "pt-1001", "pt-1003"


@pytest.fixture
async def ihe(own: EmbeddedBackends, theirs: EmbeddedBackends) -> AsyncIterator[Site]:
    """A practice whose chart is on a server with $find, $hold and $book."""
    server = served(theirs, operations=True)
    async with httpx.AsyncClient(transport=server) as http:
        yield Site(reading(own, http), theirs, own, server)


def remembered(site: Site) -> int:
    """Calls of which something is remembered."""
    assert isinstance(site.acting.scheduling, FhirScheduling)
    return len(site.acting.scheduling.memory)


async def openings(site: Site) -> tuple[Opening, ...]:
    return (await site.acting.scheduling.find(FindOpenings("f", "follow-up"))).openings


async def book(site: Site, one: Opening, call: str, patient: str = MARIA) -> VisitBooked:
    wish = BookOpening("b", patient, one.opening_id, "follow-up")
    booked = await site.acting.scheduling.book(wish, call_id=call)
    assert isinstance(booked, VisitBooked)
    return booked


async def test_the_end_of_a_call_forgets_what_it_held_and_made(ihe: Site) -> None:
    first, second = await openings(ihe)
    booked = await book(ihe, first, "C1")
    move = MoveVisit("m", MARIA, booked.visit.appointment_id, second.opening_id)
    await ihe.acting.scheduling.move(move, call_id="C1")
    await ihe.acting.scheduling.hold(HoldOpening("h", first.opening_id), call_id="C2")
    assert remembered(ihe) == 2
    await ihe.acting.scheduling.release(call_id="C1")
    await ihe.acting.scheduling.release(call_id="C2")
    assert remembered(ihe) == 0
    assert {one.opening_id for one in await openings(ihe)} >= {first.opening_id}


async def test_one_call_s_end_leaves_another_s_memory(ihe: Site) -> None:
    first, second = await openings(ihe)
    made = await book(ihe, first, "C1")
    await book(ihe, second, "C2", ROBERT)
    await ihe.acting.scheduling.release(call_id="C2")
    assert await book(ihe, first, "C1") == made


async def test_a_server_that_cannot_be_told_is_no_reason_to_remember(ihe: Site) -> None:
    first, _ = await openings(ihe)
    await ihe.acting.scheduling.hold(HoldOpening("h", first.opening_id), call_id="C1")
    assert ihe.server is not None
    ihe.server.before = lambda _: httpx.Response(503)
    await ihe.acting.scheduling.release(call_id="C1")
    assert remembered(ihe) == 0


async def test_a_booking_that_nobody_waits_for_leaves_nothing_behind(ihe: Site) -> None:
    first, _ = await openings(ihe)
    waiting = asyncio.ensure_future(book(ihe, first, "C1"))
    assert ihe.server is not None
    while "POST Appointment/$hold" not in ihe.server.asked:
        await asyncio.sleep(0)
    waiting.cancel()
    await ihe.acting.scheduling.release(call_id="C1")
    while not await ihe.own.chart.storage.read(open_tasks) or remembered(ihe):
        await asyncio.sleep(0.01)
    assert len(await ihe.held("Appointment", patient=f"Patient/{MARIA}", status="booked")) == 1


async def test_a_call_that_ended_elsewhere_is_forgotten_after_a_day(ihe: Site, clock: TestClock) -> None:
    await book(ihe, (await openings(ihe))[0], "C1")
    clock.move(hours=25)
    await book(ihe, (await openings(ihe))[0], "C2", ROBERT)
    assert remembered(ihe) == 1
