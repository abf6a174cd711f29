"""Which versions may serve this schema; read by `models.schema`, written by migrations alone."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field, SQLModel


class SchemaFloor(SQLModel, table=True):
    """One row: the oldest revision whose code may still serve."""

    __tablename__: ClassVar[str] = "schema_floor"

    id: int = Field(primary_key=True)
    oldest: str
