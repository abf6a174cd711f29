"""Do these keys open what the database holds? Asked of one value, before anybody calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Engine, LargeBinary, inspect, select, type_coerce
from sqlmodel import SQLModel

from models import tables as _tables  # noqa: F401  # all tables are known once it is imported
from models.keyring import KeyRing


def check_keys(engine: Engine, ring: KeyRing) -> bool:
    """True when a stored value opens, False when there is none yet. Raises KeyRingError."""
    with engine.connect() as connection:
        present = set(inspect(connection).get_table_names())
        for column in _encrypted_columns():
            if column.table.name not in present:
                continue
            raw = select(type_coerce(column, LargeBinary)).where(column.is_not(None)).limit(1)
            sealed = connection.execute(raw).scalar()
            if sealed is not None:
                ring.decrypt(bytes(sealed), bound_to(column))
                return True
    return False


def _encrypted_columns() -> Iterator[Column[Any]]:
    for table in SQLModel.metadata.sorted_tables:
        yield from (column for column in table.columns if bound_to(column))


def bound_to(column: Column[Any]) -> bytes:
    """What the values of an encrypted column are sealed for; b"" for any other column."""
    return str(getattr(column.type, "table_column", "")).encode()
