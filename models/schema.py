"""The database's shape: which revision it has, and bringing it to the one that this program needs.

Alembic is loaded only where there is something to upgrade: a process that starts again, while a caller
waits, finds its database at the newest revision, and Alembic takes a tenth of all that it would load.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from models import half_restored
from models.engines import wait_for_lock
from models.errors import StorageError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_WAIT_S = 1_800.0  # another process is at it, and a large database takes its time
UPGRADE_LOCK = 0x46697273  # any fixed number; PostgreSQL's advisory lock of our upgrades


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings, made in memory."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def known_revisions() -> list[str]:
    """All that this program knows, oldest first: ``0001_calls.py`` is revision 0001."""
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
    return [name.partition("_")[0] for name in names]


def head() -> str:
    """The newest revision that this program knows."""
    known = known_revisions()
    if not known:
        raise StorageError("the program's database migrations are missing", fix="Install Firstring again.")
    return known[-1]


def current(connection: Connection) -> str | None:
    """The database's revision, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def upgrade(engine: Engine, *, restoring: bool = False) -> None:
    """Bring the database to our newest revision, once, however many processes open it together.

    Raises StorageError for one that a restore has not ended with, but where it is that which asks.
    """
    wanted = head()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            wait_for_lock(connection, UPGRADE_LOCK, UPGRADE_WAIT_S)
            if not restoring:
                half_restored.refuse(connection)
        found = current(connection)
        if found == wanted:
            return
        if refuse_newer(connection, found):
            return
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def make(connection: Connection, revision: str) -> None:
    """An empty database gets the shape of ``revision``. Raises StorageError for one of a newer program."""
    from alembic import command

    if revision not in known_revisions():
        raise StorageError(
            f"the backup has revision {revision}, which this program does not know",
            fix="A newer Firstring made it: install that version.",
        )
    command.upgrade(alembic_config(connection), revision)


def clear(engine: Engine) -> None:
    """All of our tables go, with what is in them: nothing is left, as in a database that was just made."""
    from alembic import command

    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
        for table in ("alembic_version", half_restored.TABLE):
            connection.execute(text(f"DROP TABLE IF EXISTS {table}"))


def refuse_newer(connection: Connection, found: str | None) -> bool:
    """Whether a newer program made revision ``found`` and left it so that this one may serve it.

    Raises StorageError for one that this program cannot serve.
    """
    if found is None or found in known_revisions():
        return False
    oldest = floor(connection)
    if oldest is not None and oldest <= head():
        return True
    raise StorageError(
        f"the database has revision {found}, which this program does not know",
        fix="A newer Firstring made it: install that version, or restore a backup made by this one.",
    )


def floor(connection: Connection) -> str | None:
    """The oldest revision whose program may serve this schema; None where nothing says so."""
    if not inspect(connection).has_table("schema_floor"):
        return None
    found: str | None = connection.execute(text("SELECT oldest FROM schema_floor")).scalar()
    return found
