"""A task as staff see it: whose, how urgent, how much time is left, and who was paged. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from console import wording
from models.contact_tables import PageStep
from models.domain import Priority
from models.schedule import is_call
from models.tables import Page, PageState, StaffTask, TaskState
from models.task_rules import is_asleep, needs_somebody, on_duty, outcome_of

PRIORITIES = {
    Priority.STAT.value: ("Now", "danger"),
    Priority.ASAP.value: ("Very urgent", "danger"),
    Priority.URGENT.value: ("Urgent", "warn"),
    Priority.ROUTINE.value: ("Routine", "calm"),
}


class Spent(StrEnum):
    """How much of its time a task has spent; its owner is told at half and at the end (domain rules 1.3)."""

    RUNNING = "running"
    HALF = "half"
    OVER = "over"
    STOPPED = "stopped"  # it is done


@dataclass(frozen=True, slots=True)
class Card:
    """One task in a list. ``owner``: a person, or the role on duty; ``state``, ``paged``: "" when nothing is
    to be said."""

    task_id: str
    call_id: str
    kind: str
    urgency: str
    tone: str
    summary: str
    owner: str
    is_mine: bool
    is_unowned: bool
    handed_by: str
    state: str
    due: str
    left: str
    clock: Spent
    is_alarm: bool  # it needs somebody now
    paged: str
    version: int
    open: bool


@dataclass(frozen=True, slots=True)
class Paging:
    """The pages of calls, with whom they have tried."""

    pages: tuple[Page, ...] = ()
    steps: Mapping[str, tuple[PageStep, ...]] | None = None

    def of(self, task: StaffTask) -> list[Page]:
        return [page for page in self.pages if task.id == page.task_id or _same_call(page, task)]


def _same_call(page: Page, task: StaffTask) -> bool:
    return bool(task.call_id) and page.call_id == task.call_id and page.task_id is None


def card(task: StaffTask, me: str, now: datetime, zone: ZoneInfo, paging: Paging | None = None) -> Card:
    urgency, tone = PRIORITIES.get(task.priority, (task.priority, "calm"))
    return Card(
        task_id=task.id,
        call_id=task.call_id if is_call(task.call_id) else "",
        kind=wording.task_kind(task.kind),
        urgency=urgency,
        tone=tone,
        summary=task.summary,
        owner=owner(task, me),
        is_mine=task.owner == me and task.state != TaskState.DONE,
        is_unowned=task.state == TaskState.OPEN,
        handed_by=task.handed_by if task.started_at is None else "",
        state=state(task, now, zone),
        due=wording.when(task.due_at, zone) if task.due_at else "",
        left=left(task, now),
        clock=clock(task, now),
        is_alarm=needs_somebody(task),
        paged=paged(task, paging or Paging(), zone),
        version=task.version,
        open=task.state != TaskState.DONE,
    )


def owner(task: StaffTask, me: str) -> str:
    """There is always one: who has it, or the role on duty."""
    if not task.owner:
        return "" if task.state == TaskState.DONE else on_duty(task.kind)
    return "You" if task.owner == me else task.owner


def clock(task: StaffTask, now: datetime) -> Spent:
    if task.state == TaskState.DONE or task.due_at is None:
        return Spent.STOPPED
    if now >= task.due_at:
        return Spent.OVER
    half = task.created_at + (task.due_at - task.created_at) / 2
    return Spent.HALF if now >= half else Spent.RUNNING


def left(task: StaffTask, now: datetime) -> str:
    """ "12 min left", "3 h late"; of a task that is done, "" or how late it was done."""
    if task.due_at is None:
        return ""
    if task.state == TaskState.DONE:
        late = (task.done_at or now) - task.due_at
        return f"{span(late)} late" if late > timedelta() else ""
    rest = task.due_at - now
    return f"{span(rest)} left" if rest > timedelta() else f"{span(-rest)} late"


def span(time: timedelta) -> str:
    """In one unit that a person counts in."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def state(task: StaffTask, now: datetime, zone: ZoneInfo) -> str:
    match TaskState(task.state):
        case TaskState.HELD:
            return f"On hold: {task.waits_for}" if task.waits_for else "On hold"
        case TaskState.SNOOZED if is_asleep(task, now) and task.wake_at:
            return f"Put off until {wording.when(task.wake_at, zone)}"
        case TaskState.CLAIMED if task.started_at is None:
            return "Not begun"
        case TaskState.DONE:
            ended = outcome_of(task.kind, task.outcome)
            return ended.words if ended else "Done"
    return ""


def paged(task: StaffTask, paging: Paging, zone: ZoneInfo) -> str:
    """ "Paged Dr. Chen at 10:02, not acknowledged"; of several pages one that still waits, if any."""
    pages = sorted(paging.of(task), key=lambda page: (page.state != PageState.WAITING, page.at))
    return page_words(pages[0], (paging.steps or {}).get(pages[0].id, ()), zone) if pages else ""


def page_words(page: Page, steps: Iterable[PageStep], zone: ZoneInfo) -> str:
    tried = list(steps)
    if page.state == PageState.ACKNOWLEDGED:
        at = f" at {hour(page.acknowledged_at, zone)}" if page.acknowledged_at else ""
        return f"Page acknowledged by {page.acknowledged_by}{at}"
    if not tried:
        return f"Paging since {hour(page.at, zone)}, nobody reached yet"
    last = tried[-1]
    others = len({step.contact for step in tried} - {last.contact})
    more = f" (and {others} other{'s' if others > 1 else ''})" if others else ""
    return f"Paged {last.contact}{more} at {hour(last.at, zone)}, not acknowledged"


def hour(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def order(task: StaffTask, now: datetime) -> tuple[int, datetime]:
    """Danger that nobody has begun, then what is overdue, then what nobody has, each by its due time."""
    late = task.due_at is not None and task.due_at <= now
    places = (needs_somebody(task), late, task.state == TaskState.OPEN)
    return next((n for n, yes in enumerate(places) if yes), len(places)), task.due_at or task.created_at


def waits(task: StaffTask, now: datetime) -> bool:
    """For something else than a person: on hold, or put off and still asleep."""
    return task.state == TaskState.HELD or is_asleep(task, now)
