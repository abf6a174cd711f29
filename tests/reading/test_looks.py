"""Looks into a foreign chart: bounded, shared, kept for seconds, never across patients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import orjson
import pytest

from backends.reading.looks import Looks
from backends.reading.problems import ChartNotOpen, ChartNotReached, ChartNotUnderstood
from fhir.client import FhirClient, FixedToken
from models.errors import NotFound
from tests.backends.conftest import TestClock

BASE = "http://ehr.test/fhir"
Answer = Callable[[httpx.Request], httpx.Response]


class Wire:
    """A server that answers as told and counts; ``open`` lets its answers go."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.answer: Answer = lambda request: searchset(patient(request.url.params.get("_id", "1")))

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        await self.open.wait()
        return self.answer(request)


def patient(name: str, **more: object) -> dict[str, object]:
    return {"resourceType": "Patient", "id": name, **more}


def searchset(*found: dict[str, object]) -> httpx.Response:
    entries = [{"resource": one, "search": {"mode": "match"}} for one in found]
    return httpx.Response(
        200, content=orjson.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries})
    )


def silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer", request=request)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def looks(wire: Wire, clock: TestClock) -> AsyncIterator[Looks]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(wire)) as http:
        yield Looks(FhirClient(BASE, FixedToken(""), http, limit_s=60), clock, "US")


async def test_the_same_look_at_the_same_time_is_one_request(wire: Wire, looks: Looks) -> None:
    wire.open.clear()
    both = asyncio.gather(looks.search("1", "Patient", _id="1"), looks.search("1", "Patient", _id="1"))
    while not wire.asked:
        await asyncio.sleep(0)
    wire.open.set()
    one, two = await both
    assert one == two
    assert len(wire.asked) == 1


async def test_what_was_read_is_kept_for_seconds_and_never_for_another(
    wire: Wire, looks: Looks, clock: TestClock
) -> None:
    for _ in range(2):
        await looks.search("1", "Patient", _id="1")
    assert len(wire.asked) == 1
    (other,) = await looks.search("2", "Patient", _id="2")
    assert other["id"] == "2"
    clock.move(seconds=31)
    await looks.search("1", "Patient", _id="1")
    assert len(wire.asked) == 3


async def test_a_write_forgets_what_is_kept_and_what_is_under_way(wire: Wire, looks: Looks) -> None:
    wire.open.clear()
    before = asyncio.ensure_future(looks.search("1", "Patient", _id="1"))
    while not wire.asked:
        await asyncio.sleep(0)
    looks.forget("1")
    wire.open.set()
    await before
    await looks.search("1", "Patient", _id="1")
    assert len(wire.asked) == 2, "an answer from before the write is not kept"
    looks.forget("2")
    await looks.search("1", "Patient", _id="1")
    assert len(wire.asked) == 2, "of others nothing is forgotten"


async def test_who_stops_waiting_takes_the_answer_from_nobody(wire: Wire, looks: Looks) -> None:
    wire.open.clear()
    impatient = asyncio.ensure_future(looks.search("1", "Patient", _id="1"))
    patient_one = asyncio.ensure_future(looks.search("1", "Patient", _id="1"))
    while not wire.asked:
        await asyncio.sleep(0)
    impatient.cancel()
    wire.open.set()
    assert len(await patient_one) == 1


async def test_a_server_that_was_not_reached_is_left_alone_for_seconds(
    wire: Wire, looks: Looks, clock: TestClock
) -> None:
    good, wire.answer = wire.answer, silent
    with pytest.raises(ChartNotReached):
        await looks.search("1", "Patient", _id="1")
    wire.answer = good
    with pytest.raises(ChartNotReached):
        await looks.search("1", "Patient", _id="1")
    assert len(wire.asked) == 1
    clock.move(seconds=6)
    assert await looks.search("1", "Patient", _id="1")


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (500, ChartNotReached),
        (429, ChartNotReached),
        (401, ChartNotOpen),
        (403, ChartNotOpen),
        (410, NotFound),
        (404, NotFound),
        (400, ChartNotUnderstood),
    ],
)
async def test_every_failure_has_a_name_and_a_fix(
    wire: Wire, looks: Looks, status: int, problem: type[Exception]
) -> None:
    wire.answer = lambda _: httpx.Response(status)
    with pytest.raises(problem) as raised:
        await looks.read("1", "Patient/1")
    assert getattr(raised.value, "fix", "")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<html>busy</html>", ChartNotReached),
        (b"", ChartNotReached),
        (b"[]", ChartNotReached),
        (b'{"resourceType":"Bundle","entry":7}', ChartNotReached),
        (
            b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"security"}]}',
            ChartNotUnderstood,
        ),
    ],
)
async def test_an_answer_that_lies_is_not_taken_for_nobody(
    wire: Wire, looks: Looks, body: bytes, problem: type[Exception]
) -> None:
    wire.answer = lambda _: httpx.Response(200, content=body)
    with pytest.raises(problem):
        await looks.search("1", "Patient", _id="1")


async def test_a_resource_that_is_wrong_is_left_out_and_the_others_are_read(wire: Wire, looks: Looks) -> None:
    wire.answer = lambda _: searchset(patient("1"), patient("2", birthDate="soon"), patient("3", gender=[]))
    assert [one["id"] for one in await looks.search("1", "Patient", _id="1")] == ["1"]


async def test_what_a_call_needs_not_know_is_dropped_and_the_rest_is_in_order(
    wire: Wire, looks: Looks
) -> None:
    ssn = {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-12-3456"}
    wire.answer = lambda _: searchset(
        patient(
            "1",
            meta={"versionId": "3", "project": "of one vendor"},
            identifier=[ssn, {"system": "urn:mrn", "value": "77"}],
            telecom=[{"system": "phone", "value": "(617) 555-0123"}],
            generalPractitioner=[{"reference": f"{BASE}/Practitioner/9/_history/2"}],
        )
    )
    (found,) = await looks.search("1", "Patient", _id="1")
    assert found["identifier"] == [{"system": "urn:mrn", "value": "77"}]
    assert found["telecom"][0]["value"] == "+16175550123"
    assert found["generalPractitioner"] == [{"reference": "Practitioner/9"}]
    assert found["meta"] == {"versionId": "3"}
