"""What begins within a time: one range of the index, however much the chart holds besides."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, and_, col, select

from backends.fhir_time import sortable
from backends.store import Stored
from models.chart import ChartIndex, ChartResource


def beginning(
    session: Session, resource_type: str, begin: datetime, end: datetime, schedule: str = ""
) -> list[Stored]:
    """The Slots (of one ``schedule`` or all) or Appointments that start in [begin, end), earliest first."""
    param = {"Slot": "start", "Appointment": "date"}[resource_type]
    same = and_(
        col(ChartResource.resource_type) == col(ChartIndex.resource_type),
        col(ChartResource.resource_id) == col(ChartIndex.resource_id),
    )
    within = (
        col(ChartIndex.resource_type) == resource_type,
        col(ChartIndex.param) == param,
        col(ChartIndex.value) >= sortable(begin),
        col(ChartIndex.value) < sortable(end),
        col(ChartResource.deleted).is_(False),
    )
    query = select(ChartResource).join(ChartIndex, same).where(*within)
    if schedule:
        of_it = (
            col(ChartIndex.resource_type) == resource_type,
            col(ChartIndex.param) == "schedule",
            col(ChartIndex.value) == schedule,
        )
        query = query.where(col(ChartResource.resource_id).in_(select(ChartIndex.resource_id).where(*of_it)))
    rows = session.exec(query.order_by(col(ChartIndex.value), col(ChartResource.resource_id)))
    return [Stored(row.body, row.version, row.updated_at) for row in rows]
