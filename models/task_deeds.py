"""Doing something with a task: one compare-and-set, its step, its audit entry and its event, all or nothing.

Of two persons at once one succeeds; the other is told how the task stands.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, or_, update
from sqlmodel import Session, col, select

from models import audit, desk
from models.domain import PageStaff
from models.errors import NotFound
from models.events import append_event
from models.tables import Page, PageState, StaffTask, TaskState, TaskStep
from models.task_rules import SYSTEM, Deed, TaskChanged, TaskDeed, check, is_danger, possible

MAX_WORDS = 2_000
BEGIN_WITHIN = timedelta(minutes=2)  # a danger sign that was handed over; then somebody is paged
LEAST_TIME = timedelta(minutes=5)  # of a task that is opened again

# Told of a task as it now stands, in the same transaction: the chart is to follow.
TaskMoved = Callable[[Session, StaffTask, datetime], None]


def do_with_task(session: Session, order: TaskDeed, moved: TaskMoved | None = None) -> StaffTask:
    """The task as it then stands. Raises `NotFound`, and `TaskRefused` when it cannot be."""
    task = find_task(session, order.task_id)
    check(task, order)
    if order.deed is not Deed.COMMENT and not _set(session, task, values_of(task, order)):
        session.expire(task)
        raise TaskChanged("A colleague was faster. Please look at the task again.")
    task = find_task(session, order.task_id)
    note_step(session, task, order.deed, order.who, order.at, order.words)
    if is_danger(task):
        _mind_danger(session, task, order)
    if moved is not None and order.deed is not Deed.COMMENT:
        moved(session, task, order.at)
    return task


def _mind_danger(session: Session, task: StaffTask, order: TaskDeed) -> None:
    """Who begins has answered the call's pages; whoever lets go of it wakes somebody else."""
    if order.deed in (Deed.CLAIM, Deed.START):
        _answer_pages(session, task, order.who, order.at)
    elif order.deed in (Deed.RELEASE, Deed.REOPEN):
        _page(session, task, order.at, order.at)
    elif order.deed is Deed.HAND_OVER:
        _page(session, task, order.at, order.at + BEGIN_WITHIN)


def _answer_pages(session: Session, task: StaffTask, who: str, at: datetime) -> None:
    """The task's own, and those of its call. What comes from no call is not of one call."""
    mine = col(Page.task_id) == task.id
    if task.call_id:
        mine = or_(mine, col(Page.call_id) == task.call_id)
    waiting = select(Page.id).where(mine, Page.state == PageState.WAITING.value)
    for page_id in session.exec(waiting).all():
        desk.acknowledge(session, page_id, who, at)


def _page(session: Session, task: StaffTask, at: datetime, first_at: datetime) -> None:
    """Somebody is looked for from ``first_at`` on, unless the task is begun before."""
    wish = PageStaff(f"{task.id}-{task.version}", task.summary)
    page = desk.add_page(session, wish, call_id=task.call_id, at=at, task_id=task.id)
    page.next_at = first_at
    session.add(page)
    session.flush()


def find_task(session: Session, task_id: str) -> StaffTask:
    """As it stands in the database now. Raises `NotFound`."""
    task = session.get(StaffTask, task_id, populate_existing=True)
    if task is None:
        raise NotFound("there is no such task")
    return task


def note_step(session: Session, task: StaffTask, deed: Deed, who: str, at: datetime, words: str = "") -> None:
    """Write down a deed that is done: in the task's history, in the audit trail, and for open pages."""
    step = TaskStep(task_id=task.id, deed=deed.value, who=who, at=at, state=task.state, owner=task.owner)
    step.words, step.outcome = words.strip()[:MAX_WORDS], task.outcome if deed is Deed.RESOLVE else ""
    session.add(step)
    audit.append(session, at=at, actor=who, action=f"task {deed.value}", subject=f"task/{task.id}")
    payload = {"task": task.id, "deed": deed.value}
    append_event(session, desk.QUEUE_EVENT, at=at, call_id=task.call_id, payload=payload)


def steps_of(session: Session, task_id: str) -> list[TaskStep]:
    """All that was done with a task, oldest first."""
    query = select(TaskStep).where(TaskStep.task_id == task_id).order_by(col(TaskStep.id))
    return list(session.exec(query).all())


def wake_due(session: Session, now: datetime, moved: TaskMoved | None = None) -> int:
    """Snoozed tasks whose time has come are their owners' again; how many that were."""
    asleep = (col(StaffTask.state) == TaskState.SNOOZED.value, col(StaffTask.wake_at) <= now)
    found = session.exec(select(StaffTask.id, StaffTask.version).where(*asleep)).all()
    return sum(_wakes(session, task_id, version, now, moved) for task_id, version in found)


def _wakes(session: Session, task_id: str, version: int, now: datetime, moved: TaskMoved | None) -> bool:
    try:
        do_with_task(session, TaskDeed(task_id, Deed.WAKE, SYSTEM, now, version), moved)
    except TaskChanged:  # another process, or its owner, was faster
        return False
    return True


# --------------------------------------------------------------------------- what a deed sets


def values_of(task: StaffTask, order: TaskDeed) -> dict[str, Any]:
    """What a deed that was checked sets."""
    after = possible(TaskState(task.state), order.who)[order.deed]
    values: dict[str, Any] = {"state": after.value, "wake_at": None, "waits_for": None}
    match order.deed:
        case Deed.CLAIM:
            values |= {"owner": order.who, "claimed_at": order.at, "started_at": order.at, "handed_by": ""}
        case Deed.START | Deed.RESUME:
            values |= {"started_at": task.started_at or order.at}
        case Deed.RELEASE:
            values |= _nobodys()
        case Deed.HAND_OVER:
            values |= {"owner": order.to, "claimed_at": order.at, "started_at": None, "handed_by": order.who}
        case Deed.HOLD:
            values |= {"waits_for": order.words.strip()[:MAX_WORDS]}
        case Deed.SNOOZE:
            values |= {"wake_at": order.until}
        case Deed.RESOLVE:
            values |= {"outcome": order.outcome, "done_at": order.at}
        case Deed.REOPEN:
            values |= _nobodys() | _new_time(task, order.at)
    return values


def _nobodys() -> dict[str, Any]:
    return {"owner": "", "claimed_at": None, "started_at": None, "handed_by": ""}


def _new_time(task: StaffTask, at: datetime) -> dict[str, Any]:
    """As much as it had at first, and its clock runs anew."""
    had = (task.due_at - task.created_at) if task.due_at else LEAST_TIME
    due_at = at + max(had, LEAST_TIME)
    return {"due_at": due_at, "done_at": None, "outcome": "", "warned_at": None, "escalated_at": None}


def _set(session: Session, task: StaffTask, values: dict[str, Any]) -> bool:
    """One statement decides: nobody has done anything since ``task`` was read."""
    unchanged = (col(StaffTask.id) == task.id, col(StaffTask.version) == task.version)
    statement = update(StaffTask).where(*unchanged).values(**values, version=task.version + 1)
    result: CursorResult[Any] = session.connection().execute(statement)
    return result.rowcount == 1
