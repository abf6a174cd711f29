"""Reading the audit trail by person, record, action and time; also where rows of it were damaged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, type_coerce
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from models.audit import SUBJECT
from models.calls import patient_blind
from models.keyfile import KeyRingError
from models.keyring import current_keyring
from models.tables import AuditEntry, Call, StaffTask

DAMAGED = "(damaged)"
PARTS_OF_A_PATIENT = ("", "/refills", "/found")
# As views of them are called in console/routes.py.
PARTS_OF_A_CALL = ("", "/note", "/charts", "/audio", "/live", "/live/sound")


@dataclass(frozen=True)
class AuditFilter:
    """What is asked for; "" and None ask for all. ``record``: a call's or patient's id, or a full subject."""

    actor: str = ""
    record: str = ""
    action: str = ""
    first: datetime | None = None
    before: datetime | None = None
    older_than: int | None = None  # an entry's id: the next page


@dataclass(frozen=True)
class AuditLine:
    entry_id: int
    at: datetime
    actor: str
    action: str
    subject: str
    why: str = field(default="")


def search(session: Session, wanted: AuditFilter, limit: int) -> list[AuditLine]:
    """Entries, newest first. A text that was altered shows as `DAMAGED` and stops nothing."""
    columns = (
        col(AuditEntry.id),
        col(AuditEntry.at),
        col(AuditEntry.actor),
        col(AuditEntry.action),
        type_coerce(col(AuditEntry.subject), LargeBinary),
        type_coerce(col(AuditEntry.why), LargeBinary),
    )
    query = sa_select(*columns).where(*_conditions(session, wanted))
    rows = session.connection().execute(query.order_by(col(AuditEntry.id).desc()).limit(limit)).all()
    return [
        AuditLine(
            row[0] or 0,
            row[1],
            row[2],
            row[3],
            _read(row[4], "audit_entry.subject"),
            _read(row[5], "audit_entry.why"),
        )
        for row in rows
    ]


def _conditions(session: Session, wanted: AuditFilter) -> list[Any]:
    asked: list[Any] = []
    if wanted.actor:
        asked.append(col(AuditEntry.actor) == wanted.actor)
    if wanted.action:
        asked.append(col(AuditEntry.action) == wanted.action)
    if wanted.record:
        asked.append(col(AuditEntry.subject_blind).in_(_fingerprints(session, wanted.record)))
    if wanted.first is not None:
        asked.append(col(AuditEntry.at) >= wanted.first)
    if wanted.before is not None:
        asked.append(col(AuditEntry.at) < wanted.before)
    if wanted.older_than is not None:
        asked.append(col(AuditEntry.id) < wanted.older_than)
    return asked


def _fingerprints(session: Session, record: str) -> list[str]:
    """Of all subjects that tell of the record: a patient's are those of their calls and tasks."""
    patient = record.removeprefix("patient/")
    calls = session.exec(select(Call.id).where(Call.patient_blind == patient_blind(patient))).all()
    names = {record.removeprefix("call/"), *calls}
    tasks = session.exec(select(StaffTask.id).where(col(StaffTask.call_id).in_(names))).all()
    subjects = {record, *(f"task/{task}" for task in tasks)}
    subjects |= {f"{kind}/{patient}{part}" for kind in ("patient", "Patient") for part in PARTS_OF_A_PATIENT}
    subjects |= {f"call/{name}{part}" for name in names for part in PARTS_OF_A_CALL}
    return [current_keyring().blind(SUBJECT, subject) for subject in subjects]


def _read(sealed: bytes, place: str) -> str:
    try:
        return current_keyring().decrypt(bytes(sealed), place.encode()).decode()
    except KeyRingError:
        return DAMAGED
