"""A chart server that takes nothing at all: what waits says why, and after an hour staff hear of it once.

Nothing is given up for that: it is asked every half minute, however long, and then everything goes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from ehr_writeback import by_hand, statements
from ehr_writeback.advice import what_to_do
from ehr_writeback.outbox import outbox_kind
from ehr_writeback.settled import close
from ehr_writeback.statements import OPEN_STATES, changed
from fhir.errors import FhirError
from models.desk import tasks_of
from models.domain import Priority, TaskKind
from models.tables import OutboxRow, StaffTask, TaskState

STAFF_HEAR_AFTER = timedelta(hours=1)
HEADING = (
    "The chart server takes nothing from us: calls are kept here, and go there by themselves once it does."
)
OVER = "It takes calls again: nothing is left to do."
MAX_ERROR_CHARS = 1_000


def met(session: Session, target: str, now: datetime, error: FhirError) -> None:
    """Every call that is due waits for the server itself, and this is why."""
    said = f"{error.code}: {error}"[:MAX_ERROR_CHARS]
    changed(session, statements.WAITS_FOR_SERVER, server=outbox_kind(target), at=now, why=said)
    oldest = _oldest(session, target)
    if oldest is not None and now - oldest.created_at > STAFF_HEAR_AFTER:
        _tell(session, target, oldest.call_id, now, what_to_do(said, is_dead=False))


def over(session: Session, now: datetime) -> None:
    """It answers, and lets us in."""
    for task in session.exec(
        select(StaffTask).where(
            StaffTask.kind == TaskKind.WRITEBACK_DEAD_LETTER.value, StaffTask.state != TaskState.DONE.value
        )
    ):
        if task.summary.startswith(HEADING) and OVER not in task.summary:
            close(session, task, OVER, now, "sent-again")


def _tell(session: Session, target: str, call_id: str, now: datetime, line: str) -> None:
    """Once an outage: whoever has finished the task has heard of it."""
    if not any(task.summary.startswith(HEADING) for task in tasks_of(session, call_id)):
        by_hand.open_item(session, target, call_id, now, HEADING, line, Priority.URGENT)


def _oldest(session: Session, target: str) -> OutboxRow | None:
    query = select(OutboxRow).where(
        col(OutboxRow.kind) == outbox_kind(target), col(OutboxRow.state).in_(OPEN_STATES)
    )
    return session.exec(query.order_by(col(OutboxRow.created_at)).limit(1)).first()
