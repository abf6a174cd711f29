"""Calls that are in no chart because none was certain: a list, and what a person decides of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from ehr_writeback import linking
from ehr_writeback.config import WritebackConfig
from ehr_writeback.outbox import HELD, NO_CHART
from ehr_writeback.planned import NOTE
from ehr_writeback.settled import close
from models import audit
from models.desk import tasks_of
from models.domain import CallRecord
from models.errors import FirstringError
from models.tables import Call, LedgerRow, TaskState

NOBODY = "nobody was identified in the call"
LINKED = "Linked to a chart: it is written there now."
LEFT = "No chart there is this patient's: the call stays here."


class DecidedMeanwhile(FirstringError):
    """A colleague has linked the call, or left it without a chart."""

    code = "writeback-decided-meanwhile"
    fix = "Look at the call again; `firstring writeback link` links it anew where that was wrong."


@dataclass(frozen=True, slots=True)
class Unlinked:
    """``patient_id`` is our own patient's, "" where nobody was identified. ``why`` holds no personal data."""

    call_id: str
    ended: datetime
    patient_id: str
    why: str


def unlinked(session: Session, target: str = "embedded") -> list[Unlinked]:
    """The calls that wait for a chart, the longest first."""
    query = (
        select(LedgerRow, Call)
        .join(Call, col(Call.id) == col(LedgerRow.call_id))
        .where(
            col(LedgerRow.target) == target,
            col(LedgerRow.state) == HELD,
            or_(col(LedgerRow.kind) == linking.PATIENT, col(LedgerRow.kind) == NOTE),
        )
        .order_by(col(Call.started))
    )
    found = [
        Unlinked(call.id, call.ended or call.started, call.patient_id, row.error or NOBODY)
        for row, call in session.exec(query).all()
    ]
    return list({one.call_id: one for one in found}.values())


def choose(
    session: Session,
    record: CallRecord,
    reference: str,
    who: str,
    now: datetime,
    target: str = "embedded",
    config: WritebackConfig | None = None,
) -> int:
    """``who`` says that the call belongs in this chart; returns how many resources will be written there.

    Written into the audit trail in the same transaction. Raises `BadReference`, `DecidedMeanwhile`.
    """
    linking.check_reference(reference)
    if linking.linked_to(session, target, record.call_id) == reference:
        return 0
    _still_open(session, target, record.call_id)
    count = linking.link_call(session, record, reference, now, target, config)
    subject = f"call/{record.call_id}/{reference}"
    audit.append(session, at=now, actor=who, action="call link", subject=subject)
    _settle(session, record.call_id, LINKED, "sent-again", now)
    return count


def none_of_them(session: Session, call_id: str, who: str, now: datetime, target: str = "embedded") -> None:
    """``who`` has looked: no chart there is this patient's. Raises `DecidedMeanwhile`."""
    _still_open(session, target, call_id)
    linking.give_up(session, target, call_id)
    audit.append(session, at=now, actor=who, action="call leave unlinked", subject=f"call/{call_id}")
    _settle(session, call_id, LEFT, "not-needed", now)


def was_left(session: Session, call_id: str, target: str = "embedded") -> bool:
    """Whether a person has decided that the call belongs in no chart there."""
    return any(row.state == NO_CHART for row in _rows(session, target, call_id))


def _still_open(session: Session, target: str, call_id: str) -> None:
    if not any(row.state == HELD for row in _rows(session, target, call_id)):
        raise DecidedMeanwhile("this call waits for no chart")


def _rows(session: Session, target: str, call_id: str) -> Sequence[LedgerRow]:
    query = select(LedgerRow).where(
        col(LedgerRow.call_id) == call_id,
        col(LedgerRow.target) == target,
        or_(col(LedgerRow.kind) == linking.PATIENT, col(LedgerRow.kind) == NOTE),
    )
    return session.exec(query.with_for_update()).all()


def _settle(session: Session, call_id: str, words: str, outcome: str, now: datetime) -> None:
    """The task that asked for it: done, or told to who has taken it."""
    for task in tasks_of(session, call_id):
        if not task.summary.startswith(linking.HEADING) or task.state == TaskState.DONE:
            continue
        close(session, task, words, now, outcome)
