"""What the note's checker withheld is a task for staff: they read the transcript and write it themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session

from ehr_writeback.checker import Fault
from ehr_writeback.codings import DUE_AFTER_ROUTINE_S, DUE_AFTER_S
from models.desk import add_task
from models.domain import CallRecord, OpenTask, Priority, TaskKind

LACKS = (
    "The note of this call lacks what its checker could not find on the call, and so does all else that is"
    " filed of it; a refill named here is not proposed to another chart. Read the transcript:"
)
ACTION_ID = "writeback:note-review"


def ask_for_review(session: Session, record: CallRecord, faults: Sequence[Fault]) -> None:
    """One task per call, however often it is asked; none where nothing was withheld."""
    if not faults:
        return
    grave = any(fault.grave for fault in faults)
    kind = TaskKind.SAME_DAY_CALLBACK if grave else TaskKind.ROUTINE_MESSAGE
    wish = OpenTask(
        ACTION_ID, kind, Priority.URGENT if grave else Priority.ROUTINE, _summary(faults), record.patient_id
    )
    due_at = record.ended + timedelta(seconds=DUE_AFTER_S.get(kind, DUE_AFTER_ROUTINE_S))
    add_task(session, wish, call_id=record.call_id, at=record.ended, due_at=due_at)


def _summary(faults: Sequence[Fault]) -> str:
    return "\n".join([LACKS, *(f"{fault.section}: {fault.line.strip()}" for fault in faults)])
