"""The console's routes, put together. All stand behind `Gate`; who may what is `console.routes.TABLE`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, FastAPI, Response

from console.audit_pages import AuditPages
from console.block_pages import BlockPages
from console.call_list_pages import CallListPages
from console.call_pages import CallPages
from console.call_reviews import ReviewPages
from console.call_sound import SoundPages
from console.corrections import CorrectionPages
from console.desk import Desk, true_now
from console.figure_pages import FigurePages
from console.files import Files
from console.gate import Gate
from console.linking_pages import LinkingPages
from console.live_pages import LivePages
from console.need import NeedPages
from console.patient_pages import PatientPages
from console.ports import Ports
from console.protocol_pages import ProtocolPages
from console.publish_pages import PublishPages
from console.refill_pages import RefillPages
from console.routes import SOCKETS, TABLE
from console.schedule_pages import SchedulePages
from console.second_factor_pages import SecondFactorPages
from console.secure import SecureRoute
from console.settings_pages import SettingsPages
from console.sign_in import SignIn
from console.sign_on_pages import SignOnPages
from console.trail import Trail
from console.try_pages import TryPages, TrySocket
from console.user_pages import UserPages
from console.waitlist_pages import WaitlistPages
from console.work_pages import WorkPages
from models.domain import Clock
from models.errors import SettingsError
from models.storage import Storage


class Part(Protocol):
    """Some pages: handlers by the keys of their rows in the table."""

    def routes(self) -> dict[str, Callable[..., object]]: ...


PARTS: tuple[Callable[[Desk], Part], ...] = (
    SignIn,
    SignOnPages,
    SecondFactorPages,
    WorkPages,
    LivePages,
    CallListPages,
    CallPages,
    SoundPages,
    SchedulePages,
    BlockPages,
    RefillPages,
    PatientPages,
    PublishPages,
    WaitlistPages,
    CorrectionPages,
    ReviewPages,
    LinkingPages,
    NeedPages,
    SettingsPages,
    FigurePages,
    ProtocolPages,
    UserPages,
    AuditPages,
    TryPages,
)


def build_router(
    storage: Storage,
    clock: Clock,
    *,
    timezone: str = "UTC",
    practice_name: str = "Firstring",
    ports: Ports | None = None,
    second_factor: bool = True,
    true_time: Clock = true_now,
    monotonic: Callable[[], float] = time.monotonic,
) -> APIRouter:
    """The staff pages, to be mounted at the root of the private listener.

    ``timezone`` is the practice's (IANA); times are shown in it. ``second_factor``: False asks for none; of
    a demo practice only. ``true_time``: of its codes; ``monotonic``: of the waits after wrong passwords
    and codes.
    """
    trail, zone = Trail(storage, clock), ZoneInfo(timezone)
    ports = ports or Ports()
    desk = Desk(storage, clock, zone, practice_name, trail, ports, second_factor, true_time, monotonic)
    router, gate = APIRouter(route_class=SecureRoute, default_response_class=Response), Gate(desk)
    for part in (Files(), *(make(desk) for make in PARTS)):
        for key, handler in part.routes().items():
            add_route(router, gate, key, handler)
    for path, row in SOCKETS.items():
        router.add_api_websocket_route(path, TrySocket(desk, gate, TABLE[row]).serve)
    return router


def add_pages(app: FastAPI, pages: APIRouter) -> None:
    """Mount ``pages`` at the root of ``app``: `include_router` would read each page's parameters again."""
    app.router.routes.extend(pages.routes)


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
