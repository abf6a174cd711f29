"""Each site opened once a test; Medplum's program runs once for all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI

from backends.embedded import EmbeddedBackends
from backends.fhir_routes import build_router
from backends.practice import load_practice
from models.storage import Storage
from tests.ehr_writeback.conftest import MovingClock
from tests.ehr_writeback.contract.sites import NAMES, Site, in_memory
from tests.peers.installed import installed
from tests.peers.medplum_server import running_medplum


@pytest.fixture(scope="session")
def medplum_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_medplum(installed("medplum"), tmp_path_factory.mktemp("medplum") / "log.txt") as url:
        yield url


@pytest.fixture(params=NAMES)
async def site(request: pytest.FixtureRequest, storage: Storage) -> AsyncIterator[Site]:
    """The server under contract."""
    opened = _open(request, storage)
    async with opened.http:
        yield opened


def _open(request: pytest.FixtureRequest, storage: Storage) -> Site:
    if request.param == "Medplum":
        return Site("Medplum", request.getfixturevalue("medplum_url"), httpx.AsyncClient())
    if request.param == "embedded":
        return Site("embedded", "http://chart.test/fhir", _embedded(storage))
    return in_memory(request.param)


def _embedded(storage: Storage) -> httpx.AsyncClient:
    backends = EmbeddedBackends(
        storage, storage.keyring, load_practice(), MovingClock(), "https://cedar.example"
    )
    app = FastAPI()
    app.include_router(build_router(backends.chart, "secret"))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app))
