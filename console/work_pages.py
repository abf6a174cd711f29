"""Work for a person: Home, the inbox, one task and what can be done with it, the stream of what changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Form, Header, Query, Response
from starlette.responses import RedirectResponse, StreamingResponse

from console import sessions
from console.desk import Desk, RowId, SignedIn
from console.happenings import Happenings
from console.home import read_home
from console.inbox import Part, inbox, read_queue
from console.task_desk import TaskDesk, TaskForm
from console.task_page import read_task
from models.task_rules import Deed

STAY = (Deed.CLAIM, Deed.START, Deed.RESUME, Deed.COMMENT, Deed.REOPEN)  # with the task, after these
NOT_BUFFERED = {"X-Accel-Buffering": "no"}  # by a proxy in front (nginx)


class WorkPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tasks = TaskDesk(desk.storage, desk.clock, desk.zone, desk.ports.task_moved, desk.ports.refills)
        self._happenings = Happenings(desk.storage, stopping=desk.ports.stopping)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /home": self.home,
            "GET /inbox": self.inbox,
            "GET /tasks/{task_id}": self.task,
            "POST /tasks/{task_id}/{deed}": self.task_deed,
            "POST /pages/{page_id}/acknowledge": self.acknowledge,
            "GET /events": self.events,
        }

    async def home(self, staff: SignedIn) -> Response:
        now, zone, glance = self._desk.clock(), self._desk.zone, self._desk.ports.live.glance
        home = await self._desk.storage.read(lambda s: read_home(s, staff.name, now, zone, glance))
        return self._desk.render("home.html", staff, home=home)

    async def inbox(self, staff: SignedIn, part: Annotated[Part, Query()] = Part.TO_DO) -> Response:
        now, zone = self._desk.clock(), self._desk.zone
        queue = await self._desk.storage.read(lambda session: read_queue(session, now, zone))
        return self._desk.render("inbox.html", staff, inbox=inbox(queue, part, staff.name, now, zone))

    async def task(self, staff: SignedIn, task_id: RowId) -> Response:
        now, zone = self._desk.clock(), self._desk.zone
        refills = self._desk.ports.refills
        task = await self._desk.storage.read(
            lambda session: read_task(session, task_id, staff, now, zone, refills)
        )
        return self._desk.render("task.html", staff, task=task)

    async def task_deed(
        self, staff: SignedIn, task_id: RowId, deed: str, form: Annotated[TaskForm, Form()]
    ) -> Response:
        await self._tasks.do(staff, task_id, deed, form)
        return RedirectResponse(f"/tasks/{task_id}" if deed in STAY else "/inbox", 303)

    async def acknowledge(self, staff: SignedIn, page_id: RowId) -> Response:
        task_id = await self._tasks.take_page(staff, page_id)
        return RedirectResponse(f"/tasks/{task_id}" if task_id else "/home", 303)

    async def events(
        self,
        staff: SignedIn,
        last_event_id: Annotated[int | None, Header(ge=0, le=2**62)] = None,
        once: Annotated[bool, Query()] = False,
    ) -> Response:
        """``once``: how things stand, and no more."""
        storage, clock = self._desk.storage, self._desk.clock

        async def signed_in() -> bool:
            now = clock()
            found = await storage.read(lambda s: sessions.find_by_hash(s, staff.session, now))
            return found is not None

        stream = self._happenings.stream(last_event_id, signed_in, once=once)
        return StreamingResponse(stream, media_type="text/event-stream", headers=NOT_BUFFERED)
