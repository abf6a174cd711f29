"""Many rows into either database at once, past the mapper: values come sealed, with the real key ring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Engine, text

Rows = Iterable[Sequence[Any]]
AT_ONCE = 20_000


def fill(engine: Engine, table: str, columns: str, rows: Rows) -> None:
    """``columns``: names with spaces between, in the order of each row's values."""
    put = _copied if engine.dialect.name == "postgresql" else _inserted
    put(engine, table, columns.split(), rows)


def settle(engine: Engine) -> None:
    """As a database is that has grown by and by: PostgreSQL keeps its statistics itself, SQLite has none."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        return
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()


def _inserted(engine: Engine, table: str, columns: Sequence[str], rows: Rows) -> None:
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        for part in _parts(map(_for_sqlite, rows)):
            cursor.executemany(statement, part)
        cursor.execute("COMMIT")
    finally:
        connection.close()


def _copied(engine: Engine, table: str, columns: Sequence[str], rows: Rows) -> None:
    connection = engine.raw_connection()
    try:
        cursor: Any = connection.cursor()
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.commit()
    finally:
        connection.close()


def _parts(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while part := list(islice(rows, AT_ONCE)):
        yield part


def _for_sqlite(row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(_written(value) if isinstance(value, datetime) else value for value in row)


def _written(at: datetime) -> str:
    """As SQLAlchemy writes an instant into SQLite."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
