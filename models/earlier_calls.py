"""The calls that a number made a moment ago, as little of each as is asked: of a care home there are many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.calls import phone_blind
from models.tables import Call


@dataclass(frozen=True, slots=True)
class EarlierCall:
    """``ended`` is None while it goes on, or was lost and nobody has noticed."""

    call_id: str
    started: datetime
    ended: datetime | None


def calls_from(session: Session, number: str, *, since: datetime) -> list[EarlierCall]:
    """Calls from ``number`` that began, spoke or ended after ``since``, newest first; none for ""."""
    if not number:
        return []
    query = select(Call.id, Call.started, Call.ended).where(
        Call.caller_blind == phone_blind(number), col(Call.updated) >= since
    )
    found = session.exec(query.order_by(col(Call.started).desc())).all()
    return [EarlierCall(call_id, started, ended) for call_id, started, ended in found]


def state_of(session: Session, call_id: str) -> Mapping[str, Any] | None:
    """The dialog's state as it was stored last; None where nothing was."""
    return session.exec(select(Call.state).where(Call.id == call_id)).first()
