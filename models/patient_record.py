"""Everything that the database holds on one patient, as plain values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from models.audit_search import AuditFilter, AuditLine, search
from models.calls import patient_blind, phone_blind
from models.chart import ChartIndex, ChartResource
from models.tables import (
    Call,
    CallOrder,
    CheckinRow,
    Correction,
    DoneActionRow,
    IdentityAttempt,
    LedgerRow,
    OutboxRow,
    Page,
    PageStep,
    Recording,
    RecordingChoice,
    StaffTask,
    TaskStep,
    TextChoice,
    TextMessage,
    Transfer,
    TransferLeg,
    Turn,
    WaitlistEntry,
)

MOST_AUDIT = 1_000_000
# The dialog's own, what it would have taken for an answer names other patients; and staff's own telephones.
NOT_THEIRS = frozenset({"call.state", "call.ordered", "turn.expectation", "transfer.people"})
TO_STAFF = ("page", "clock")  # purposes of texts
# Of calls; what only finds or guards them (fingerprints, codes) tells nothing of the patient.
OF_CALLS: tuple[type[SQLModel], ...] = (
    Turn,
    DoneActionRow,
    Correction,
    Recording,
    CheckinRow,
    TextMessage,
    Transfer,
    Page,
    CallOrder,
    IdentityAttempt,
    LedgerRow,
    OutboxRow,
)
Rows = list[dict[str, Any]]


def calls_of(session: Session, patient_id: str) -> Rows:
    """Calls of which this patient is the patient, whoever called; oldest first."""
    mine = col(Call.patient_blind) == patient_blind(patient_id)
    return _plain(session, Call, mine, col(Call.started))


def rows_of(
    session: Session, patient_id: str, calls: Sequence[str], task_references: Collection[str]
) -> dict[str, Rows]:
    """Table by table: what hangs on the calls, and tasks and waitlist entries that staff made without one."""
    found = {_name(table): _plain(session, table, _of(table, calls)) for table in OF_CALLS}
    found["text_message"] = [row for row in found["text_message"] if row["purpose"] not in TO_STAFF]
    tasks = or_(col(StaffTask.call_id).in_(calls), col(StaffTask.resource_ref).in_(task_references))
    found["staff_task"] = [
        row for row in _plain(session, StaffTask, tasks) if row["patient_id"] in ("", patient_id)
    ]
    waits = col(WaitlistEntry.patient_blind) == patient_blind(patient_id)
    found["waitlist_entry"] = _plain(session, WaitlistEntry, waits)
    for table, key, parents in (
        (TaskStep, col(TaskStep.task_id), "staff_task"),
        (PageStep, col(PageStep.page_id), "page"),
        (TransferLeg, col(TransferLeg.transfer_id), "transfer"),
    ):
        names = [row["id"] for row in found[parents]]
        found[_name(table)] = _plain(session, table, key.in_(names))
    return found


def choices_of(session: Session, numbers: Collection[str]) -> Rows:
    """What was chosen for these telephone numbers about texts and recordings."""
    found = []
    for number in sorted(numbers):
        texts = session.get(TextChoice, phone_blind(number))
        sound = session.get(RecordingChoice, phone_blind(number))
        if texts is not None:
            found.append({"number": number, "no_texts": texts.stopped, "at": texts.at})
        if sound is not None:
            found.append({"number": number, "no_recording": sound.declined, "at": sound.at})
    return found


def chart_of(session: Session, patient_id: str) -> Rows:
    """The patient's own resource and all of the embedded chart that refer to it, as FHIR documents."""
    refers = select(ChartIndex.resource_type, ChartIndex.resource_id).where(
        ChartIndex.value == f"Patient/{patient_id}"
    )
    names = sorted({("Patient", patient_id), *session.exec(refers.distinct()).all()})
    found = (session.get(ChartResource, name) for name in names)
    return [row.body for row in found if row is not None and not row.deleted]


def audit_of(session: Session, patient_id: str) -> list[AuditLine]:
    """Who saw or did what with this patient's record, newest first."""
    return search(session, AuditFilter(record=f"patient/{patient_id}"), MOST_AUDIT)


def _of(table: Any, calls: Sequence[str]) -> Any:
    return col(table.call_id).in_(calls)


def _name(table: Any) -> str:
    return str(table.__tablename__)


def _plain(session: Session, table: Any, where: Any, *order: Any) -> Rows:
    shown = [each for each in table.__table__.columns if _is_theirs(each)]
    query = sa_select(*shown).where(where).order_by(*(order or table.__table__.primary_key.columns))
    return [dict(row) for row in session.connection().execute(query).mappings()]


def _is_theirs(column: Any) -> bool:
    return str(column) not in NOT_THEIRS and not column.name.endswith("_blind")
