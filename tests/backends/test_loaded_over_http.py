"""A foreign chart, once loaded, as another program meets it under /fhir."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest
from fhir.resources.R4B import get_fhir_model_class

from backends.embedded import EmbeddedBackends
from backends.foreign_file import read_bundle
from backends.foreign_load import ChartLoader
from tests.backends import bundles
from tests.backends.bundles import bundle, entry

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def loaded(empty: EmbeddedBackends, client: httpx.AsyncClient) -> httpx.AsyncClient:
    document = bundles.whole()
    document["entry"] += [
        entry(f"urn:uuid:5b1d2c1e-1000-4a6b-9b1e-{number:012}", bundles.visit()) for number in range(5)
    ]
    await ChartLoader(empty.chart, empty.practice).load(read_bundle(orjson.dumps(document)))
    return client


async def found(client: httpx.AsyncClient, address: str) -> list[dict[str, Any]]:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    get_fhir_model_class("Bundle").model_validate(answer.json())
    return [item["resource"] for item in answer.json().get("entry", [])]


@pytest.mark.parametrize(
    "query",
    [
        "name=ottilie",
        "name=BRANDT",
        "family=vesper",  # her maiden name
        "given=jane",
        "birthdate=1961-04-09",
        "birthdate=1961",
        "phone=%2B16175550178",
        "phone=617-555-0178",
        "phone=(617)%20555-0178",
        "gender=female",
        "identifier=778",
        "identifier=https://old-clinic.example/mrn|778",
        "address-postalcode=02110",
        "family=brandt&birthdate=1961-04-09&phone=6175550178",
    ],
)
async def test_the_patient_is_found(loaded: httpx.AsyncClient, query: str) -> None:
    people = await found(loaded, f"/fhir/Patient?{query}")
    assert [person["name"][0]["family"] for person in people] == ["Brandt"]


@pytest.mark.parametrize(
    "query",
    [
        "name=adler",
        "birthdate=1961-04-10",
        "phone=617-555-0179",
        "identifier=https://other.example|778",
        f"identifier={bundles.SSN}",
        f"identifier=http://hl7.org/fhir/sid/us-ssn|{bundles.SSN}",
    ],
)
async def test_nobody_is_found_by_anything_else(loaded: httpx.AsyncClient, query: str) -> None:
    assert not await found(loaded, f"/fhir/Patient?{query}")


async def test_a_birth_date_cannot_be_earlier_or_later(loaded: httpx.AsyncClient) -> None:
    answer = await loaded.get("/fhir/Patient?birthdate=ge1961-01-01")
    assert answer.status_code == 400, "an empty answer would say that there is nobody"
    assert answer.json()["issue"][0]["code"] == "not-supported"


async def test_a_search_by_post_keeps_names_out_of_the_address(loaded: httpx.AsyncClient) -> None:
    answer = await loaded.post("/fhir/Patient/_search", content="family=brandt&given=ottilie", headers=FORM)
    assert answer.status_code == 200
    assert answer.json()["total"] == 1
    for content, headers, status in (
        (b"family=\xff", FORM, 400),
        (b"nonsense=1", FORM, 400),
        (b"{}", {"Content-Type": "application/json"}, 415),
    ):
        answer = await loaded.post("/fhir/Patient/_search", content=content, headers=headers)
        assert answer.status_code == status
        assert answer.json()["resourceType"] == "OperationOutcome"


async def test_her_visits_come_in_pages_each_once(loaded: httpx.AsyncClient) -> None:
    patient = (await found(loaded, "/fhir/Patient"))[0]
    address: str | None = f"/fhir/Encounter?patient=Patient/{patient['id']}&_count=2"
    seen: list[str] = []
    pages = 0
    while address:
        answer = (await loaded.get(address)).json()
        assert answer["total"] == 6
        seen += [item["resource"]["id"] for item in answer["entry"]]
        links = {link["relation"]: link["url"] for link in answer["link"]}
        address, pages = links.get("next"), pages + 1
    assert (pages, len(set(seen)), len(seen)) == (3, 6, 6)


async def test_her_history_begins_with_the_loading(loaded: httpx.AsyncClient) -> None:
    patient = (await found(loaded, "/fhir/Patient"))[0]
    address = f"/fhir/Patient/{patient['id']}"
    changed = await loaded.put(address, json={**patient, "active": True}, headers={"If-Match": 'W/"1"'})
    assert changed.status_code == 200
    versions = (await loaded.get(f"{address}/_history")).json()
    assert [item["resource"]["meta"]["versionId"] for item in versions["entry"]] == ["2", "1"]
    assert (await loaded.get(f"{address}/_history/1")).json() == patient
    stale = await loaded.put(address, json=patient, headers={"If-Match": 'W/"1"'})
    assert stale.status_code == 412


async def test_a_transaction_may_refer_to_what_was_loaded(loaded: httpx.AsyncClient) -> None:
    condition = "Patient?identifier=https://old-clinic.example/mrn|778"
    visit = bundles.visit(condition, "Practitioner?identifier=9999999901")
    del visit["serviceProvider"]
    request = {"method": "POST", "url": "Encounter", "ifNoneExist": "identifier=urn:test|visit-1"}
    visit["identifier"] = [{"system": "urn:test", "value": "visit-1"}]
    document = bundle({"resource": visit, "request": request})
    answers = [(await loaded.post("/fhir", json=document)).json() for _ in range(2)]
    statuses = [answer["entry"][0]["response"]["status"] for answer in answers]
    assert statuses == ["201 Created", "200 OK"]


async def test_every_claimed_interaction_is_answered(loaded: httpx.AsyncClient) -> None:
    """Read, search, create and update of every type that /metadata names."""
    statement = (await loaded.get("/fhir/metadata")).json()
    get_fhir_model_class("CapabilityStatement").model_validate(statement)
    for claimed in statement["rest"][0]["resource"]:
        kind = claimed["type"]
        assert (await loaded.get(f"/fhir/{kind}?_count=0")).status_code == 200, kind
        assert (await loaded.get(f"/fhir/{kind}/none")).status_code == 404, kind
        assert (await loaded.get(f"/fhir/{kind}/none/_history")).status_code == 404, kind
        odd = await loaded.post(f"/fhir/{kind}", json={"resourceType": kind, "nonsense": 1})
        assert (odd.status_code, odd.json()["resourceType"]) == (422, "OperationOutcome"), kind
        for parameter in claimed["searchParam"]:
            value = "2026-01-01" if parameter["type"] == "date" else "x"
            answer = await loaded.get(f"/fhir/{kind}", params={parameter["name"]: value})
            assert answer.status_code == 200, (kind, parameter)
