"""The log of events: what happened, numbered, for live pages and for other processes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.rows import in_event_order
from models.tables import EventRow


def append_event(
    session: Session, kind: str, *, at: datetime, call_id: str = "", payload: Mapping[str, Any] | None = None
) -> int:
    """Add an event in the caller's transaction; returns its number."""
    in_event_order(session)
    row = EventRow(kind=kind, call_id=call_id, at=at, payload=dict(payload) if payload is not None else None)
    session.add(row)
    session.flush()
    assert row.sequence is not None
    return row.sequence


def events_after(session: Session, sequence: int, *, call_id: str = "", limit: int = 500) -> list[EventRow]:
    """Events numbered above ``sequence``, in order, of one call or (call_id "") of all."""
    query = select(EventRow).where(col(EventRow.sequence) > sequence)
    if call_id:
        query = query.where(EventRow.call_id == call_id)
    return list(session.exec(query.order_by(col(EventRow.sequence)).limit(limit)).all())


def last_sequence(session: Session) -> int:
    """The newest event's number, 0 when there is none."""
    return session.exec(select(func.max(col(EventRow.sequence)))).one() or 0
