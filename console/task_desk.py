"""What staff do with a task, from the form of a page: read, checked, done, or refused in one sentence."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import HTTPException
from pydantic import BaseModel, Field

from console.roles import Role
from console.users import Staff
from models.domain import Clock
from models.errors import NotFound
from models.storage import Storage
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
    """``moved`` is told of every task that moved on, in the same transaction."""

    def __init__(
        self, storage: Storage, clock: Clock, zone: ZoneInfo, moved: TaskMoved | None = None
    ) -> None:
        self._storage, self._clock, self._zone, self._moved = storage, clock, zone, moved

    async def do(self, staff: Staff, task_id: str, deed: str, form: TaskForm) -> None:
        """Raises HTTPException: 404 no such task or deed, 409 when it cannot be, with one sentence why."""
        order = self._order(staff, task_id, deed, form)
        try:
            await self._storage.write(lambda session: do_with_task(session, order, self._moved))
        except NotFound as problem:
            raise HTTPException(404, "There is no such task.") from problem
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
            lead=bool(staff.roles & LEADS),
        )


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
