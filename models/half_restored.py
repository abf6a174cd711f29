"""The mark of a PostgreSQL that a restore has filled and not ended with: nobody serves it, and it may go.

SQLite needs none: its file is put in its place last.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text

from models.errors import StorageError

TABLE = "half_restored"


def mark(connection: Connection) -> None:
    """In the transaction that fills the database."""
    connection.execute(text(f"CREATE TABLE {TABLE} (since timestamptz NOT NULL DEFAULT now())"))


def is_marked(connection: Connection) -> bool:
    return inspect(connection).has_table(TABLE)


def unmark(engine: Engine) -> None:
    """All of it is in its place. May be called twice."""
    with engine.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {TABLE}"))


def refuse(connection: Connection) -> None:
    """Raises `StorageError` for a marked one: what a server stored there would go with the next try."""
    if is_marked(connection):
        raise StorageError(
            "a restore has filled this database and did not end", fix="Run `firstring restore` again."
        )
