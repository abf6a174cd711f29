"""The staff's queue: tasks that wait for a person, and pages that cannot wait."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, case, update
from sqlmodel import Session, SQLModel, col, select

from models.domain import OpenTask, PageStaff, Priority
from models.errors import NotFound
from models.events import append_event
from models.rows import insert_if_new
from models.tables import NOT_DONE, Page, PageState, StaffTask

QUEUE_EVENT = "queue"  # something in the staff's queue is not as it was
REFUSED_CALL = "refused-call"  # the action of a call that was turned away: there is a task, and no call
UNDATED_WITHIN = timedelta(days=1)  # every task has a due time
URGENCY = (Priority.STAT, Priority.ASAP, Priority.URGENT, Priority.ROUTINE)


def add_task(
    session: Session,
    wish: OpenTask,
    *,
    call_id: str,
    at: datetime,
    due_at: datetime | None = None,
    resource_ref: str = "",
) -> StaffTask:
    """The task for this order of this call, made now unless it exists."""
    row = StaffTask(
        id=uuid.uuid4().hex,
        call_id=call_id,
        action_id=wish.action_id,
        kind=wish.kind.value,
        priority=wish.priority.value,
        summary=wish.summary,
        patient_id=wish.patient_id,
        callback_number=wish.callback_number,
        created_at=at,
        due_at=due_at or at + UNDATED_WITHIN,
        resource_ref=resource_ref,
    )
    if insert_if_new(session, row):
        payload = {"task": row.id, "deed": "open"}
        append_event(session, QUEUE_EVENT, at=at, call_id=call_id, payload=payload)
    query = select(StaffTask).where(StaffTask.call_id == call_id, StaffTask.action_id == wish.action_id)
    return session.exec(query).one()


def open_tasks(session: Session, limit: int = 200) -> list[StaffTask]:
    """Tasks not done yet, most urgent first, then by when they are due."""
    urgency = case({p.value: rank for rank, p in enumerate(URGENCY)}, value=col(StaffTask.priority), else_=0)
    late = case((col(StaffTask.due_at).is_(None), 1), else_=0)
    query = select(StaffTask).where(col(StaffTask.state).in_(NOT_DONE))
    query = query.order_by(urgency, late, col(StaffTask.due_at), col(StaffTask.created_at))
    return list(session.exec(query.limit(limit)).all())


def tasks_of(session: Session, call_id: str) -> list[StaffTask]:
    """All tasks that a call opened, oldest first."""
    query = select(StaffTask).where(StaffTask.call_id == call_id).order_by(col(StaffTask.created_at))
    return list(session.exec(query).all())


def add_page(
    session: Session, wish: PageStaff, *, call_id: str, at: datetime, task_id: str | None = None
) -> Page:
    """The page for this order of this call, made now unless it exists."""
    row = Page(
        id=uuid.uuid4().hex,
        call_id=call_id,
        action_id=wish.action_id,
        task_id=task_id,
        red_flag_id=wish.red_flag_id,
        summary=wish.summary,
        at=at,
    )
    if insert_if_new(session, row):
        payload = {"page": row.id, "deed": "page"}
        append_event(session, QUEUE_EVENT, at=at, call_id=call_id, payload=payload)
    return session.exec(select(Page).where(Page.call_id == call_id, Page.action_id == wish.action_id)).one()


def waiting_pages(session: Session) -> list[Page]:
    """Pages that nobody has acknowledged, oldest first."""
    query = select(Page).where(Page.state == PageState.WAITING).order_by(col(Page.at))
    return list(session.exec(query).all())


def acknowledge(session: Session, page_id: str, who: str, at: datetime) -> bool:
    """Answer a page; False when somebody was faster. Raises `NotFound`."""
    values = {"state": PageState.ACKNOWLEDGED.value, "acknowledged_at": at, "acknowledged_by": who}
    moved = _update(
        session, Page, col(Page.id) == page_id, col(Page.state) == PageState.WAITING, values=values
    )
    page = session.get(Page, page_id, populate_existing=True)
    if page is None:
        raise NotFound("there is no such page")
    if moved:
        payload = {"page": page.id, "deed": "acknowledge"}
        append_event(session, QUEUE_EVENT, at=at, call_id=page.call_id, payload=payload)
    return moved or page.acknowledged_by == who


def acknowledge_of_call(session: Session, call_id: str, who: str, at: datetime) -> int:
    """Answer all pages of a call that still wait: this person has taken it. How many that were."""
    waiting = (col(Page.call_id) == call_id, col(Page.state) == PageState.WAITING.value)
    found = session.exec(select(Page.id).where(*waiting)).all()
    return sum(acknowledge(session, page_id, who, at) for page_id in found)


def _update(session: Session, table: type[SQLModel], *where: Any, values: dict[str, Any]) -> bool:
    result: CursorResult[Any] = session.connection().execute(update(table).where(*where).values(**values))
    return result.rowcount == 1
