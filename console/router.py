"""The console's routes. All stand behind `Door`; what changes something is a POST from our own page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, HTTPException, Path, Query, Request, Response
from starlette.responses import RedirectResponse

from console import users, views
from console.login import Door
from console.notes import NoteDeed, NoteDesk, NotePage
from console.secure import HERE, SecureRoute, from_our_own_page, render
from console.task_desk import TaskDesk, TaskForm
from console.trail import Trail
from console.users import Staff
from models import records
from models.domain import Clock
from models.storage import Storage
from models.task_deeds import TaskMoved

STATIC = {"console.css": "text/css", "console.js": "text/javascript", "icon.svg": "image/svg+xml"}


def build_router(
    storage: Storage,
    clock: Clock,
    *,
    timezone: str = "UTC",
    practice_name: str = "Firstring",
    note_deeds: Mapping[str, NoteDeed] | None = None,
    note_page: NotePage | None = None,
    task_moved: TaskMoved | None = None,
) -> APIRouter:
    """The staff pages, to be mounted at the root of the private listener.

    ``timezone`` is the practice's (IANA); times are shown in it. ``note_deeds``: what may be done
    with a call's note, by name ("sign", "amend", "retract"); ``note_page``: the note as PDF.
    ``task_moved`` is told of every task that moved on, in the same transaction.
    """
    notes = NoteDesk(storage, clock, note_deeds or {}, note_page)
    tasks = TaskDesk(storage, clock, ZoneInfo(timezone), task_moved)
    pages = _Pages(storage, clock, ZoneInfo(timezone), practice_name, notes, tasks)
    router = APIRouter(
        route_class=SecureRoute, dependencies=[Depends(pages.door)], default_response_class=Response
    )
    gets: dict[str, Callable[..., object]] = {
        "/": pages.front,
        "/calls/{call_id}": pages.call,
        "/calls/{call_id}/note.pdf": pages.note_page,
        "/tasks": pages.tasks,
        "/password": pages.password_form,
        "/static/console/{name}": pages.static,
    }
    posts: dict[str, Callable[..., object]] = {
        "/tasks/{task_id}/{deed}": pages.task_deed,
        "/pages/{page_id}/acknowledge": pages.acknowledge,
        "/password": pages.change_password,
        "/calls/{call_id}/note/{deed}": pages.note_deed,
        "/calls/{call_id}/turns/{number}/words": pages.correct_words,
    }
    for path, handler in gets.items():
        router.add_api_route(path, handler, methods=["GET"], include_in_schema=False, response_model=None)
    for path, handler in posts.items():
        router.add_api_route(
            path,
            handler,
            methods=["POST"],
            include_in_schema=False,
            response_model=None,
            dependencies=[Depends(from_our_own_page)],
        )
    return router


def _staff(request: Request) -> Staff:
    """Who is signed in, with a password of their own. Raises HTTPException 303 to where they set one."""
    staff = _anybody(request)
    if staff.must_change:
        raise HTTPException(303, "Please choose a password of your own first.", {"Location": "/password"})
    return staff


def _anybody(request: Request) -> Staff:
    staff: Staff = request.state.staff  # the door has set it
    return staff


RowId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
SignedIn = Annotated[Staff, Depends(_staff)]
Anybody = Annotated[Staff, Depends(_anybody)]


class _Pages:
    """The handlers, with what they need."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        zone: ZoneInfo,
        practice_name: str,
        notes: NoteDesk,
        tasks: TaskDesk,
    ) -> None:
        self._notes = notes
        self._tasks = tasks
        self._storage = storage
        self._clock = clock
        self._zone = zone
        self._trail = Trail(storage, clock)
        self._practice_name = practice_name
        self.door = Door(storage, clock)
        self._files = {name: (HERE / "static" / name).read_bytes() for name in STATIC}

    async def front(
        self, request: Request, staff: SignedIn, before: Annotated[datetime | None, Query()] = None
    ) -> Response:
        if before is not None and before.tzinfo is None:
            raise HTTPException(400, "“before” needs a time zone.")
        await self._trail.viewed(request, staff, "calls")
        now = self._clock()
        front = await self._storage.read(lambda s: views.front(s, now, self._zone, before))
        return self._render("front.html", staff, front=front, paged=before is not None)

    async def call(self, request: Request, staff: SignedIn, call_id: RowId) -> Response:
        await self._trail.viewed(request, staff, f"call/{call_id}")
        now = self._clock()
        call = await self._storage.read(lambda s: views.call(s, call_id, now, self._zone))
        return self._render("call.html", staff, call=call, notes_open=self._notes.open)

    async def note_page(self, request: Request, staff: SignedIn, call_id: RowId) -> Response:
        await self._trail.viewed(request, staff, f"call/{call_id}/note")
        name = f'inline; filename="note-{call_id}.pdf"'
        headers = {"Content-Disposition": name}
        return Response(await self._notes.page(call_id), media_type="application/pdf", headers=headers)

    async def note_deed(
        self, staff: SignedIn, call_id: RowId, deed: str, words: Annotated[str, Form()] = ""
    ) -> Response:
        await self._notes.do(staff, call_id, deed, words)
        await self._trail.did(staff, f"note {deed}", f"call/{call_id}")
        return RedirectResponse(f"/calls/{call_id}#written", 303)

    async def correct_words(
        self, staff: SignedIn, call_id: RowId, number: int, words: Annotated[str, Form()] = ""
    ) -> Response:
        await self._notes.correct(staff, call_id, number, words)
        await self._trail.did(staff, "words correct", f"call/{call_id}/turn/{number}")
        return RedirectResponse(f"/calls/{call_id}#turn-{number}", 303)

    async def tasks(self, request: Request, staff: SignedIn) -> Response:
        await self._trail.viewed(request, staff, "tasks")
        now = self._clock()
        tasks = await self._storage.read(lambda s: views.task_list(s, now, self._zone))
        return self._render("tasks.html", staff, tasks=tasks)

    async def task_deed(
        self, staff: SignedIn, task_id: RowId, deed: str, form: Annotated[TaskForm, Form()]
    ) -> Response:
        await self._tasks.do(staff, task_id, deed, form)
        return RedirectResponse("/tasks", 303)

    async def acknowledge(self, staff: SignedIn, page_id: RowId) -> Response:
        now = self._clock()
        if not await self._storage.write(lambda s: records.acknowledge(s, page_id, staff.name, now)):
            raise HTTPException(409, "A colleague was faster. Please go back and look again.")
        await self._trail.did(staff, "page acknowledge", f"page/{page_id}")
        return RedirectResponse("/", 303)

    async def password_form(self, staff: Anybody) -> Response:
        return self._render("password.html", staff, problem="")

    async def change_password(self, staff: Anybody, password: Annotated[str, Form()]) -> Response:
        problem = users.password_problem(password, staff.name)
        if problem:
            return self._render("password.html", staff, 422, problem=problem)
        hashed = await asyncio.to_thread(users.hash_password, password)
        await self._storage.write(lambda s: users.store_password(s, staff.name, hashed))
        await self._trail.did(staff, "password change", f"user/{staff.name}")
        self.door.forget(staff.name)
        return RedirectResponse("/", 303)

    async def static(self, name: str) -> Response:
        if name not in STATIC:
            raise HTTPException(404, "There is nothing here.")
        return Response(self._files[name], media_type=STATIC[name])

    def _render(self, name: str, staff: Staff, status: int = 200, **values: object) -> Response:
        return render(name, status, staff=staff, practice_name=self._practice_name, **values)
