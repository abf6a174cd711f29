"""The database's shape: which revision it has, and bringing it to the one that this program needs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from models.errors import StorageError

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x46697273  # any fixed number; PostgreSQL's advisory lock of our upgrades


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings, made in memory."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config())


def head() -> str:
    """The newest revision that this program knows."""
    found = _scripts().get_current_head()
    if found is None:
        raise StorageError("the program's database migrations are missing", fix="Install Firstring again.")
    return found


def current(connection: Connection) -> str | None:
    """The database's revision, None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> None:
    """Bring the database to our newest revision, once, however many processes open it together."""
    wanted = head()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        found = current(connection)
        if found == wanted:
            return
        refuse_newer(found)
        command.upgrade(alembic_config(connection), "head")


def refuse_newer(found: str | None) -> None:
    """Raises StorageError for a revision that a newer program made."""
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        raise StorageError(
            f"the database has revision {found}, which this program does not know",
            fix="A newer Firstring made it: install that version, or restore a backup made by this one.",
        )
