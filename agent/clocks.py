"""The time each task has (domain rules section 1.3): its owner is told at half of it and at its end.

A danger or nurse-now task that nobody has taken by then is paged. Nothing is kept here: what was told stands
with the task.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session

from agent.logs import log
from agent.metrics import TASKS_UNOWNED
from agent.services import Services
from backends.on_call import Channel, Contact
from models import desk, paging
from models.domain import PageStaff
from models.errors import FirstringError
from models.events import append_event
from models.tables import StaffTask
from models.task_deeds import wake_due
from models.texts import queue_text

EVERY_S = 5.0
UNOWNED_AFTER = timedelta(minutes=5)
HALF, OVER = "task.half", "task.over"  # events


class Clocks:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def run(self) -> None:
        """For ever: a database that refuses is tried again."""
        while True:
            try:
                await self.tick()
            except FirstringError as problem:
                log.warning("clocks.stopped", code=problem.code)
            await asyncio.sleep(EVERY_S)

    async def tick(self) -> None:
        now, storage = self._services.clock(), self._services.storage
        TASKS_UNOWNED.set(await storage.read(lambda session: paging.unowned(session, now, UNOWNED_AFTER)))
        await storage.write(lambda session: wake_due(session, now, self._services.task_moved))
        for task in await storage.read(lambda session: paging.half_spent(session, now)):
            await storage.write(partial(self._half, task=task, now=now))
        for task in await storage.read(lambda session: paging.overdue(session, now)):
            await storage.write(partial(self._over, task=task, now=now))

    def _half(self, session: Session, task: StaffTask, now: datetime) -> None:
        if not paging.note_warned(session, task.id, now):
            return  # another process has told of it
        append_event(session, HALF, at=now, call_id=task.call_id, payload={"task": task.id})
        self._text(session, task, now, "half", "half of the time for a task of yours is over")

    def _over(self, session: Session, task: StaffTask, now: datetime) -> None:
        if not paging.note_escalated(session, task.id, now):
            return
        append_event(session, OVER, at=now, call_id=task.call_id, payload={"task": task.id})
        log.warning("task.over", call_id=task.call_id, kind=task.kind)
        if task.priority in paging.AT_ONCE and task.started_at is None:
            self._page(session, task, now)
        self._text(session, task, now, "over", "the time for a task of yours is over")

    def _page(self, session: Session, task: StaffTask, now: datetime) -> None:
        """Nobody has taken it: everybody on call is tried, unless a page of the call is under way, or was
        answered."""
        if paging.is_paged(session, task.call_id) or paging.answered_by(session, task.call_id):
            return
        order = PageStaff(f"{task.action_id}-over", task.summary)
        desk.add_page(session, order, call_id=task.call_id, at=now, task_id=task.id)

    def _text(self, session: Session, task: StaffTask, now: datetime, when: str, what: str) -> None:
        """To the owner, or for a danger to who has answered its page; nobody else's telephone disturbs."""
        name = task.owner
        if not name and task.priority in paging.AT_ONCE:
            name = paging.answered_by(session, task.call_id)
        contact = self._services.practice.on_call.contact(name)
        if contact is None or not _takes_texts(contact):
            return
        body = f"{self._services.practice.name}: {what}. See the console."
        queue_text(
            session,
            key=f"clock/{task.id}/{when}",
            to_number=contact.phone,
            body=body,
            purpose="clock",
            at=now,
            call_id=task.call_id,
        )


def _takes_texts(contact: Contact) -> bool:
    return bool(contact.phone) and Channel.TEXT in contact.channels
