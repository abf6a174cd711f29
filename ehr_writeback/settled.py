"""A dead letter that was written after all needs nobody any more."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from ehr_writeback.ledger import DEAD_LETTER
from ehr_writeback.outbox import left_with_staff
from models.desk import tasks_of
from models.domain import TaskKind
from models.tables import OutboxRow, OutboxState, StaffTask, TaskState
from models.task_deeds import do_with_task
from models.task_rules import SYSTEM, Deed, TaskDeed

WRITTEN = "Written to the chart since: nothing is left to do."


def settle(session: Session, call_id: str, now: datetime) -> None:
    """Close the call's item of dead letters once none is left; who has taken it is told and closes it."""
    dead = select(OutboxRow.id).where(
        col(OutboxRow.call_id) == call_id, col(OutboxRow.state) == OutboxState.DEAD, ~left_with_staff()
    )
    if session.exec(dead.limit(1)).first() is not None:
        return
    for task in tasks_of(session, call_id):
        letters = task.kind == TaskKind.WRITEBACK_DEAD_LETTER and task.summary.startswith(DEAD_LETTER)
        if not letters or task.state == TaskState.DONE or WRITTEN in task.summary:
            continue
        close(session, task, WRITTEN, now, "sent-again")


def close(session: Session, task: StaffTask, words: str, now: datetime, outcome: str) -> None:
    """It needs nobody any more, and says so: an open one is done, who has taken it reads it."""
    task.summary = f"{task.summary}\n{words}"
    session.add(task)
    session.flush()
    if task.state == TaskState.OPEN:
        do_with_task(session, TaskDeed(task.id, Deed.RESOLVE, SYSTEM, now, outcome=outcome))
