"""What a chart server does not take becomes an item of our own queue, unless staff have it there already."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from ehr_writeback.left_out import in_words
from ehr_writeback.planned import COMMUNICATION, ISSUE, OBSERVATION, TASK
from models.desk import add_task, tasks_of
from models.domain import OpenTask, Priority, TaskKind
from models.tables import Call, Page, TaskState
from models.task_deeds import do_with_task
from models.task_rules import SYSTEM, Deed, TaskDeed

ENTER_WITHIN_S = 24 * 3_600
NEW_LINE = "There is something new to enter."
HEADING = "The chart does not take these from us: enter by hand what belongs there."


def hand_over(session: Session, target: str, call_id: str, kind: str, resource: Any, now: datetime) -> None:
    """One item per call and server, a line for each resource; nothing for what the note says whole."""
    line = in_words(resource)
    if not line or _with_staff(session, call_id, kind, resource):
        return
    open_item(session, target, call_id, now, HEADING, line, Priority.ROUTINE)


def _with_staff(session: Session, call_id: str, kind: str, resource: Any) -> bool:
    """Tasks and pages of the call are in our queue already; a number is one of a check-in's answers."""
    kinds = {task.kind for task in tasks_of(session, call_id)}
    if kind == TASK:
        return any(coding.get("code") in kinds for coding in resource["code"]["coding"])
    if kind == COMMUNICATION:
        paged = select(Page).where(col(Page.call_id) == call_id).limit(1)
        return session.exec(paged).first() is not None
    return kind == OBSERVATION or (kind == ISSUE and TaskKind.INTERACTION_REVIEW in kinds)


def open_item(
    session: Session, target: str, call_id: str, now: datetime, heading: str, line: str, priority: Priority
) -> None:
    """Add a line to the call's item with this heading; a finished item is opened again for a new line."""
    call = session.get(Call, call_id)
    digest = hashlib.sha256(f"{target} {heading}".encode()).hexdigest()
    wish = OpenTask(
        action_id=f"writeback:{digest[:16]}",
        kind=TaskKind.WRITEBACK_DEAD_LETTER,
        priority=priority,
        summary=f"{heading}\n{line}",
        patient_id=call.patient_id if call else "",
    )
    task = add_task(session, wish, call_id=call_id, at=now, due_at=now + timedelta(seconds=ENTER_WITHIN_S))
    if line not in task.summary.splitlines():
        task.summary = f"{task.summary}\n{line}"
        session.add(task)
        session.flush()
    if task.state == TaskState.DONE:
        do_with_task(session, TaskDeed(task.id, Deed.REOPEN, SYSTEM, now, words=NEW_LINE))
