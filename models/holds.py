"""Legal holds: what a court or a regulator may ask for is not deleted, whatever its time."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from models import audit
from models.calls import patient_blind
from models.chart import ChartResource
from models.errors import NotFound
from models.tables import Call, LegalHold, StaffTask

UNKNOWN_FIX = (
    "Give the id that the patient's page has in its address; `--unknown-too` is for who is yet to call."
)


def place(
    session: Session,
    *,
    who: str,
    why: str,
    at: datetime,
    call_id: str = "",
    patient_id: str = "",
    unknown_too: bool = False,
) -> LegalHold:
    """One of ``call_id`` and ``patient_id`` is given; ``unknown_too``: a patient of whom nothing is here yet.

    Raises `NotFound` for no such call and no such patient: what keeps nothing must not look like a hold.
    """
    if call_id and not _is_call(session, call_id):
        raise NotFound(f"there is no call {call_id}", fix="Give the call's id as the console shows it.")
    if patient_id and not unknown_too and not _is_known(session, patient_id):
        raise NotFound("neither the chart nor a call knows this patient", fix=UNKNOWN_FIX)
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


def held_now(session: Session, hold: LegalHold) -> int:
    """Calls that are here already and that it keeps."""
    if hold.call_id:
        return 1
    query = (
        select(func.count()).select_from(Call).where(is_held(col(Call.id), col(Call.patient_blind), hold.id))
    )
    return session.exec(query).one()


def _is_call(session: Session, call_id: str) -> bool:
    """One that was turned away has a task alone."""
    tasks = select(StaffTask.id).where(StaffTask.call_id == call_id).limit(1)
    return session.get(Call, call_id) is not None or session.exec(tasks).first() is not None


def _is_known(session: Session, patient_id: str) -> bool:
    calls = select(Call.id).where(Call.patient_blind == patient_blind(patient_id)).limit(1)
    in_chart = session.get(ChartResource, ("Patient", patient_id)) is not None
    return in_chart or session.exec(calls).first() is not None


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


def is_held(call_id: Any, patient: Any, hold_id: str = "") -> Any:
    """SQL: whether a call is kept by a hold, or by that one. ``call_id``, ``patient``: columns, this a
    fingerprint."""
    mine = or_(
        (col(LegalHold.call_id) != "") & (col(LegalHold.call_id) == call_id),
        (col(LegalHold.patient_blind) != "") & (col(LegalHold.patient_blind) == patient),
    )
    this = (col(LegalHold.id) == hold_id,) if hold_id else ()
    return select(LegalHold.id).where(col(LegalHold.lifted_at).is_(None), mine, *this).exists()
