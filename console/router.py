"""The console's routes, put together. All stand behind `Gate`; who may what is `console.routes.TABLE`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Response

from console.audit_pages import AuditPages
from console.call_pages import CallPages
from console.desk import Desk, true_now
from console.files import Files
from console.gate import Gate
from console.happenings import Happenings
from console.linking import Charts, LinkDesk
from console.linking_pages import LinkingPages
from console.need import NeedPages
from console.notes import NoteDeed, NoteDesk, NotePage
from console.routes import TABLE
from console.second_factor_pages import SecondFactorPages
from console.secure import SecureRoute
from console.sign_in import SignIn
from console.task_desk import TaskDesk
from console.trail import Trail
from console.user_pages import UserPages
from console.work_pages import WorkPages
from models.domain import Clock
from models.errors import SettingsError
from models.storage import Storage
from models.task_deeds import TaskMoved


class Part(Protocol):
    """Some pages: handlers by the keys of their rows in the table."""

    def routes(self) -> dict[str, Callable[..., object]]: ...


PARTS: tuple[Callable[[Desk], Part], ...] = (
    SignIn,
    SecondFactorPages,
    NeedPages,
    UserPages,
    AuditPages,
)


def build_router(
    storage: Storage,
    clock: Clock,
    *,
    timezone: str = "UTC",
    practice_name: str = "Firstring",
    note_deeds: Mapping[str, NoteDeed] | None = None,
    note_page: NotePage | None = None,
    task_moved: TaskMoved | None = None,
    stopping: Callable[[], bool] = lambda: False,
    charts: Charts | None = None,
    second_factor: bool = True,
    true_time: Clock = true_now,
    monotonic: Callable[[], float] = time.monotonic,
) -> APIRouter:
    """The staff pages, to be mounted at the root of the private listener.

    ``timezone`` is the practice's (IANA); times are shown in it. ``note_deeds``: what may be done
    with a call's note, by name ("sign", "amend", "retract"); ``note_page``: the note as PDF.
    ``task_moved`` is told of every task that moved on, in the same transaction. ``stopping``: whether the
    server is to end; open pages' streams then do.
    ``charts``: the EHR's, for calls that are in none of them; None where the chart is our own.
    ``second_factor``: False asks for none; of a demo practice only. ``true_time``: of its codes;
    ``monotonic``: of the waits after wrong passwords and codes.
    """
    trail, zone = Trail(storage, clock), ZoneInfo(timezone)
    desk = Desk(storage, clock, zone, practice_name, trail, second_factor, true_time, monotonic)
    notes = NoteDesk(storage, clock, note_deeds or {}, note_page)
    work = WorkPages(desk, TaskDesk(storage, clock, zone, task_moved), Happenings(storage, stopping=stopping))
    links = LinkingPages(desk, LinkDesk(storage, clock, zone, charts))
    parts: list[Part] = [Files(), work, CallPages(desk, notes), links, *(part(desk) for part in PARTS)]
    router, gate = APIRouter(route_class=SecureRoute, default_response_class=Response), Gate(desk)
    for part in parts:
        for key, handler in part.routes().items():
            add_route(router, gate, key, handler)
    return router


def add_route(router: APIRouter, gate: Gate, key: str, handler: Callable[..., object]) -> None:
    """Add one page. Raises `SettingsError` where the table has no row for it."""
    if key not in TABLE:
        raise SettingsError(f"{key} has no row", fix="Say in console/routes.py who may have it.")
    method, _, path = key.partition(" ")
    check = gate.before(TABLE[key])
    router.add_api_route(
        path,
        handler,
        methods=[method],
        include_in_schema=False,
        response_model=None,
        dependencies=[Depends(check)],
    )
