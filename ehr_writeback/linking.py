"""Which chart on the server a call belongs in: one certain answer, or a person decides and nothing is sent.

The link stands in the ledger beside the call's resources, so it is made once and survives everything.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from ehr_writeback.by_hand import open_item
from ehr_writeback.config import WritebackConfig
from ehr_writeback.outbox import HELD, NO_CHART, enqueue, outbox_kind, retry_dead
from ehr_writeback.planned import NOTE, Json
from ehr_writeback.task_status import catch_up
from fhir.shapes import object_of
from models.domain import CallRecord, Priority
from models.errors import FirstringError
from models.tables import LedgerRow, OutboxRow, OutboxState

# Our own patient's resource by its "Patient/id" here, None when there is none any more.
Patients = Callable[[str], Awaitable[Json | None]]
PATIENT = "patient"  # the ledger's row of the link
LINKED = "linked"
LOST = "lost"  # the chart that it was linked to is gone
UNLINKED = "unlinked"  # a resource that waits for the link
HEADING = "No chart there is certainly this patient's: nothing was written. Find it and link the call to it."
_REFERENCE = re.compile(r"Patient/[A-Za-z0-9.-]{1,64}")


class BadReference(FirstringError):
    """What a call should be linked to is no reference to a patient's chart."""

    code = "writeback-bad-reference"
    fix = "Write it as the EHR's FHIR interface does: Patient/ and the id."


def patient_in(resource: Json) -> str:
    """ "Patient/id" that a resource is about, "" when it names none."""
    for name in ("subject", "patient", "for"):
        reference = str(object_of(resource.get(name)).get("reference", ""))
        if reference.startswith("Patient/"):
            return reference
    return ""


def linked_to(session: Session, target: str, call_id: str) -> str:
    """ "Patient/id" there, "" while nobody knows."""
    row = _row(session, target, call_id)
    return row.server_ref if row is not None and row.state == LINKED else ""


def lost(session: Session, target: str, call_id: str) -> str:
    """The chart that the call was linked to and that is gone, "" when none is."""
    row = _row(session, target, call_id)
    return row.server_ref if row is not None and row.state == LOST else ""


def lose(session: Session, target: str, call_id: str) -> None:
    """The server says that the chart is gone: look for the patient once more."""
    row = _row(session, target, call_id)
    if row is not None and row.state == LINKED:
        _put(session, target, call_id, LOST, row.server_ref)


def link(session: Session, target: str, call_id: str, reference: str) -> None:
    """From now on the call belongs in this chart."""
    _put(session, target, call_id, LINKED, reference)


def hold(session: Session, target: str, call_id: str, now: datetime, reason: str) -> None:
    """Write nothing of the call until a person has linked it; one task for the staff."""
    _put(session, target, call_id, HELD, "", error=reason)
    for row in _open_rows(session, target, call_id):
        row.state, row.lease_until, row.last_error = OutboxState.DEAD, None, f"{HELD}: {reason}"
        session.add(row)
    for entry in _resources(session, target, call_id):
        entry.state, entry.error = UNLINKED, f"{HELD}: {reason}"
        session.add(entry)
    open_item(session, target, call_id, now, HEADING, f"Why: {reason}.", Priority.URGENT)


def link_call(
    session: Session,
    record: CallRecord,
    reference: str,
    now: datetime,
    target: str = "embedded",
    config: WritebackConfig | None = None,
) -> int:
    """A person has found the chart ("Patient/id" on the server): returns how many resources will be written.

    Also for a call whose patient nobody knew here. What was written already stays where it is.
    Raises `BadReference`.
    """
    check_reference(reference)
    link(session, target, record.call_id, reference)
    look_again(session, target, record.call_id)
    if record.patient_id:
        return retry_dead(session, now, target=target, call_id=record.call_id)
    promised = enqueue(session, replace(record, patient_id=reference), target, config)
    catch_up(session, record.call_id, now, config or WritebackConfig(), target)
    return promised


def check_reference(reference: str) -> None:
    """Raises `BadReference` for what is no "Patient/id"."""
    if not _REFERENCE.fullmatch(reference):
        raise BadReference(f"{reference[:80]!r} is no reference to a patient's chart")


def give_up(session: Session, target: str, call_id: str) -> None:
    """A person has looked, and no chart there is this patient's: the call stays here for good."""
    _put(session, target, call_id, NO_CHART, "", error=NO_CHART)
    _reword(session, target, call_id, HELD, NO_CHART)


def look_again(session: Session, target: str, call_id: str) -> None:
    """A chart was found after all."""
    _reword(session, target, call_id, NO_CHART, HELD)


def _reword(session: Session, target: str, call_id: str, before: str, after: str) -> None:
    """What is kept of a call: from one reason to the other."""
    kept = select(OutboxRow).where(
        col(OutboxRow.call_id) == call_id,
        col(OutboxRow.kind) == outbox_kind(target),
        col(OutboxRow.state) == OutboxState.DEAD,
        col(OutboxRow.last_error).startswith(f"{before}:"),
    )
    for row in session.exec(kept):
        row.last_error = f"{after}:{row.last_error.partition(':')[2]}"
        session.add(row)
    noted = select(LedgerRow).where(
        col(LedgerRow.call_id) == call_id, col(LedgerRow.kind) == NOTE, col(LedgerRow.target) == target
    )
    for entry in session.exec(noted):
        if entry.state == before:
            entry.state = after
            session.add(entry)
    session.flush()


def _open_rows(session: Session, target: str, call_id: str) -> list[OutboxRow]:
    query = select(OutboxRow).where(
        col(OutboxRow.call_id) == call_id,
        col(OutboxRow.kind) == outbox_kind(target),
        col(OutboxRow.state).in_((OutboxState.PENDING, OutboxState.SENT)),
    )
    return list(session.exec(query).all())


def _resources(session: Session, target: str, call_id: str) -> list[LedgerRow]:
    query = select(LedgerRow).where(
        col(LedgerRow.call_id) == call_id,
        col(LedgerRow.kind) != PATIENT,
        col(LedgerRow.target) == target,
        col(LedgerRow.state).in_((OutboxState.PENDING, OutboxState.SENT)),
    )
    return list(session.exec(query).all())


def _row(session: Session, target: str, call_id: str) -> LedgerRow | None:
    query = select(LedgerRow).where(
        col(LedgerRow.call_id) == call_id,
        col(LedgerRow.kind) == PATIENT,
        col(LedgerRow.target) == target,
    )
    return session.exec(query).first()


def _put(session: Session, target: str, call_id: str, state: str, reference: str, *, error: str = "") -> None:
    row = _row(session, target, call_id) or LedgerRow(call_id=call_id, kind=PATIENT, target=target)
    row.state, row.server_ref, row.error = state, reference, error
    session.add(row)
    session.flush()
