"""Whatever is done to the audit's rows behind its back is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlmodel import Session

from models import audit
from models.audit import AuditFault
from models.crypto import KeyRing
from models.storage import Storage

NOW = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)


def write(storage: Storage, count: int = 5) -> None:
    def work(session: Session, n: int) -> None:
        at = NOW + timedelta(seconds=n)
        audit.append(session, at=at, actor="kim", action="view", subject=f"call/CA{n}", why="callback")

    for n in range(count):
        storage.write_now(lambda s, n=n: work(s, n))  # type: ignore[misc]


def tamper(storage: Storage, *statements: str) -> None:
    """As somebody with the database's password would: triggers off first."""
    with storage.engines.writing.begin() as connection:
        _drop_triggers(connection)
        for statement in statements:
            connection.execute(text(statement))


def _drop_triggers(connection: Connection) -> None:
    on = " ON audit_entry" if connection.dialect.name == "postgresql" else ""
    for event in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS audit_entry_no_{event}{on}"))


def fault(storage: Storage) -> AuditFault | None:
    return storage.read_now(audit.verify)


def test_an_untouched_trail_is_whole(storage: Storage, database_url: str) -> None:
    assert fault(storage) is None
    write(storage)
    other = Storage.open(database_url, storage.keyring)
    write(other)
    write(storage)
    other.close()
    assert fault(storage) is None
    assert len(storage.read_now(lambda s: audit.entries_about(s, "call/CA3"))) == 3


@pytest.mark.parametrize(
    ("statement", "number", "problem"),
    [
        ("UPDATE audit_entry SET actor = 'lee' WHERE number = 3", 3, "altered"),
        ("UPDATE audit_entry SET action = 'export' WHERE number = 1", 1, "altered"),
        ("UPDATE audit_entry SET at = '2026-03-09 14:30:03.500000' WHERE number = 4", 4, "altered"),
        ("UPDATE audit_entry SET why = subject WHERE number = 2", 2, "text was altered"),
        ("UPDATE audit_entry SET subject = prev.subject FROM audit_entry AS prev "
         "WHERE prev.number = 1 AND audit_entry.number = 2", 2, "altered"),
        ("UPDATE audit_entry SET hash = prev_hash WHERE number = 2", 2, "altered"),
        ("UPDATE audit_entry SET prev_hash = hash WHERE number = 2", 2, "does not follow"),
        ("UPDATE audit_entry SET prev_hash = 'x' WHERE number = 1", 1, "started from is gone"),
        ("DELETE FROM audit_entry WHERE number = 2", 3, "entry 2 is missing"),
        ("DELETE FROM audit_entry WHERE number = 1", 2, "entry 1 is missing"),
        ("DELETE FROM audit_entry WHERE number = 5", 5, "from the end"),
        ("DELETE FROM audit_entry", 1, "from the end"),
        ("UPDATE audit_head SET number = 4", 5, "head is missing or altered"),
        ("DELETE FROM audit_head", 5, "head is missing or altered"),
    ],
)  # fmt: skip
def test_every_tampering_is_found(storage: Storage, statement: str, number: int, problem: str) -> None:
    write(storage)
    tamper(storage, statement)
    found = fault(storage)
    assert found is not None
    assert (found.number, problem in found.problem) == (number, True), found


def test_reordered_entries_are_found(storage: Storage) -> None:
    write(storage)
    swap = [(2, 99), (3, 2), (99, 3)]
    tamper(storage, *[f"UPDATE audit_entry SET number = {new} WHERE number = {old}" for old, new in swap])
    found = fault(storage)
    assert found is not None
    assert found.number == 2


def test_a_whole_chain_cannot_vanish_unseen(storage: Storage, database_url: str) -> None:
    write(storage)
    other = Storage.open(database_url, storage.keyring)
    write(other)
    other.close()
    tables = ("audit_entry", "audit_head")
    tamper(storage, *[f"DELETE FROM {table} WHERE chain = '{storage.chain}'" for table in tables])
    found = fault(storage)
    assert found is not None
    assert found.problem == "the entry that this chain started from is gone"


def test_every_single_bit_of_every_field_counts(storage: Storage) -> None:
    write(storage, 1)
    changes: list[Callable[[str], str]] = [lambda v: v + "x", lambda v: v.upper(), lambda v: v[:-1]]
    for column in ("actor", "action", "hash"):
        for change in changes:
            with storage.engines.writing.begin() as connection:
                _drop_triggers(connection)
                (before,) = connection.execute(text(f"SELECT {column} FROM audit_entry")).one()
                values = {"v": change(before)[:64]}
                connection.execute(text(f"UPDATE audit_entry SET {column} = :v"), values)
            altered = values["v"] != before
            assert (fault(storage) is not None) == altered
            with storage.engines.writing.begin() as connection:
                connection.execute(text(f"UPDATE audit_entry SET {column} = :v"), {"v": before})
    assert fault(storage) is None


def test_another_key_file_cannot_vouch(storage: Storage, database_url: str, tmp_path: Path) -> None:
    write(storage)
    stranger = Storage.open(database_url, KeyRing.load_or_create(tmp_path / "other.json"))
    found = stranger.read_now(audit.verify)
    stranger.close()
    assert found is not None


def test_an_undone_work_leaves_no_gap(storage: Storage) -> None:
    write(storage, 2)

    def failing(session: Session) -> None:
        audit.append(session, at=NOW, actor="kim", action="view", subject="call/CA9")
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        storage.write_now(failing)
    write(storage, 2)
    assert fault(storage) is None
