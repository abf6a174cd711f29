"""Charts and servers as they should not be: nothing opens by mistake, nothing is booked twice or lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
import pytest

from backends.reading.problems import ChartNotReached, NotOffered
from models.desk import open_tasks
from models.domain import (
    BookOpening,
    FindOpenings,
    IdentityLevel,
    IdentityVerified,
    MoveVisit,
    Opening,
    OpeningGone,
    RefillOutcome,
    RequestRefill,
    VerifyIdentity,
    VisitBooked,
)
from models.errors import NotFound
from tests.backends.conftest import TestClock
from tests.reading.conftest import Site, reading, served

MARIA = "pt-1001"
Change = Callable[[dict[str, Any]], dict[str, Any]]


async def change(site: Site, reference: str, change: Change) -> None:
    """Somebody changes a resource on the server."""
    kind, _, identity = reference.partition("/")
    body = (await site.theirs.chart.read(kind, identity)).body
    await site.theirs.chart.update(change(dict(body)), identity)


async def is_verified(site: Site) -> bool:
    claim = VerifyIdentity("v", ("Maria Lopez",), date(1981, 3, 5))
    answer = await site.acting.directory.verify(claim, caller_number="+16175550123", call_id="C1")
    return isinstance(answer, IdentityVerified)


async def opening(site: Site) -> Opening:
    return (await site.acting.scheduling.find(FindOpenings("f", "follow-up"))).openings[0]


async def book(site: Site, one: Opening, call: str = "C1") -> VisitBooked | OpeningGone:
    return await site.acting.scheduling.book(
        BookOpening("b", MARIA, one.opening_id, "follow-up"), call_id=call
    )


async def booked(site: Site) -> int:
    return len(await site.held("Appointment", patient=f"Patient/{MARIA}", status="booked"))


def without(name: str) -> Change:
    return lambda body: {key: value for key, value in body.items() if key != name}


@pytest.mark.parametrize(
    "changed",
    [
        without("birthDate"),
        lambda body: {**body, "birthDate": "1981"},
        lambda body: {**body, "active": False},
        lambda body: {**body, "deceasedBoolean": True},
    ],
    ids=["no birth date", "a year alone", "closed", "dead"],
)
async def test_whose_chart_cannot_tell_or_is_closed_is_nobody(ehr: Site, changed: Change) -> None:
    assert await is_verified(ehr)
    await change(ehr, f"Patient/{MARIA}", changed)
    assert not await is_verified(ehr)


async def test_a_patient_who_goes_during_the_call_has_no_chart_any_more(ehr: Site, clock: TestClock) -> None:
    assert await is_verified(ehr)
    await change(ehr, f"Patient/{MARIA}", lambda body: {**body, "active": False})
    clock.move(seconds=31)
    with pytest.raises(NotFound):
        await ehr.acting.directory.view(MARIA, IdentityLevel.L1)
    assert ehr.server is not None
    ehr.server.before = lambda request: httpx.Response(410) if "/Patient/" in request.url.path else None
    wish = RequestRefill("r", MARIA, f"{MARIA}-rx-1", "lisinopril", "Main Street", new_problem=False)
    with pytest.raises(NotFound):
        await ehr.acting.pharmacy.request_refill(wish, call_id="C1")


async def test_two_active_orders_of_one_medicine_are_both_known(ehr: Site) -> None:
    order = (await ehr.theirs.chart.read("MedicationRequest", f"{MARIA}-rx-1")).body
    stronger = {**order, "medicationCodeableConcept": {"text": "lisinopril 20 MG Oral Tablet"}}
    again = {**order, "authoredOn": "2026-11-20"}
    for number, document in enumerate((stronger, again)):
        await ehr.theirs.chart.update({**document, "id": f"more-{number}"}, f"more-{number}")
    view = await ehr.acting.directory.view(MARIA, IdentityLevel.L1)
    known = {medicine.label: medicine.order_id for medicine in view.medicines}
    assert known == {"lisinopril 20 MG Oral Tablet": "more-0", "lisinopril 10 MG Oral Tablet": "more-1"}


async def test_a_medicine_that_no_table_knows_goes_to_a_person(ehr: Site) -> None:
    coding = {"system": "urn:a-vendor", "code": "Q-77", "display": "quinquagintol 5 MG"}
    concept = {"medicationCodeableConcept": {"coding": [coding]}}
    await change(ehr, f"MedicationRequest/{MARIA}-rx-1", lambda body: {**body, **concept})
    assert await is_verified(ehr)
    wish = RequestRefill("r", MARIA, f"{MARIA}-rx-1", "that one", "Main Street", new_problem=False)
    answer = await ehr.acting.pharmacy.request_refill(wish, call_id="C1")
    assert answer.outcome is RefillOutcome.REFUSED_AUTOMATION
    (task,) = await ehr.own.chart.storage.read(open_tasks)
    assert task.kind == "controlled-refill"


async def test_what_the_server_does_not_show_counts_as_not_known(ehr: Site) -> None:
    assert ehr.server is not None
    ehr.server.before = lambda request: (
        httpx.Response(403) if "MedicationDispense" in request.url.path else None
    )
    assert await is_verified(ehr)
    wish = RequestRefill("r", MARIA, f"{MARIA}-rx-1", "lisinopril", "Main Street", new_problem=False)
    answer = await ehr.acting.pharmacy.request_refill(wish, call_id="C1")
    assert answer.outcome is RefillOutcome.NEEDS_REVIEW


async def test_a_time_that_staff_take_meanwhile_is_gone(ehr: Site) -> None:
    one = await opening(ehr)
    assert ehr.server is not None
    slot = f"Slot/{one.opening_id.rpartition('.')[0]}"
    refused = httpx.Response(412, json={"resourceType": "OperationOutcome", "issue": []})
    ehr.server.before = lambda request: (
        refused if request.method == "PUT" and slot in request.url.path else None
    )
    assert await book(ehr, one) == OpeningGone(one.opening_id)
    ehr.server.before = lambda _: None
    await change(ehr, slot, lambda body: {**body, "status": "busy"})
    assert await book(ehr, one) == OpeningGone(one.opening_id)
    assert await booked(ehr) == 0


async def test_a_booking_whose_answer_is_lost_is_found_and_not_made_twice(ehr: Site) -> None:
    one = await opening(ehr)
    server = ehr.server
    assert server is not None
    carry = server.chart.handle_async_request

    async def lose(request: httpx.Request) -> httpx.Response:
        answer = await carry(request)
        if request.method == "POST":
            raise httpx.ReadTimeout("the answer is lost", request=request)
        return answer

    server.chart.handle_async_request = lose  # type: ignore[method-assign]
    assert isinstance(await book(ehr, one), VisitBooked)
    assert await booked(ehr) == 1


async def test_a_booking_that_may_have_been_made_leaves_its_slots_to_nobody(
    ehr: Site, clock: TestClock
) -> None:
    one = await opening(ehr)
    assert ehr.server is not None
    seen: list[str] = []

    def dies(request: httpx.Request) -> httpx.Response | None:
        seen.append(request.method)
        if "POST" in seen:
            raise httpx.ConnectError("down", request=request)
        return None

    ehr.server.before = dies
    with pytest.raises(ChartNotReached):
        await book(ehr, one)
    ehr.server.before = lambda _: None
    clock.move(seconds=10)
    await ehr.acting.scheduling.release(call_id="C1")
    assert await book(ehr, one, call="C2") == OpeningGone(one.opening_id)
    clock.move(minutes=6)
    assert isinstance(await book(ehr, one, call="C2"), VisitBooked), (
        "a claim that led to nothing ends by itself"
    )


async def test_a_change_goes_on_when_nobody_waits_and_staff_hear_of_it(ehr: Site) -> None:
    one = await opening(ehr)
    waiting = asyncio.ensure_future(book(ehr, one))
    assert ehr.server is not None
    while "PUT" not in " ".join(ehr.server.asked):
        await asyncio.sleep(0)
    waiting.cancel()
    while not await ehr.own.chart.storage.read(open_tasks):
        await asyncio.sleep(0.01)
    assert await booked(ehr) == 1
    (task,) = await ehr.own.chart.storage.read(open_tasks)
    assert (task.kind, task.patient_id) == ("schedule-assist", MARIA)


async def test_an_old_visit_that_cannot_be_cancelled_after_a_move_is_a_task(ehr: Site) -> None:
    first = await opening(ehr)
    mine = await book(ehr, first)
    assert isinstance(mine, VisitBooked)
    old = mine.visit.appointment_id
    assert ehr.server is not None
    stuck = httpx.Response(403)
    ehr.server.before = lambda request: stuck if request.method == "PUT" and old in request.url.path else None
    later = (await ehr.acting.scheduling.find(FindOpenings("f", "follow-up", patient_id=MARIA))).openings[0]
    moved = await ehr.acting.scheduling.move(MoveVisit("m", MARIA, old, later.opening_id), call_id="C1")
    assert isinstance(moved, VisitBooked)
    (task,) = await ehr.own.chart.storage.read(open_tasks)
    assert old in task.summary


async def test_what_may_not_be_read_is_not_acted_on(ehr: Site) -> None:
    async with httpx.AsyncClient(transport=served(ehr.theirs, operations=True)) as http:
        acting = reading(ehr.own, http, frozenset({"patients"}))
        view = await acting.directory.view(MARIA, IdentityLevel.L1)
        assert (view.medicines, view.visits) == ((), ())
        with pytest.raises(NotOffered):
            await acting.scheduling.find(FindOpenings("f", "follow-up"))
        wish = RequestRefill("r", MARIA, f"{MARIA}-rx-1", "lisinopril", "Main Street", new_problem=False)
        with pytest.raises(NotOffered):
            await acting.pharmacy.request_refill(wish, call_id="C1")
