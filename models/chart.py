"""Tables of the embedded chart (FHIR R4 resources) and of the schedule's bookings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.columns import Row, instant, maybe_instant, row_number, secret_json

CELL_MINUTES = 5


class ChartResource(Row, table=True):
    """The current version of one resource. ``body`` is the whole FHIR JSON document."""

    __tablename__ = "chart_resource"

    resource_type: str = Field(primary_key=True, max_length=64)
    resource_id: str = Field(primary_key=True, max_length=64)
    version: int
    updated_at: datetime = instant(index=True)
    deleted: bool = False
    body: dict[str, Any] = secret_json("chart_resource.body", required=True)


class ChartVersion(Row, table=True):
    """Every version that a resource ever had, the current one too."""

    __tablename__ = "chart_version"

    resource_type: str = Field(primary_key=True, max_length=64)
    resource_id: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    updated_at: datetime = instant()
    deleted: bool = False
    body: dict[str, Any] = secret_json("chart_version.body", required=True)


class ChartIndex(Row, table=True):
    """One searchable value; personal ones rest as ``keyring.blind("chart.<param>", value)``."""

    __tablename__ = "chart_index"
    __table_args__ = (
        Index("ix_chart_index_search", "resource_type", "param", "value"),
        Index("ix_chart_index_resource", "resource_type", "resource_id"),
    )

    id: int | None = row_number()
    resource_type: str = Field(max_length=64)
    resource_id: str = Field(max_length=64)
    param: str = Field(max_length=64)
    value: str = Field(max_length=400)


class ChartIdentifier(Row, table=True):
    """Who holds an identifier: the unique key that makes conditional create safe against races.

    ``identifier`` is ``keyring.blind("chart.identifier", f"{system}|{value}")``.
    """

    __tablename__ = "chart_identifier"

    resource_type: str = Field(primary_key=True, max_length=64)
    identifier: str = Field(primary_key=True, max_length=64)
    resource_id: str = Field(max_length=64, index=True)


class BookingCell(Row, table=True):
    """Five minutes of one provider, held or booked. Two bookings of one cell cannot both be stored."""

    __tablename__ = "booking_cell"
    __table_args__ = (UniqueConstraint("provider_id", "cell_start", name="uq_booking_cell_provider_start"),)

    id: int | None = row_number()
    provider_id: str = Field(max_length=64)
    cell_start: datetime = instant()
    opening_id: str = Field(max_length=64, index=True)
    appointment_id: str | None = Field(default=None, max_length=64, index=True)
    held_by_call: str | None = Field(default=None, max_length=64, index=True)
    expires_at: datetime | None = maybe_instant()
