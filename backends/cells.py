"""The five-minute cells of providers' time: their unique key makes double booking impossible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_
from sqlmodel import Session, col, select

from backends.schedule_rules import Candidate, cells
from models.chart import CELL_MINUTES, BookingCell
from models.rows import insert_if_new

HOLD_MINUTES = 5


class Gone(Exception):
    """The opening is somebody else's: undoes the transaction, becomes `OpeningGone`."""


@dataclass(frozen=True, slots=True)
class Busy:
    """Cells that are booked or held, as (provider, start)."""

    cells: frozenset[tuple[str, datetime]]

    def overlaps(self, provider_id: str, start: datetime, minutes: int) -> bool:
        return any((provider_id, cell) in self.cells for cell in cells(start, minutes))


def taken(session: Session, begin: datetime, end: datetime, now: datetime) -> Busy:
    """What is booked, or held at ``now``, between two instants."""
    rows = session.exec(
        select(BookingCell.provider_id, BookingCell.cell_start).where(
            col(BookingCell.cell_start) >= begin - timedelta(minutes=CELL_MINUTES),
            col(BookingCell.cell_start) < end,
            or_(col(BookingCell.appointment_id).is_not(None), col(BookingCell.expires_at) > now),
        )
    )
    return Busy(frozenset(rows))


def not_taken(session: Session, wished: Iterable[Candidate], now: datetime) -> list[Candidate]:
    """Those of which nothing is booked or held at ``now``."""
    found = list(wished)
    if not found:
        return []
    busy = taken(session, min(one.start for one in found), max(one.end for one in found), now)
    return [one for one in found if not busy.overlaps(one.provider_id, one.start, one.minutes)]


def hold(
    session: Session, opening: Candidate, call_id: str, now: datetime, until: datetime | None = None
) -> None:
    """Hold an opening's cells for a call, for five minutes or ``until`` an instant.

    Raises `Gone` when another call holds or has booked one.
    """
    free_call(session, call_id)
    until = until or now + timedelta(minutes=HOLD_MINUTES)
    _take(session, opening, now, held_by_call=call_id, expires_at=until)


def book(session: Session, opening: Candidate, call_id: str, now: datetime, appointment_id: str) -> None:
    """Turn an opening's cells, held by this call or free, into a booking. Raises `Gone`."""
    free_call(session, call_id)
    _take(session, opening, now, appointment_id=appointment_id)


def _take(
    session: Session,
    opening: Candidate,
    now: datetime,
    *,
    appointment_id: str | None = None,
    held_by_call: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    wanted = cells(opening.start, opening.minutes)
    _free_expired(session, opening.provider_id, wanted, now)
    for cell in wanted:
        row = BookingCell(
            provider_id=opening.provider_id,
            cell_start=cell,
            opening_id=opening.opening_id,
            appointment_id=appointment_id,
            held_by_call=held_by_call,
            expires_at=expires_at,
        )
        if not insert_if_new(session, row):
            raise Gone


def _free_expired(session: Session, provider_id: str, wanted: Sequence[datetime], now: datetime) -> None:
    stale = and_(
        col(BookingCell.provider_id) == provider_id,
        col(BookingCell.cell_start).in_(wanted),
        col(BookingCell.appointment_id).is_(None),
        col(BookingCell.expires_at) <= now,
    )
    session.exec(delete(BookingCell).where(stale))


def free_call(session: Session, call_id: str) -> None:
    """Let go of everything that a call holds and has not booked."""
    held = and_(col(BookingCell.held_by_call) == call_id, col(BookingCell.appointment_id).is_(None))
    session.exec(delete(BookingCell).where(held))


def holds(session: Session, call_id: str, now: datetime) -> bool:
    """Whether a call holds anything at ``now``."""
    mine = (col(BookingCell.held_by_call) == call_id, col(BookingCell.expires_at) > now)
    return session.exec(select(BookingCell.id).where(*mine)).first() is not None


def free_visit(session: Session, appointment_id: str) -> None:
    """Free the cells of a booking."""
    session.exec(delete(BookingCell).where(col(BookingCell.appointment_id) == appointment_id))
