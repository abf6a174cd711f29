"""What staff do with a task, from the form of a page: read, checked, done, or refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import HTTPException
from pydantic import BaseModel, Field
from sqlmodel import Session, col, or_, select

from console.refill_words import DECIDE_FIRST, hides_request
from console.refills import Refills
from console.roles import CARE, Role, read_roles
from console.users import Staff
from models import audit
from models.desk import acknowledge
from models.domain import Clock, Priority
from models.errors import NotFound
from models.storage import Storage
from models.tables import Page, StaffTask, StaffUser, TaskState
from models.task_deeds import MAX_WORDS, TaskMoved, do_with_task
from models.task_rules import SYSTEM, Deed, TaskDeed, TaskRefused

LEADS = frozenset({Role.COORDINATOR})  # may give another's task back, or to somebody else
BY_HAND = tuple(deed for deed in Deed if deed not in (Deed.OPEN, Deed.WAKE))


class TaskForm(BaseModel):
    """A deed's fields; each deed reads its own. ``until``: the practice's local time, or minutes from now."""

    version: int | None = Field(default=None, ge=0)
    words: str = Field(default="", max_length=4 * MAX_WORDS)
    to: str = Field(default="", max_length=100)
    until: str = Field(default="", max_length=40)
    outcome: str = Field(default="", max_length=32)


class TaskDesk:
    """``moved`` is told of every task that moved on, in the same transaction; ``refills``: what is decided
    there is not closed here as if it were."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        zone: ZoneInfo,
        moved: TaskMoved | None = None,
        refills: Refills | None = None,
    ) -> None:
        self._storage, self._clock, self._zone, self._moved = storage, clock, zone, moved
        self._refills = refills

    async def do(self, staff: Staff, task_id: str, deed: str, form: TaskForm) -> None:
        """Raises HTTPException: 404 no such task or deed, 409 when it cannot be, with one sentence why."""
        order = self._order(staff, task_id, deed, form)

        def work(session: Session) -> None:
            if order.deed is Deed.HAND_OVER and order.to not in colleagues(session):
                raise TaskRefused("Please choose a colleague from the list.")
            if order.deed is Deed.RESOLVE:
                self._check_decided(session, order)
            do_with_task(session, order, self._moved)

        await self._do(work)

    def _check_decided(self, session: Session, order: TaskDeed) -> None:
        """Raises `TaskRefused` where a refill would end as approved, or be lost, that nobody has decided."""
        task = session.get(StaffTask, order.task_id)
        if task is None or self._refills is None or not hides_request(task.kind, order.outcome):
            return
        if self._refills.awaits_decision(session, task):
            raise TaskRefused(DECIDE_FIRST)

    async def take_page(self, staff: Staff, page_id: str) -> str:
        """Answer a page, and claim the danger it is about; returns that task's id, "" when there is none.

        Raises HTTPException: 404 no such page, 409 a colleague was faster.
        """
        now, claimed = self._clock(), list[str]()

        def work(session: Session) -> None:
            claimed.clear()
            if not acknowledge(session, page_id, staff.name, now):
                raise TaskRefused("A colleague was faster. Please go back and look again.")
            audit.append(
                session, at=now, actor=staff.name, action="page acknowledge", subject=f"page/{page_id}"
            )
            for task in dangers_of_page(session, page_id):
                do_with_task(session, TaskDeed(task.id, Deed.CLAIM, staff.name, now), self._moved)
                claimed.append(task.id)

        await self._do(work)
        return claimed[0] if claimed else ""

    async def _do(self, work: Callable[[Session], None]) -> None:
        try:
            await self._storage.write(work)
        except NotFound as problem:
            raise HTTPException(404, "There is no such record.") from problem
        except TaskRefused as problem:
            raise HTTPException(409, str(problem)) from problem

    def _order(self, staff: Staff, task_id: str, deed: str, form: TaskForm) -> TaskDeed:
        if deed not in BY_HAND or staff.name == SYSTEM:
            raise HTTPException(404, "There is nothing here.")
        now = self._clock()
        return TaskDeed(
            task_id,
            Deed(deed),
            staff.name,
            now,
            version=form.version,
            words=form.words,
            to=form.to.strip(),
            until=until(form.until, now, self._zone),
            outcome=form.outcome,
            lead=leads(staff),
            roles=frozenset(staff.roles),
        )


def leads(staff: Staff) -> bool:
    """Whether they may do with a colleague's task what its owner may: give it back, or to somebody else."""
    return bool(staff.roles & LEADS)


def colleagues(session: Session) -> tuple[str, ...]:
    """Everybody who works with tasks and may sign in."""
    query = select(StaffUser).where(col(StaffUser.disabled).is_(False)).order_by(col(StaffUser.name))
    return tuple(user.name for user in session.exec(query).all() if read_roles(user.roles) & CARE)


def dangers_of_page(session: Session, page_id: str) -> list[StaffTask]:
    """The dangers that nobody has, of a page or of its call."""
    page = session.get_one(Page, page_id)
    mine = col(StaffTask.id) == page.task_id
    if page.call_id:
        mine = or_(mine, col(StaffTask.call_id) == page.call_id)
    open_ = (StaffTask.state == TaskState.OPEN.value, StaffTask.priority == Priority.STAT.value)
    return list(session.exec(select(StaffTask).where(mine, *open_)).all())


def until(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """ "30" is in half an hour; "2026-03-09T14:00" is the practice's time. None for anything else."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) <= 6:
        return now + timedelta(minutes=int(text))
    try:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.replace(tzinfo=zone)
    except ValueError:
        return None
