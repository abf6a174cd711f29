"""The database: reached, of this version, writable, its keys the right ones. Nothing in it is changed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from agent.doctor.findings import Finding, failed, not_checked, ok, warn
from agent.settings import Settings
from models import schema
from models.engines import make_engines, parse_url
from models.errors import FirstringError, StorageError
from models.keyring import KeyRing
from models.refusals import storage_error
from models.sealed import check_keys

CHECK = "database"


def database(chosen: Settings) -> Iterator[Finding]:
    """Raises StorageError with its fix, which names no password."""
    url = parse_url(chosen.database)
    file = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
    if file is not None and not file.exists():
        yield ok(CHECK, f"{file} is made at the first start")
        return
    engines = make_engines(url)
    try:
        yield _revision(engines.reading)
        _writable(engines.writing)
        yield ok("database use", _use(file))
        yield _keys(chosen, engines.reading)
    except SQLAlchemyError as problem:
        raise storage_error(problem) from None
    finally:
        engines.dispose()


def _revision(engine: Engine) -> Finding:
    with engine.connect() as connection:
        found = schema.current(connection)
        if schema.refuse_newer(connection, found):
            return ok(CHECK, f"opens, at revision {found} of a newer version, which this one may serve")
    if found != schema.head():
        what = "empty" if found is None else f"at revision {found}"
        return warn(
            CHECK, f"opens, and is {what}", "Back it up: the next start brings it to this version by itself."
        )
    return ok(CHECK, "opens, and is at this version's revision")


def _writable(engine: Engine) -> None:
    """Takes the right to write, and gives it back."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            if connection.execute(text("SHOW transaction_read_only")).scalar() == "on":
                raise StorageError(
                    "the database is read-only", fix="Name its primary server in DATABASE_URL."
                )
        else:
            connection.execute(text("SELECT 1"))  # the transaction began as IMMEDIATE: a writer's
        connection.rollback()


def _use(file: Path | None) -> str:
    if file is None:
        return "can be written"
    return (
        "can be written; a running server has it open"
        if in_use(file)
        else "can be written; no server has it open"
    )


def in_use(file: Path) -> bool:
    """Whether a running server holds this SQLite file."""
    lock = file.with_name(file.name + ".server")
    if not lock.exists():
        return False
    handle = os.open(lock, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _keys(chosen: Settings, engine: Engine) -> Finding:
    path = chosen.secrets_folder / "keys"
    if not path.exists():
        return not_checked("keys", "there is no key file yet")
    try:
        known = check_keys(engine, KeyRing.load(path))
    except FirstringError as problem:
        return failed("keys", problem)
    return ok(
        "keys", "they open what the database holds" if known else "readable; the database holds nothing yet"
    )
