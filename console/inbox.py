"""The inbox: what a person is to do, first what cannot wait, in the parts that staff work by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from console import cards
from console.cards import Card, Paging
from models.contact_tables import PageStep
from models.tables import NOT_DONE, Page, PageState, StaffTask, TaskState
from models.task_rules import is_urgent, needs_somebody

MOST = 300  # tasks shown in one part


class Part(StrEnum):
    TO_DO = "to-do"
    MINE = "mine"
    UNOWNED = "unowned"
    URGENT = "urgent"
    WAITING = "waiting"
    DONE = "done"


TITLES = {
    Part.TO_DO: "To do",
    Part.MINE: "Mine",
    Part.UNOWNED: "Unowned",
    Part.URGENT: "Urgent",
    Part.WAITING: "Waiting",
    Part.DONE: "Done today",
}


@dataclass(frozen=True, slots=True)
class Tab:
    part: Part
    title: str
    count: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Inbox:
    """``alarms``: tasks that need somebody now, whatever part is shown. ``more``: how many are not shown."""

    part: Part
    title: str
    tabs: tuple[Tab, ...]
    cards: tuple[Card, ...]
    alarms: int
    more: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What the database holds of it: open tasks, those that were done today, and pages."""

    tasks: tuple[StaffTask, ...]
    paging: Paging


def inbox(queue: Queue, part: Part, me: str, now: datetime, zone: ZoneInfo) -> Inbox:
    """Pure: what the page shows."""
    found = {each: parted(queue.tasks, each, me, now) for each in Part}
    shown = found[part]
    return Inbox(
        part=part,
        title=TITLES[part],
        tabs=tuple(Tab(each, TITLES[each], len(found[each]), each is part) for each in Part),
        cards=tuple(cards.card(task, me, now, zone, queue.paging) for task in shown[:MOST]),
        alarms=sum(map(needs_somebody, queue.tasks)),
        more=max(0, len(shown) - MOST),
    )


def parted(tasks: Sequence[StaffTask], part: Part, me: str, now: datetime) -> list[StaffTask]:
    """The tasks of a part in their order; those done, the last first."""
    found = [task for task in tasks if _BELONGS[part](task, me, now)]
    if part is Part.DONE:
        return sorted(found, key=lambda task: task.done_at or task.created_at, reverse=True)
    return sorted(found, key=lambda task: cards.order(task, now))


def _is_open(task: StaffTask) -> bool:
    return task.state != TaskState.DONE


def _to_do(task: StaffTask, _me: str, now: datetime) -> bool:
    """What waits is not to be done now, unless its time is over."""
    return _is_open(task) and (not cards.waits(task, now) or cards.clock(task, now) is cards.Spent.OVER)


_BELONGS: dict[Part, Callable[[StaffTask, str, datetime], bool]] = {
    Part.TO_DO: _to_do,
    Part.MINE: lambda task, me, _now: _is_open(task) and task.owner == me,
    Part.UNOWNED: lambda task, _me, _now: task.state == TaskState.OPEN,
    Part.URGENT: lambda task, _me, _now: _is_open(task) and is_urgent(task),
    Part.WAITING: lambda task, _me, now: _is_open(task) and cards.waits(task, now),
    Part.DONE: lambda task, _me, _now: not _is_open(task),
}


# --------------------------------------------------------------------------- reading it


def read_queue(session: Session, now: datetime, zone: ZoneInfo) -> Queue:
    """In one snapshot: all that is open, and what was done since the practice's midnight."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    open_ = select(StaffTask).where(col(StaffTask.state).in_(NOT_DONE))
    # By the time alone: asked for the state too, SQLite would walk through all that was ever done.
    closed = session.exec(select(StaffTask).where(col(StaffTask.done_at) >= midnight)).all()
    tasks = (*session.exec(open_).all(), *(task for task in closed if task.state == TaskState.DONE))
    return Queue(tasks, read_paging(session, [task for task in tasks if is_urgent(task)]))


def read_paging(session: Session, tasks: Sequence[StaffTask]) -> Paging:
    """The pages of these tasks and of their calls."""
    ids, calls = {task.id for task in tasks}, {task.call_id for task in tasks if task.call_id}
    wanted = col(Page.task_id).in_(ids) | col(Page.call_id).in_(calls)
    pages = session.exec(select(Page).where(wanted).order_by(col(Page.at))).all()
    return Paging(tuple(pages), steps_of_pages(session, [page.id for page in pages]))


def waiting_pages(session: Session) -> Paging:
    """All pages that nobody has answered."""
    query = select(Page).where(Page.state == PageState.WAITING.value).order_by(col(Page.at))
    pages = tuple(session.exec(query).all())
    return Paging(pages, steps_of_pages(session, [page.id for page in pages]))


def steps_of_pages(session: Session, page_ids: Sequence[str]) -> dict[str, tuple[PageStep, ...]]:
    query = select(PageStep).where(col(PageStep.page_id).in_(page_ids)).order_by(col(PageStep.number))
    found: dict[str, tuple[PageStep, ...]] = {}
    for step in session.exec(query).all():
        found[step.page_id] = (*found.get(step.page_id, ()), step)
    return found
