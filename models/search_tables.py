"""The tables by which calls are found: a keyed index of words and facts, and what staff searched for."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field

from models.columns import CALL_ID_LENGTH, Row, instant, secret_json


def _key_part() -> Any:
    return Field(sa_column=Column(BigInteger, primary_key=True))


class CallKey(Row, table=True):
    """One thing that a call can be found by. ``key`` is the keyed fingerprint of a word or a fact
    (models/search_keys.py), ``turn`` where it was said, -1 for the whole call; ``started_us`` is when the
    call started, in microseconds since 1970: the newest calls of a key lie side by side.
    """

    __tablename__ = "call_key"
    __table_args__: ClassVar[Any] = (
        Index("ix_call_key_call", "call_id", "turn"),
        {"sqlite_with_rowid": False},
    )

    key: int = _key_part()
    started_us: int = _key_part()
    call_id: str = Field(primary_key=True, foreign_key="call.id", max_length=CALL_ID_LENGTH)
    turn: int = Field(primary_key=True)


class CallSearch(Row, table=True):
    """What somebody searched for, where it is personal: an address holds only its ``id``."""

    __tablename__ = "call_search"

    id: str = Field(primary_key=True, max_length=32)
    body: dict[str, Any] = secret_json("call_search.body", required=True)
    who: str = Field(max_length=100)
    at: datetime = instant(index=True)
