"""Column types: text, JSON and bytes that rest encrypted, and instants that are always aware UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, LargeBinary, inspect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from models.keyring import current_keyring

CALL_ID_LENGTH = 64
BLIND_LENGTH = 64

# SQLite numbers rows itself only in a column of type INTEGER.
RowNumber = BigInteger().with_variant(Integer(), "sqlite")


class Row(SQLModel):
    """The base of our tables: shows itself by its key only, so that no log line holds personal data."""

    def __repr_args__(self) -> Sequence[tuple[str | None, Any]]:
        return [(column.key, getattr(self, column.key)) for column in inspect(type(self)).primary_key]


class _Encrypted:
    """What the encrypted types share: the column's name binds a value to its place."""

    def __init__(self, table_column: str) -> None:
        super().__init__()
        self.table_column = table_column

    def seal(self, plain: bytes) -> bytes:
        return current_keyring().encrypt(plain, self.table_column.encode())

    def unseal(self, sealed: bytes) -> bytes:
        return current_keyring().decrypt(bytes(sealed), self.table_column.encode())


class EncryptedBytes(_Encrypted, TypeDecorator[bytes]):
    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else self.seal(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:
        return None if value is None else self.unseal(value)


class EncryptedText(_Encrypted, TypeDecorator[str]):
    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else self.seal(value.encode())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else self.unseal(value).decode()


class EncryptedJson(_Encrypted, TypeDecorator[Any]):
    """JSON values; None rests as SQL NULL. Assign a new value to change one: edits inside are not seen."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> bytes | None:
        return None if value is None else self.seal(orjson.dumps(value))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(self.unseal(value))


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values; gives aware UTC on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def secret_text(table_column: str) -> Any:
    """A text field that rests encrypted, "" unless set."""
    return Field(default="", sa_column=Column(EncryptedText(table_column), nullable=False))


def maybe_secret_text(table_column: str) -> Any:
    """A text field that rests encrypted, and may be absent."""
    return Field(default=None, sa_column=Column(EncryptedText(table_column), nullable=True))


def secret_json(table_column: str, *, required: bool = False) -> Any:
    """A JSON field that rests encrypted, None unless set or ``required``."""
    column: Column[Any] = Column(EncryptedJson(table_column), nullable=not required)
    return Field(sa_column=column) if required else Field(default=None, sa_column=column)


def instant(*, index: bool = False) -> Any:
    """A required instant."""
    return Field(sa_column=Column(UtcDateTime(), nullable=False, index=index))


def maybe_instant(*, index: bool = False) -> Any:
    """An instant that may be absent."""
    return Field(default=None, sa_column=Column(UtcDateTime(), nullable=True, index=index))


def row_number() -> Any:
    """A primary key that the database counts up."""
    return Field(default=None, sa_column=Column(RowNumber, primary_key=True, autoincrement=True))


def blind_index() -> Any:
    """A keyed fingerprint to look a personal value up by, "" unless set."""
    return Field(default="", index=True, max_length=BLIND_LENGTH)


def call_name(*, index: bool = False) -> Any:
    """A call's id without a foreign key: danger is paged even if the call's own row could not be stored."""
    return Field(default="", index=index, max_length=CALL_ID_LENGTH)
