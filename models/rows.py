"""Inserting without racing: a row that may be there already, and the order of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

EVENT_LOCK = 0x45766E74  # any fixed number; PostgreSQL's advisory lock of event numbers


def insert_if_new(session: Session, row: SQLModel) -> bool:
    """Insert ``row`` unless one with its unique key exists; True when it was inserted.

    One statement on both engines, so two processes cannot both succeed. ``row`` itself stays outside
    the session: load it again to work with it.
    """
    table: Table = type(row).__table__  # type: ignore[attr-defined]
    dialect = postgresql if _is_postgresql(session) else sqlite
    statement = dialect.insert(table).values(_values(row, table)).on_conflict_do_nothing()
    inserted = session.connection().execute(statement.returning(*table.primary_key.columns))
    return inserted.first() is not None


def insert_all_new(session: Session, kind: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows of the table ``kind``, but those of which a unique key exists."""
    if rows:
        dialect = postgresql if _is_postgresql(session) else sqlite
        table: Table = kind.__table__  # type: ignore[attr-defined]
        session.connection().execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def insert_new(session: Session, rows: Sequence[SQLModel]) -> int:
    """Insert those of ``rows`` (of one table) whose unique keys are free, in one statement; how many."""
    if not rows:
        return 0
    table: Table = type(rows[0]).__table__  # type: ignore[attr-defined]
    dialect = postgresql if _is_postgresql(session) else sqlite
    values = [_values(row, table) for row in rows]
    statement = dialect.insert(table).values(values).on_conflict_do_nothing()
    return len(session.connection().execute(statement.returning(*table.primary_key.columns)).all())


def in_event_order(session: Session) -> None:
    """Let nobody else number events until this transaction ends, so that readers never skip one.

    PostgreSQL hands out numbers before the commit: without this, 8 could be seen before 7.
    SQLite has one writer anyway.
    """
    if _is_postgresql(session):
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": EVENT_LOCK})


def _values(row: SQLModel, table: Table) -> dict[str, Any]:
    """The row's values, without a key that the database counts up."""
    values = {column.key: getattr(row, column.key) for column in table.columns}
    keys = table.primary_key.columns.keys()
    return {name: value for name, value in values.items() if not (name in keys and value is None)}


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
