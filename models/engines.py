"""Database engines for a URL: SQLite (one file) or PostgreSQL, set up so that a commit is on disk."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from models.errors import StorageError, may_pass

BUSY_WAIT_MS = 10_000
CONNECT_WAIT_S = 10
# A link that drops everything in silence (a firewall, a machine that lost its power) is found out in 20 s:
# TCP itself takes a quarter of an hour, and looks at an idle one after two hours.
LOST_LINK = {
    "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000
}  # fmt: skip
READERS = 4
PAGES_KIB = 1_000  # of the file, kept by each connection; the system keeps the others
URL_FIX = "Use sqlite:///path/to/firstring.db or postgresql+psycopg://user:password@host/name."


@dataclass(frozen=True)
class Engines:
    """One connection to write with, a few to read with."""

    writing: Engine
    reading: Engine

    def dispose(self) -> None:
        self.writing.dispose()
        self.reading.dispose()


def parse_url(database_url: str) -> URL:
    """The URL with a driver we carry. Raises `StorageError`, which never repeats the password."""
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise StorageError("DATABASE_URL is not a database URL", fix=URL_FIX) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise StorageError(f"DATABASE_URL names an unknown kind of database, {url.drivername}", fix=URL_FIX)
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise StorageError("a database in memory would be lost; DATABASE_URL must name a file", fix=URL_FIX)
    return url


def make_engines(url: URL) -> Engines:
    """Engines for ``url``; nothing is opened yet."""
    return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)


def _sqlite(url: URL) -> Engines:
    _prepare_folder(Path(str(url.database)))
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": BUSY_WAIT_MS / 1_000}}
    options["hide_parameters"] = True  # an error's text must not quote personal data
    writing = create_engine(url, pool_size=1, max_overflow=1, **options)
    reading = create_engine(url, pool_size=READERS, max_overflow=0, **options)
    for engine, begin in ((writing, "BEGIN IMMEDIATE"), (reading, "BEGIN")):
        event.listen(engine, "connect", _sqlite_connected)
        event.listen(engine, "begin", _beginner(begin))
    event.listen(reading, "connect", _sqlite_read_only)
    return Engines(writing, reading)


def _sqlite_connected(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGINs would break savepoints
    for pragma in (
        f"busy_timeout={BUSY_WAIT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",  # a commit survives a power cut, not only a crash
        "foreign_keys=ON",
        "trusted_schema=OFF",
        f"cache_size=-{PAGES_KIB}",
        "secure_delete=ON",  # what is deleted is overwritten, not only forgotten
    ):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_read_only(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON")


def _beginner(statement: str) -> Any:
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _postgresql(url: URL) -> Engines:
    asked = url.query.get("options", "")  # the operator's own, such as a search_path, stay
    own = f"{asked} -c lock_timeout={BUSY_WAIT_MS}"
    connect: dict[str, Any] = {name: value for name, value in LOST_LINK.items() if name not in url.query}
    connect |= {"connect_timeout": CONNECT_WAIT_S, "options": own.strip()}
    options: dict[str, Any] = {"connect_args": connect, "hide_parameters": True}
    # A read whose connection was lost is done again; a commit cannot be: its connection is asked first.
    writing = create_engine(url, pool_size=1, max_overflow=1, pool_pre_ping=True, **options)
    options["isolation_level"] = "REPEATABLE READ"  # one snapshot for a whole read
    reading = create_engine(url, pool_size=READERS, max_overflow=0, **options)
    return Engines(writing, reading.execution_options(postgresql_readonly=True))


def _prepare_folder(file: Path) -> None:
    """The database's folder and file, for this user only."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        problem = f"the database file {file} cannot be opened ({error.strerror})"
        raise StorageError(problem, may_pass=may_pass(error)) from error


class ServerLock:
    """Held by the one server of an SQLite file, for as long as it runs; the system frees it at any death."""

    def __init__(self, database: Path) -> None:
        self._handle = os.open(database.with_name(database.name + ".server"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise StorageError(
                f"another Firstring server is using {database}",
                fix="Stop the other server, or use PostgreSQL, which several servers may share.",
            ) from None

    def release(self) -> None:
        os.close(self._handle)


@contextlib.contextmanager
def only_one(engine: Engine, lock: int, *, wait_s: float = 600.0) -> Iterator[None]:
    """One process at a time, of all that share a PostgreSQL; an SQLite file has one server in any case.

    A process that dies gives the lock back. Raises `StorageError` when others hold it for longer.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect() as connection:
        try:
            wait_for_lock(connection, lock, wait_s)
        except OperationalError as problem:
            late = "another process has been preparing the database for too long"
            raise StorageError(late, may_pass=True) from problem
        yield


def wait_for_lock(connection: Connection, lock: int, wait_s: float) -> None:
    """PostgreSQL's advisory lock, until the transaction ends; only this wait may last longer than usual."""
    usual = connection.execute(text("SELECT current_setting('lock_timeout')")).scalar()
    set_local = text("SELECT set_config('lock_timeout', :limit, true)")
    connection.execute(set_local, {"limit": f"{wait_s * 1_000:.0f}"})
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})
    connection.execute(set_local, {"limit": usual})
