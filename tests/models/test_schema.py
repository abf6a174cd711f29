"""Migrations: up, down, up again on both engines, and the same shape as the tables in Python."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from models import audit, records, schema
from models.crypto import KeyRing
from models.engines import make_engines, parse_url
from models.errors import StorageError
from models.storage import Storage


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engines = make_engines(parse_url(database_url))
    yield engines.writing
    engines.dispose()


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, SQLModel.metadata))


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_revisions_are_named_by_their_files() -> None:
    scripts = ScriptDirectory.from_config(schema.alembic_config())
    assert schema.head() == scripts.get_current_head()
    assert set(schema.known_revisions()) == {script.revision for script in scripts.walk_revisions()}


def test_a_process_that_finds_its_database_ready_loads_no_alembic(tmp_path: Path, keyring: KeyRing) -> None:
    url = f"sqlite:///{tmp_path}/ready.sqlite"
    Storage.open(url, keyring).close()
    program = (
        "import sys; from sqlalchemy import create_engine; from models import schema; "
        f"schema.upgrade(create_engine({url!r})); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=schema.MIGRATIONS.parent.parent)


def test_up_down_and_up_again(engine: Engine) -> None:
    schema.upgrade(engine)
    assert tables(engine) == set(SQLModel.metadata.tables)
    with engine.begin() as connection:
        command.downgrade(schema.alembic_config(connection), "base")
    assert tables(engine) == set()
    schema.upgrade(engine)
    with engine.begin() as connection:
        assert schema.current(connection) == schema.head()
        assert differences(connection) == []


def test_every_step_down_and_up(engine: Engine) -> None:
    schema.upgrade(engine)
    for _ in schema.known_revisions():
        with engine.begin() as connection:
            command.downgrade(schema.alembic_config(connection), "-1")
    assert tables(engine) == set()


def test_who_was_staff_is_a_coordinator_and_goes_back(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(schema.alembic_config(connection), "0009")
        for name, role in (("kim", "staff"), ("root", "admin")):
            row = f"('{name}', 'x', '{role}', false, false, '2026-03-09 16:00:00+00:00')"
            columns = "name, password_hash, role, must_change, disabled, created_at"
            connection.execute(text(f"INSERT INTO staff_user ({columns}) VALUES {row}"))
    schema.upgrade(engine)
    with engine.begin() as connection:
        found = connection.execute(text("SELECT name, roles, totp_step FROM staff_user ORDER BY name"))
        assert [tuple(row) for row in found] == [("kim", "coordinator", 0), ("root", "admin", 0)]
        connection.execute(text("UPDATE staff_user SET roles = 'nurse admin' WHERE name = 'root'"))
        command.downgrade(schema.alembic_config(connection), "0009")
        found = connection.execute(text("SELECT name, role FROM staff_user ORDER BY name"))
        assert [tuple(row) for row in found] == [("kim", "staff"), ("root", "admin")]


def test_a_failing_migration_leaves_nothing_behind(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise RuntimeError("on purpose")

    with monkeypatch.context() as patch:
        patch.setattr("alembic.op.drop_table", refuse)
        patch.setattr("alembic.op.execute", refuse)  # the last revision's triggers
        with pytest.raises(RuntimeError):
            schema.upgrade(engine)
    assert tables(engine) == set()
    schema.upgrade(engine)
    assert tables(engine) == set(SQLModel.metadata.tables)


def test_several_processes_may_open_an_empty_database_together(database_url: str, keyring: KeyRing) -> None:
    barrier, failures = threading.Barrier(4), list[BaseException]()

    def start() -> None:
        barrier.wait()
        try:
            Storage.open(database_url, keyring).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_an_older_program_serves_a_newer_schema_that_only_grew(
    database_url: str, keyring: KeyRing, engine: Engine
) -> None:
    """A process of the old version may be started again while the others are being replaced."""
    Storage.open(database_url, keyring).close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("ALTER TABLE call ADD COLUMN of_a_later_version INTEGER"))
    older = Storage.open(database_url, keyring)
    at = datetime(2026, 11, 26, tzinfo=UTC)
    older.write_now(
        lambda session: records.open_call(session, "CA1", caller_number="", called_number="", at=at)
    )
    older.close()
    with engine.begin() as connection:
        assert schema.current(connection) == "9999", "it was left as it is"


def test_a_newer_database_is_not_touched(database_url: str, keyring: KeyRing, engine: Engine) -> None:
    Storage.open(database_url, keyring).close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE schema_floor SET oldest = '9998'"))  # something was taken away
    with pytest.raises(StorageError, match="9999") as caught:
        Storage.open(database_url, keyring)
    assert "newer" in caught.value.fix


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'nobody'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses_to_change_audit_entries(storage: Storage, statement: str) -> None:
    at = datetime(2026, 3, 9, tzinfo=UTC)
    storage.write_now(lambda s: audit.append(s, at=at, actor="kim", action="view", subject="call/CA1"))
    engine = storage.engines.writing
    with pytest.raises(DBAPIError, match="never changed or deleted"), engine.begin() as connection:
        connection.execute(text(statement))


def test_postgres_refuses_to_truncate_the_audit(postgres_url: str, keyring: KeyRing) -> None:
    storage = Storage.open(postgres_url, keyring)
    engine = storage.engines.writing
    with pytest.raises(DBAPIError, match="never changed or deleted"), engine.begin() as connection:
        connection.execute(text("TRUNCATE audit_entry"))
    storage.close()


def test_sqlite_is_set_so_that_a_commit_is_on_disk(keyring: KeyRing, tmp_path: object) -> None:
    storage = Storage.open(f"sqlite:///{tmp_path}/calls.db", keyring)

    def pragma(name: str) -> object:
        return storage.write_now(lambda s: s.execute(text(f"PRAGMA {name}")).scalar_one())

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL
    assert pragma("foreign_keys") == 1
    assert pragma("busy_timeout") == 10_000
    storage.close()
