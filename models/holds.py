"""Legal holds: what a court or a regulator may ask for is not deleted, whatever its time."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from models import audit
from models.calls import patient_blind
from models.errors import NotFound
from models.tables import Call, LegalHold


def place(
    session: Session, *, who: str, why: str, at: datetime, call_id: str = "", patient_id: str = ""
) -> LegalHold:
    """One of ``call_id`` and ``patient_id`` is given. Raises `NotFound` for no such call."""
    if call_id and session.get(Call, call_id) is None:
        raise NotFound(f"there is no call {call_id}", fix="Give the call's id as the console shows it.")
    hold = LegalHold(
        id=uuid.uuid4().hex[:12],
        call_id=call_id,
        patient_id=patient_id,
        patient_blind=patient_blind(patient_id),
        why=why,
        placed_at=at,
        placed_by=who,
    )
    session.add(hold)
    audit.append(session, at=at, actor=who, action="hold placed", subject=hold.subject, why=why)
    return hold


def lift(session: Session, hold_id: str, *, who: str, why: str, at: datetime) -> LegalHold:
    """It stands no longer; it remains to be seen that it did. Raises `NotFound` where none stands."""
    hold = session.get(LegalHold, hold_id)
    if hold is None or hold.lifted_at is not None:
        raise NotFound(f"no hold {hold_id} stands", fix="`firstring legal-hold list` shows which do.")
    hold.lifted_at, hold.lifted_by = at, who
    session.add(hold)
    audit.append(session, at=at, actor=who, action="hold lifted", subject=hold.subject, why=why)
    return hold


def standing(session: Session) -> list[LegalHold]:
    """Those that stand, oldest first."""
    query = select(LegalHold).where(col(LegalHold.lifted_at).is_(None))
    return list(session.exec(query.order_by(col(LegalHold.placed_at))).all())


def is_held(call_id: Any, patient: Any) -> Any:
    """SQL: whether a call is kept by a hold. ``call_id``, ``patient``: columns, this a fingerprint."""
    mine = or_(
        (col(LegalHold.call_id) != "") & (col(LegalHold.call_id) == call_id),
        (col(LegalHold.patient_blind) != "") & (col(LegalHold.patient_blind) == patient),
    )
    return select(LegalHold.id).where(col(LegalHold.lifted_at).is_(None), mine).exists()
