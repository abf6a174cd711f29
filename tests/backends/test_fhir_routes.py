"""The chart over HTTP: headers, status codes, and an OperationOutcome for everything that goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fhir.resources.R4B import get_fhir_model_class

from backends.embedded import EmbeddedBackends
from backends.fhir_routes import build_router
from tests.backends.conftest import TOKEN

PATIENT = {"resourceType": "Patient", "name": [{"family": "Lopez", "given": ["Maria"]}]}


def outcome(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/fhir+json"
    get_fhir_model_class("OperationOutcome").model_validate(response.json())
    assert "Traceback" not in response.text
    issue: dict[str, Any] = response.json()["issue"][0]
    return issue


async def test_create_read_update_with_their_headers(client: httpx.AsyncClient) -> None:
    made = await client.post("/fhir/Patient", json=PATIENT)
    patient_id = made.json()["id"]
    assert made.status_code == 201
    assert made.headers["etag"] == 'W/"1"'
    assert made.headers["location"] == f"http://chart/fhir/Patient/{patient_id}/_history/1"
    assert made.headers["last-modified"] == "Sun, 22 Nov 2026 15:00:00 GMT"
    changed = await client.put(
        f"/fhir/Patient/{patient_id}", json={**made.json(), "gender": "female"}, headers={"If-Match": 'W/"1"'}
    )
    assert (changed.status_code, changed.headers["etag"]) == (200, 'W/"2"')
    read = await client.get(f"/fhir/Patient/{patient_id}")
    assert (read.status_code, read.json()["gender"]) == (200, "female")
    assert (await client.get(f"/fhir/Patient/{patient_id}/_history/1")).json() == made.json()
    history = await client.get(f"/fhir/Patient/{patient_id}/_history")
    get_fhir_model_class("Bundle").model_validate(history.json())
    assert history.json()["total"] == 2
    stale = await client.put(f"/fhir/Patient/{patient_id}", json=read.json(), headers={"If-Match": 'W/"1"'})
    assert outcome(stale, 412)["code"] == "conflict"


async def test_search_gives_a_searchset_with_links(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        await client.post("/fhir/Patient", json=PATIENT)
    first = (await client.get("/fhir/Patient", params={"family": "lopez", "_count": "2"})).json()
    get_fhir_model_class("Bundle").model_validate(first)
    assert (first["total"], len(first["entry"])) == (3, 2)
    following = {link["relation"]: link["url"] for link in first["link"]}["next"]
    second = (await client.get(following)).json()
    seen = {entry["resource"]["id"] for page in (first, second) for entry in page["entry"]}
    assert len(seen) == 3


async def test_conditional_create_by_header(client: httpx.AsyncClient) -> None:
    body = {**PATIENT, "identifier": [{"system": "urn:mrn", "value": "7"}]}
    condition = {"If-None-Exist": "identifier=urn:mrn|7"}
    statuses = [(await client.post("/fhir/Patient", json=body, headers=condition)).status_code for _ in "ab"]
    assert statuses == [201, 200]


async def test_a_transaction_is_posted_to_the_base(client: httpx.AsyncClient) -> None:
    entry = {"resource": PATIENT, "request": {"method": "POST", "url": "Patient"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    for address in ("/fhir", "/fhir/"):
        answer = await client.post(address, json=bundle)
        assert answer.status_code == 200
        assert answer.json()["type"] == "transaction-response"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"]
)
async def test_without_the_token_nothing_is_told(client: httpx.AsyncClient, header: str) -> None:
    headers = {b"Authorization": header.encode()}
    for address in ("/fhir/Patient", "/fhir/Nonsense", "/fhir/Patient/1/strange/path"):
        refused = await client.get(address, headers=headers)
        outcome(refused, 401)
        assert refused.headers["www-authenticate"] == "Bearer"


async def test_metadata_is_open(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fhir/metadata", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.json()["fhirVersion"] == "4.0.1"


async def test_bad_bodies_are_named(client: httpx.AsyncClient) -> None:
    huge = b'{"resourceType":"Patient","x":"' + b"x" * 1_000_001 + b'"}'
    deep = b'{"resourceType":"Patient","extension":' + b"[" * 5_000 + b"]" * 5_000 + b"}"
    assert outcome(await client.post("/fhir/Patient", content=b"{"), 400)["code"] == "structure"
    assert outcome(await client.post("/fhir/Patient", content=b"\xff\xfe"), 400)["code"] == "structure"
    outcome(await client.post("/fhir/Patient", content=b"[]"), 400)
    outcome(await client.post("/fhir/Patient", content=b"null"), 400)
    outcome(await client.post("/fhir/Patient", content=deep), 400)
    outcome(await client.post("/fhir/Patient", content=huge), 413)
    outcome(await client.post("/fhir/Task", json=PATIENT), 400)
    wrong_type = await client.post("/fhir/Patient", content=b"{}", headers={"Content-Type": "text/xml"})
    outcome(wrong_type, 415)


async def test_a_body_without_declared_length_is_limited_too(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100_000

    outcome(await client.post("/fhir/Patient", content=endless()), 413)


async def test_unknown_things_are_404_and_other_methods_405(client: httpx.AsyncClient) -> None:
    outcome(await client.get("/fhir/Patient/none"), 404)
    outcome(await client.get("/fhir/Nonsense/1"), 404)
    outcome(await client.get("/fhir/Patient/none/_history/x"), 404)
    outcome(await client.delete("/fhir/Patient/none"), 405)
    outcome(await client.patch("/fhir/Patient/none", content=b"[]"), 405)


async def test_a_defect_of_ours_is_an_outcome_without_details(
    client: httpx.AsyncClient, empty: EmbeddedBackends, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("canary Maria Lopez")

    monkeypatch.setattr(empty.chart.store, "search", broken)
    answer = await client.get("/fhir/Patient")
    assert outcome(answer, 500)["code"] == "exception"
    assert "canary" not in answer.text


async def test_a_closed_database_is_503(client: httpx.AsyncClient, empty: EmbeddedBackends) -> None:
    empty.chart.storage.close()
    outcome(await client.get("/fhir/Patient"), 503)


def test_an_empty_token_is_refused(empty: EmbeddedBackends) -> None:
    with pytest.raises(ValueError, match="bearer token"):
        build_router(empty.chart, "")
