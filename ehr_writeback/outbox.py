"""Promising the write-back: rows in the same transaction as the end of the call."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from ehr_writeback.config import WritebackConfig
from ehr_writeback.note import write_checked_note
from ehr_writeback.note_form import structured, text_in
from ehr_writeback.note_review import ask_for_review
from ehr_writeback.planned import NOTE, PlannedResource
from ehr_writeback.resources import plan
from models.domain import CallRecord
from models.tables import LedgerRow, OutboxRow, OutboxState

HELD = "held"  # no known patient: kept here until a person links the call to a chart
NO_NOTES = "takes-no-notes"  # of a note that the server does not take: nobody has it yet
PAUSED = "paused after a 403"  # of a type that the server forbids
NO_CHART = "no-chart"  # a person has looked: none there is this patient's
UNSUPPORTED = "unsupported"  # the server takes no such resource; the note says it all
REPLACED = "replaced"  # of a note that never reached the chart: a newer version of it has
WITHDRAWN = "withdrawn"  # of a note that staff retracted before it was in the chart
ORPHANED = "what it is about was not taken"
ACCEPTED = "accepted"  # HTTP 202: the server holds it for review
_KIND_LENGTH = 40


def outbox_kind(target: str) -> str:
    """The outbox rows of one chart server; a long URL is digested to fit."""
    name = (
        target if len(target) <= _KIND_LENGTH else hashlib.sha256(target.encode()).hexdigest()[:_KIND_LENGTH]
    )
    return f"writeback:{name}"


def enqueue(
    session: Session, record: CallRecord, target: str = "embedded", config: WritebackConfig | None = None
) -> int:
    """Promise the write-back of a finished call; returns how many resources are new in the outbox.

    Uses the caller's transaction: the promise stands exactly when the call's record does. The same call
    twice is promised once. Lines withheld from the note are a task for staff. A call without a known
    patient is held (a ledger row, nothing to send); the same call with a patient later is sent.
    """
    config = config or WritebackConfig()
    note = write_checked_note(record, config.medicine_names)
    ask_for_review(session, record, (*note.faults, *note.unsaid))
    if not record.patient_id:
        _hold(session, record, target, note.text)
        return 0
    items = [item for item in plan(record, config, note) if _is_new(session, record, item, target)]
    for item in items:
        session.add(_row(record.call_id, item, target, record.ended))
    session.flush()
    return len(items)


def promise(
    session: Session, call_id: str, items: Sequence[PlannedResource], target: str, at: datetime
) -> None:
    """Promise more of a call that is promised already. What is promised before stays as it is."""
    for item in items:
        if _ledger_row(session, call_id, item.kind, item.n, target) is None:
            row = LedgerRow(call_id=call_id, kind=item.kind, n=item.n, target=target)
            row.body_sha256, row.next_at = item.body_sha256, at
            session.add_all([row, _row(call_id, item, target, at)])
    session.flush()


def retry_dead(session: Session, now: datetime, *, target: str = "embedded", call_id: str = "") -> int:
    """Give dead rows (of one call, or all) another life, as `firstring writeback retry` does.

    Returns how many. Safe to repeat: what is open already is left as it is. What the server does not take
    stays with the staff; calls that wait for their chart are tried only when named.
    """
    query = select(OutboxRow).where(
        col(OutboxRow.kind) == outbox_kind(target),
        col(OutboxRow.state) == OutboxState.DEAD,
    )
    if call_id:
        query = query.where(col(OutboxRow.call_id) == call_id)
    else:
        query = query.where(~col(OutboxRow.last_error).startswith(f"{HELD}:"))
    rows = session.exec(query.where(~left_with_staff())).all()
    for row in (*rows, *_orphans(session, {row.call_id for row in rows}, target)):
        # A fresh start of the 48 hours too: the server may have been mended since.
        row.state, row.next_at, row.created_at, row.last_error = OutboxState.PENDING, now, now, ""
        row.lease_until = None
        session.add(row)
        if ledger := _ledger_row(session, row.call_id, str(row.payload["kind"]), row.payload["n"], target):
            ledger.state, ledger.next_at, ledger.error = OutboxState.PENDING, now, ""
            session.add(ledger)
    session.flush()
    return len(rows)


def _orphans(session: Session, call_ids: set[str], target: str) -> Sequence[OutboxRow]:
    """What was left out because what it is about was not there: that has another life now too."""
    query = select(OutboxRow).where(
        col(OutboxRow.call_id).in_(call_ids),
        col(OutboxRow.kind) == outbox_kind(target),
        col(OutboxRow.last_error) == f"{UNSUPPORTED}: {ORPHANED}",
    )
    return session.exec(query).all()


def left_with_staff() -> ColumnElement[bool]:
    """Dead rows that are nobody's to send: what the server does not take, notes that are settled, and calls
    without a chart there.
    """
    error = col(OutboxRow.last_error)
    return or_(*(error.startswith(f"{state}:") for state in (UNSUPPORTED, REPLACED, WITHDRAWN, NO_CHART)))


def set_aside(session: Session, row: OutboxRow, target: str, state: str, why: str) -> None:
    """It is not to be sent any more, by nobody."""
    row.state, row.lease_until, row.last_error = OutboxState.DEAD, None, f"{state}: {why}"
    session.add(row)
    ledger = _ledger_row(session, row.call_id, str(row.payload["kind"]), int(row.payload["n"]), target)
    if ledger is not None:
        ledger.state, ledger.error = state, row.last_error
        session.add(ledger)


def _hold(session: Session, record: CallRecord, target: str, text: str) -> None:
    if _ledger_row(session, record.call_id, NOTE, 0, target):
        return
    digest = hashlib.sha256(text.encode()).hexdigest()
    row = LedgerRow(call_id=record.call_id, kind=NOTE, n=0, target=target, body_sha256=digest, state=HELD)
    session.add(row)
    session.flush()


def _is_new(session: Session, record: CallRecord, item: PlannedResource, target: str) -> bool:
    """Enter a resource in the ledger; False when it already stands there (other than held)."""
    row = _ledger_row(session, record.call_id, item.kind, item.n, target)
    if row is not None and row.state != HELD:
        return False
    row = row or LedgerRow(call_id=record.call_id, kind=item.kind, n=item.n, target=target)
    row.state, row.body_sha256, row.next_at = OutboxState.PENDING, item.body_sha256, record.ended
    session.add(row)
    return True


def _row(call_id: str, item: PlannedResource, target: str, at: datetime) -> OutboxRow:
    key = f"{call_id}/{item.key}@{hashlib.sha256(target.encode()).hexdigest()[:16]}"
    return OutboxRow(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"firstring:outbox/{key}")),
        call_id=call_id,
        kind=outbox_kind(target),
        payload={
            "kind": item.kind,
            "n": item.n,
            "resource": item.resource,
            "depends_on": list(item.depends_on),
            **({"lines": structured(text_in(item.resource))} if item.kind == NOTE else {}),
        },
        idempotency_key=key,
        state=OutboxState.PENDING,
        created_at=at,
        next_at=at,
    )


def _ledger_row(session: Session, call_id: str, kind: str, n: int, target: str) -> LedgerRow | None:
    query = select(LedgerRow).where(
        col(LedgerRow.call_id) == call_id,
        col(LedgerRow.kind) == kind,
        col(LedgerRow.n) == n,
        col(LedgerRow.target) == target,
    )
    return session.exec(query).first()
