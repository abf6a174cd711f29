"""One practice three ways: its own chart, and the same chart as another system's, read over FHIR."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from agent.perform import Backends
from backends.embedded import EmbeddedBackends
from backends.fhir_routes import build_router
from backends.practice import Practice
from backends.reading.backends import ReadingBackends
from backends.reading.patients import PARTS
from fhir.client import FhirClient, FixedToken
from tests.backends.conftest import (
    SYSTEM,
    TOKEN,
    TestClock,
    backends_on,
    clock,
    database_in,
    migrated,
    practice,
    seeded,
)
from tests.peers.installed import installed
from tests.peers.medplum_server import running_medplum
from tests.reading.other_chart import OtherChart, held

BASE = "http://ehr.test/fhir"
Respond = Callable[[httpx.Request], Awaitable[httpx.Response]]


@dataclass
class Server(httpx.AsyncBaseTransport):
    """Another system's chart behind a wire on which anything may go wrong: ``before`` may answer instead."""

    chart: httpx.AsyncBaseTransport
    before: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    asked: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path.removeprefix('/fhir/')}")
        instead = self.before(request)
        return instead or await self.chart.handle_async_request(request)


@dataclass
class Site:
    """A practice whose calls act on ``acting``; ``theirs`` is what the server holds."""

    acting: Backends
    theirs: EmbeddedBackends
    own: EmbeddedBackends
    server: Server | None = None
    elsewhere: tuple[httpx.AsyncClient, str] | None = None  # where the chart is no embedded one

    async def held(self, kind: str, **query: str) -> list[dict[str, Any]]:
        """What the chart holds, whosever it is."""
        if self.elsewhere is not None:
            http, url = self.elsewhere
            return await held(http, url, kind, **query)
        page = await self.theirs.chart.search(kind, list(query.items()))
        return [stored.body for stored in page.found]


def patient(patch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests is no chart that is down."""
    patch.setattr("backends.reading.patients.PART_S", 300.0)
    patch.setattr("agent.services.LOOK_S", 300.0)
    patch.setattr("agent.perform.LIMIT_S", 300.0)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    patient(monkeypatch)


@pytest.fixture
def theirs(seeded: Path, tmp_path: Path, practice: Practice, clock: TestClock) -> Iterator[EmbeddedBackends]:
    """The demo practice's chart, as another system's."""
    storage = database_in(shutil.copytree(seeded, tmp_path / "theirs"))
    yield backends_on(storage, storage.keyring, practice, clock)
    storage.close()


@pytest.fixture
def own(migrated: Path, tmp_path: Path, practice: Practice, clock: TestClock) -> Iterator[EmbeddedBackends]:
    """Our own database, which knows no patient."""
    storage = database_in(shutil.copytree(migrated, tmp_path / "own"))
    yield backends_on(storage, storage.keyring, practice, clock)
    storage.close()


def served(theirs: EmbeddedBackends, *, operations: bool) -> Server:
    app = FastAPI()
    app.include_router(build_router(theirs.chart, TOKEN, theirs.operations if operations else None))
    return Server(httpx.ASGITransport(app=app, raise_app_exceptions=False))


def reading(
    own: EmbeddedBackends,
    http: httpx.AsyncClient,
    parts: frozenset[str] = frozenset(PARTS),
    base: str = BASE,
) -> ReadingBackends:
    return ReadingBackends(own, FhirClient(base, FixedToken(TOKEN), http, limit_s=60), SYSTEM, parts)


@pytest.fixture(scope="session")
def medplum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherChart]:
    """Medplum in memory, once for all. Skips where it cannot be installed."""
    with running_medplum(installed("medplum"), tmp_path_factory.mktemp("medplum") / "log.txt") as url:
        yield OtherChart(url)


@pytest.fixture
async def ehr(own: EmbeddedBackends, theirs: EmbeddedBackends) -> AsyncIterator[Site]:
    """A practice whose chart is another system's, without the operations of IHE Scheduling."""
    server = served(theirs, operations=False)
    async with httpx.AsyncClient(transport=server) as http:
        yield Site(reading(own, http), theirs, own, server)


@pytest.fixture(params=["embedded", "slots", "operations", "Medplum"])
async def site(request: pytest.FixtureRequest, theirs: EmbeddedBackends) -> AsyncIterator[Site]:
    """The same practice in every way that its chart may be kept."""
    if request.param == "embedded":
        yield Site(theirs, theirs, theirs)
        return
    own: EmbeddedBackends = request.getfixturevalue("own")
    if request.param == "Medplum":
        other: OtherChart = request.getfixturevalue("medplum")
        await other.fill(theirs)
        async with httpx.AsyncClient(timeout=60) as http:
            yield Site(reading(own, http, base=other.url), theirs, own, None, (http, other.url))
        await other.put_right()
        return
    server = served(theirs, operations=request.param == "operations")
    async with httpx.AsyncClient(transport=server) as http:
        yield Site(reading(own, http), theirs, own, server)


__all__ = ["clock", "migrated", "practice", "seeded"]
