"""Whose calls are kept for their age: by the birth date in the embedded chart, or for want of it."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.chart import ChartResource
from models.tables import Call

WHOLE_DATE = len("2026-11-24")


@dataclass(frozen=True)
class Minors:
    """Fingerprints of patients, as `models.calls.patient_blind`. Calls of the ``young`` stay, those of the
    ``unknown``, whose birth date cannot be read, if they ended at ``unknown_since`` or later.
    """

    young: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    unknown_since: datetime | None = None


def find(session: Session, over: Any, limit: datetime, until_age: int) -> Minors:
    """Of the patients of calls that are ``over`` (SQL) by the usual period, which began at ``limit``.

    That period begins anew when a patient comes of ``until_age`` years. One whose birth date cannot be read
    may have been born on the day of the call.
    """
    born_by = years_before(limit, until_age)
    births = {blind: _latest_birth(session, patient) for blind, patient in _patients(session, over)}
    return Minors(
        young=frozenset(blind for blind, born in births.items() if born and born >= born_by.date()),
        unknown=frozenset(blind for blind, born in births.items() if born is None),
        unknown_since=born_by,
    )


def years_before(instant: datetime, years: int) -> datetime:
    """On 29 February the day before, where that year has none."""
    year = instant.year - years
    return instant.replace(year=year, day=min(instant.day, monthrange(year, instant.month)[1]))


def _patients(session: Session, over: Any) -> list[tuple[str, str]]:
    """Each one's fingerprint and id."""
    one_each = (
        select(func.min(Call.id)).where(over, col(Call.patient_blind) != "").group_by(Call.patient_blind)
    )
    wanted = select(col(Call.patient_blind), col(Call.patient_id)).where(col(Call.id).in_(one_each))
    return [(row[0], row[1]) for row in session.connection().execute(wanted)]


def _latest_birth(session: Session, patient_id: str) -> date | None:
    """A chart may know the year or the month alone: then its last day."""
    mine = (col(ChartResource.resource_type) == "Patient", col(ChartResource.resource_id) == patient_id)
    body = session.connection().execute(select(col(ChartResource.body)).where(*mine)).scalar() or {}
    written = str(body.get("birthDate", ""))
    try:
        first = date.fromisoformat(f"{written}-01-01"[:WHOLE_DATE])
    except ValueError:
        return None
    return _last_of(first, len(written))


def _last_of(first: date, written: int) -> date:
    if written == WHOLE_DATE:
        return first
    month = 12 if written == len("2026") else first.month
    return first.replace(month=month, day=monthrange(first.year, month)[1])
