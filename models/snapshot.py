"""One consistent state of the whole database, copied while it is in use, and put back into an empty one.

SQLite: the online backup of its own C library, which reads beside the writer (write-ahead log). PostgreSQL:
every table by COPY from one snapshot, so that neither pg_dump nor its version matters.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from models import half_restored, schema
from models.errors import StorageError
from models.refusals import storage_error

REVISIONS = "alembic_version"
COPY_BYTES = 1 << 20


@dataclass(frozen=True)
class State:
    """What a copy holds. ``heads``: the end of each audit chain, as (number, hash)."""

    revision: str
    counts: Mapping[str, int]
    heads: Mapping[str, tuple[int, str]]
    columns: Mapping[str, list[str]] = field(default_factory=dict)


def copy_sqlite(source: Path, target: Path) -> State:
    """Raises `StorageError`, for a full disk too; ``target`` is then worth nothing."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as there,
            closing(sqlite3.connect(target)) as here,
        ):
            there.backup(here)  # in one step: begun again at each commit of the server otherwise
            here.execute("PRAGMA journal_mode=DELETE")
        return sqlite_state(target)
    except sqlite3.Error as problem:
        raise StorageError(f"the database cannot be copied ({problem})", fix="Free disk space.") from problem


def sqlite_state(file: Path) -> State:
    """Of a file that nobody else has open."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:

        def rows(statement: str) -> list[Any]:
            return connection.execute(statement).fetchall()

        names = [name for (name,) in rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        ours = sorted(name for name in names if not name.startswith("sqlite_") and name != REVISIONS)
        counts = {name: rows(f'SELECT count(*) FROM "{name}"')[0][0] for name in ours}
        heads = {row[0]: (row[1], row[2]) for row in rows("SELECT chain, number, hash FROM audit_head")}
        return State(rows(f"SELECT version_num FROM {REVISIONS}")[0][0], counts, heads)


def check_sqlite(file: Path) -> None:
    """Raises `StorageError` for a damaged file."""
    with closing(sqlite3.connect(file)) as connection:
        (said,) = connection.execute("PRAGMA quick_check").fetchone()
    if said != "ok":
        raise StorageError("the database in the backup is damaged", fix="Restore an earlier backup.")


class PostgresCopy:
    """Tables of one snapshot, read one after the other."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.state = _postgres_state(connection)

    def table(self, name: str) -> Iterator[bytes]:
        """As COPY writes it in its binary format."""
        quoted = _quoted(self._connection, name, self.state.columns[name])
        cursor: Any = self._connection.connection.cursor()
        with cursor.copy(f"COPY {quoted} TO STDOUT (FORMAT binary)") as copy:
            yield from (bytes(piece) for piece in copy)


@contextmanager
def postgres_copy(reading: Engine) -> Iterator[PostgresCopy]:
    """``reading``: an engine whose transactions are one snapshot. Raises `StorageError`."""
    try:
        with reading.connect() as connection:
            yield PostgresCopy(connection)
    except SQLAlchemyError as problem:
        raise storage_error(problem) from problem


def _postgres_state(connection: Connection) -> State:
    seen = inspect(connection)
    ours = sorted(set(seen.get_table_names()) - {REVISIONS, half_restored.TABLE})
    columns = {name: [column["name"] for column in seen.get_columns(name)] for name in ours}
    counts = {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in ours}
    rows = connection.execute(text("SELECT chain, number, hash FROM audit_head"))
    return State(
        schema.current(connection) or "", counts, {row[0]: (row[1], row[2]) for row in rows}, columns
    )


def postgres_state(engine: Engine) -> State:
    """As it is now."""
    with engine.connect() as connection:
        return _postgres_state(connection)


def is_empty(engine: Engine) -> bool:
    """Whether there is no table at all."""
    with engine.connect() as connection:
        return not inspect(connection).get_table_names()


def fill_postgres(engine: Engine, state: State, tables: Iterable[tuple[str, IO[bytes]]]) -> None:
    """An empty database gets the shape of ``state`` and then the rows of ``tables``.

    All in one transaction: at any error the database is as empty as before. It is `half_restored` then, until
    the restore has ended. Raises `StorageError`.
    """
    streams = dict(tables)
    try:
        with engine.begin() as connection:
            schema.make(connection, state.revision)
            for name in _parents_first(connection):
                _fill(connection, name, state.columns[name], streams[name])
            _count_on(connection, state)
            half_restored.mark(connection)
    except SQLAlchemyError as problem:
        raise storage_error(problem) from problem


def _parents_first(connection: Connection) -> list[str]:
    found = inspect(connection).get_sorted_table_and_fkc_names()
    return [name for name, _ in found if name is not None and name != REVISIONS]


def _fill(connection: Connection, name: str, columns: list[str], stream: IO[bytes]) -> None:
    cursor: Any = connection.connection.cursor()
    quoted = _quoted(connection, name, columns)
    connection.execute(text(f'DELETE FROM "{name}"'))  # what the migrations themselves have put there
    with cursor.copy(f"COPY {quoted} FROM STDIN (FORMAT binary)") as copy:
        while piece := stream.read(COPY_BYTES):
            copy.write(piece)


def _count_on(connection: Connection, state: State) -> None:
    """Rows that are added from now on get numbers of their own."""
    for table, columns in state.columns.items():
        for column in columns:
            named = {"table": f'"{table}"', "column": column}
            sequence = text("SELECT pg_get_serial_sequence(:table, :column)")
            if name := connection.execute(sequence, named).scalar():
                last = f'SELECT setval(:name, coalesce(max("{column}"), 0) + 1, false) FROM "{table}"'
                connection.execute(text(last), {"name": name})


def _quoted(connection: Connection, table: str, columns: list[str]) -> str:
    quote = connection.dialect.identifier_preparer.quote
    return f"{quote(table)} ({', '.join(quote(column) for column in columns)})"


def to_json(state: State) -> dict[str, Any]:
    heads = {chain: list(head) for chain, head in state.heads.items()}
    return {
        "revision": state.revision,
        "counts": dict(state.counts),
        "heads": heads,
        "columns": dict(state.columns),
    }


def from_json(body: Mapping[str, Any]) -> State:
    heads = {chain: (int(number), str(last)) for chain, (number, last) in body["heads"].items()}
    return State(body["revision"], body["counts"], heads, body["columns"])


def differences(wanted: State, found: State) -> list[str]:
    """What of ``wanted`` is not so in ``found``; [] where both are equal."""
    told = [
        f"{name}: {count} rows in the backup, {found.counts.get(name, 0)} here"
        for name, count in wanted.counts.items()
        if found.counts.get(name) != count
    ]
    if orjson.dumps(sorted(wanted.heads.items())) != orjson.dumps(sorted(found.heads.items())):
        told.append("the audit chains end elsewhere than in the backup")
    return told
