"""After a new data key: what older keys have sealed is sealed anew, some rows a transaction, while calls run.

A value tells the number of its key, so what is left to do is found by looking: nothing is noted down, and a
run that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, func, or_, select, tuple_, type_coerce, update
from sqlmodel import Session, SQLModel

from models import tables as _tables  # noqa: F401  # all tables are known once it is imported
from models.keyring import HEADER_BYTES, KeyRing, header_of
from models.sealed import bound_to

ROWS_AT_ONCE = 100  # a turn that is to be stored waits for no more


@dataclass(frozen=True)
class Place:
    """A table and the row that was looked at last; () at its beginning."""

    table: str
    after: tuple[Any, ...] = ()


def sealed_tables() -> list[str]:
    """All that have encrypted columns."""
    return [table.name for table in SQLModel.metadata.sorted_tables if any(map(bound_to, table.columns))]


def reseal(session: Session, ring: KeyRing, place: Place) -> tuple[int, Place | None]:
    """Some rows from ``place`` on; how many were changed, and where to go on, None at the table's end."""
    table = SQLModel.metadata.tables[place.table]
    keys, sealed = list(table.primary_key.columns), [each for each in table.columns if bound_to(each)]
    query = (
        select(*keys, *(type_coerce(each, LargeBinary) for each in sealed))
        .where(_stale(sealed, ring), *_beyond(keys, place.after))
        .order_by(*keys)
        .limit(ROWS_AT_ONCE)
        .with_for_update()  # what a call stores meanwhile is not overwritten
    )
    rows = session.connection().execute(query).all()
    for row in rows:
        _put(session, table, row, ring)
    if len(rows) < ROWS_AT_ONCE:
        return len(rows), None
    return len(rows), Place(place.table, tuple(rows[-1][: len(keys)]))


def left(session: Session, ring: KeyRing) -> int:
    """How many rows hold something that another key than the active one has sealed."""
    found = 0
    for name in sealed_tables():
        table = SQLModel.metadata.tables[name]
        sealed = [each for each in table.columns if bound_to(each)]
        query = select(func.count()).select_from(table).where(_stale(sealed, ring))
        found += session.connection().execute(query).scalar_one()
    return found


def _stale(sealed: Sequence[Any], ring: KeyRing) -> ColumnElement[bool]:
    wanted = header_of(ring.active_key)
    heads = [func.substr(type_coerce(each, LargeBinary), 1, HEADER_BYTES) for each in sealed]
    return or_(*(type_coerce(head, LargeBinary) != wanted for head in heads))  # of NULL: neither


def _beyond(keys: Sequence[Any], after: tuple[Any, ...]) -> list[ColumnElement[bool]]:
    if not after:
        return []
    return [keys[0] > after[0] if len(keys) == 1 else tuple_(*keys) > tuple_(*after)]


def _put(session: Session, table: Table, row: Any, ring: KeyRing) -> None:
    keys, wanted = list(table.primary_key.columns), header_of(ring.active_key)
    sealed = [each for each in table.columns if bound_to(each)]
    fresh: dict[str, Any] = {}
    for column, value in zip(sealed, row[len(keys) :], strict=True):
        if value is not None and bytes(value)[:HEADER_BYTES] != wanted:
            aad = bound_to(column)
            fresh[column.name] = type_coerce(ring.encrypt(ring.decrypt(bytes(value), aad), aad), LargeBinary)
    mine = [key == value for key, value in zip(keys, row[: len(keys)], strict=True)]
    session.connection().execute(update(table).where(*mine).values(fresh))
