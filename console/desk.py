"""What every page of the console works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, Path, Request
from starlette.responses import HTMLResponse

from console import routes, secure
from console.ports import Ports
from console.trail import Trail
from console.users import Staff
from models.domain import Clock
from models.storage import Storage


def _staff(request: Request) -> Staff:
    staff: Staff = request.state.staff  # the gate has let them in
    return staff


LONGEST_FIELD = 500
FormText = Annotated[str, Form(max_length=LONGEST_FIELD)]
RowId = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
SignedIn = Annotated[Staff, Depends(_staff)]


def true_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """``zone`` is the practice's; ``second_factor``: whether people need one. ``true_time`` is what the
    staff's telephones show, also where ``clock`` is pinned."""

    storage: Storage
    clock: Clock
    zone: ZoneInfo
    practice_name: str
    trail: Trail
    ports: Ports
    second_factor: bool = True
    true_time: Clock = true_now
    monotonic: Callable[[], float] = time.monotonic

    def render(self, name: str, staff: Staff | None, status: int = 200, **values: object) -> HTMLResponse:
        """A page: the template ``name`` in the frame that ``staff`` sees."""
        return secure.render(
            name,
            status,
            staff=staff,
            practice_name=self.practice_name,
            menu=routes.menu(staff.roles) if staff and not staff.due else (),
            may=partial(routes.may, staff.roles if staff else frozenset()),
            no_second_factor=not self.second_factor,
            **values,
        )
