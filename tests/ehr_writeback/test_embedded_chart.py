"""The write-back against the chart that the product itself serves, over HTTP with its bearer token."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session

from backends.embedded import EmbeddedBackends
from backends.fhir_routes import build_router
from backends.practice import load_practice
from ehr_writeback import Dispatcher, WritebackConfig, enqueue, write_note
from fhir.client import FhirClient, FixedToken
from models.calls import open_call
from models.domain import CallRecord
from models.storage import Storage
from tests.ehr_writeback.conftest import MovingClock
from tests.ehr_writeback.records import RED_FLAG, REFILL

SYSTEM_URL = "https://cedar.example"
CONFIG = WritebackConfig(system_url=SYSTEM_URL, practice_name="Cedar Family Practice")


@pytest.fixture
async def http(storage: Storage) -> AsyncIterator[httpx.AsyncClient]:
    practice, clock = load_practice(), MovingClock()
    backends = EmbeddedBackends(storage, storage.keyring, practice, clock, SYSTEM_URL)
    app = FastAPI()
    app.include_router(build_router(backends.chart, "secret"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        yield client


async def test_calls_become_notes_once(storage: Storage, http: httpx.AsyncClient) -> None:
    client = FhirClient("http://chart.test/fhir", FixedToken("secret"), http)
    patient = await client.create({"resourceType": "Patient", "name": [{"family": "Lopez"}]})
    patient_id = patient.reference.removeprefix("Patient/")
    records = [
        replace(record, patient_id=patient_id, call_id=f"{record.call_id}-embedded", done=record.done[-1:])
        for record in (REFILL, RED_FLAG)
    ]
    storage.write_now(lambda session: promise(session, records))
    clock = MovingClock()
    assert await Dispatcher(storage, client, clock).drain_once() == 2
    for record in records:
        (note,) = await client.search(
            "DocumentReference", {"identifier": f"{SYSTEM_URL}/call|{record.call_id}/note"}
        )
        data = note["content"][0]["attachment"]["data"]
        assert base64.b64decode(data).decode() == write_note(record)
        (encounter,) = await client.search(
            "Encounter", {"identifier": f"{SYSTEM_URL}/call|{record.call_id}/enc"}
        )
        assert note["context"]["encounter"] == [{"reference": f"Encounter/{encounter['id']}"}]
        (provenance,) = await client.search("Provenance", {"target": f"DocumentReference/{note['id']}"})
        assert provenance["agent"][0]["who"] == note["author"][0]
    assert len(await client.search("Device", {})) == 1
    for record, messages in zip(records, (0, 1), strict=True):
        told = {"identifier": f"{SYSTEM_URL}/call|{record.call_id}/comm/w1"}
        assert len(await client.search("Communication", told)) == messages


def promise(session: Session, records: list[CallRecord]) -> None:
    for record in records:
        open_call(session, record.call_id, caller_number="", called_number="", at=record.started)
        enqueue(session, record, config=CONFIG)


async def test_without_the_token_nothing_is_written(storage: Storage, http: httpx.AsyncClient) -> None:
    client = FhirClient("http://chart.test/fhir", FixedToken("wrong"), http)
    record = replace(REFILL, call_id="CA-no-token")
    storage.write_now(lambda session: promise(session, [record]))
    await Dispatcher(storage, client, MovingClock()).drain_once()
    good = FhirClient("http://chart.test/fhir", FixedToken("secret"), http)
    assert await good.search("Encounter", {"identifier": f"{SYSTEM_URL}/call|CA-no-token/enc"}) == []
