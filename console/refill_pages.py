"""Refill requests: the queue, one request, and what is decided about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.responses import RedirectResponse

from console.desk import Desk, RowId, SignedIn
from console.refills import Past, RefillOrder, Refills, RefillView, view
from console.roles import TITLES, Role, read_roles
from console.task_desk import TaskDesk, TaskForm, colleagues
from console.users import Staff
from models.errors import NotFound
from models.tables import StaffUser
from models.task_rules import Deed, TaskRefused

SHOWN = 20  # requests on the page; those that are due first
PAST = 20
MAX_NOTE = 500
MAX_DAYS, MAX_QUANTITY = 365, 9_999


class RefillForm(BaseModel):
    """Each deed reads its own fields."""

    version: int = Field(ge=0)
    note: str = Field(default="", max_length=MAX_NOTE)
    days_supply: str = Field(default="", max_length=10)
    quantity: str = Field(default="", max_length=10)
    visit: str = Field(default="", max_length=10)
    tell: str = Field(default="", max_length=10)
    to: str = Field(default="", max_length=100)


@dataclass(frozen=True, slots=True)
class Queue:
    """The page. ``more``: how many requests are not shown; ``done``: the one just decided."""

    refills: tuple[RefillView, ...] = ()
    more: int = 0
    decided: Sequence[Past] = ()
    done: RefillView | None = None
    elsewhere: bool = False
    colleagues: tuple[tuple[str, str], ...] = ()


class RefillPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tasks = TaskDesk(desk.storage, desk.clock, desk.zone, desk.ports.task_moved)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /refills": self.queue,
            "GET /refills/{task_id}": self.one,
            "POST /refills/{task_id}/approve": self.decide("approve"),
            "POST /refills/{task_id}/change": self.decide("change"),
            "POST /refills/{task_id}/deny": self.decide("deny"),
            "POST /refills/{task_id}/give-on": self.give_on,
        }

    async def queue(
        self, request: Request, staff: SignedIn, done: Annotated[str, Query(max_length=64)] = ""
    ) -> Response:
        queue = await self._desk.storage.read(lambda session: self._read(session, staff, done))
        seen = [one.patient_id for one in queue.refills] + [one.patient.patient_id for one in queue.decided]
        seen += [queue.done.patient_id] if queue.done else []
        await self._desk.trail.viewed_all(request, staff, [f"patient/{one}/refills" for one in seen if one])
        return self._desk.render("refills.html", staff, queue=queue)

    def _read(self, session: Session, staff: Staff, done: str) -> Queue:
        refills, now, zone = self._desk.ports.refills, self._desk.clock(), self._desk.zone
        if refills is None:
            return Queue()
        midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        found, total = refills.waiting(session, staff.roles, now, SHOWN)
        return Queue(
            refills=tuple(view(one, staff.name, now, zone, elsewhere=refills.elsewhere) for one in found),
            more=total - len(found),
            decided=refills.decided(session, midnight),
            done=self._done(session, staff, done),
            elsewhere=refills.elsewhere,
            colleagues=named_colleagues(session, staff),
        )

    def _done(self, session: Session, staff: Staff, task_id: str) -> RefillView | None:
        """The request that this person has just decided."""
        now, zone = self._desk.clock(), self._desk.zone
        try:
            case = self._open().one(session, task_id, staff.roles, now) if task_id else None
        except NotFound:
            return None
        mine = case is not None and case.decided_by_person == staff.name
        return view(case, staff.name, now, zone) if case is not None and mine else None

    async def one(self, request: Request, staff: SignedIn, task_id: RowId) -> Response:
        refills, desk = self._open(), self._desk
        now, zone = desk.clock(), desk.zone

        def read(session: Session) -> tuple[RefillView, Sequence[Past], tuple[tuple[str, str], ...]]:
            case = refills.one(session, task_id, staff.roles, now)
            past = refills.history(session, case.patient.patient_id, PAST)
            shown = view(case, staff.name, now, zone, elsewhere=refills.elsewhere)
            return shown, past, named_colleagues(session, staff)

        shown, past, others = await desk.storage.read(read)
        if shown.patient_id:
            await desk.trail.viewed_all(request, staff, [f"patient/{shown.patient_id}/refills"])
        return desk.render("refill.html", staff, refill=shown, past=past, colleagues=others)

    def decide(self, deed: str) -> Callable[..., object]:
        async def done(staff: SignedIn, task_id: RowId, form: Annotated[RefillForm, Form()]) -> Response:
            order = _order(deed, staff, task_id, form)
            try:
                await self._open().decide(order)
            except NotFound as problem:
                raise HTTPException(404, "There is no such refill request.") from problem
            except TaskRefused as problem:
                raise HTTPException(409, str(problem)) from problem
            return RedirectResponse(f"/refills?done={task_id}", 303)

        return done

    async def give_on(self, staff: SignedIn, task_id: RowId, form: Annotated[RefillForm, Form()]) -> Response:
        """To a prescriber, or back to who should ask: theirs at once, with the words."""
        if not form.note.strip():
            raise HTTPException(422, "Please write what they should know or ask.")
        task = TaskForm(version=form.version, to=form.to, words=form.note)
        await self._tasks.do(staff, task_id, Deed.HAND_OVER.value, task)
        return RedirectResponse("/refills", 303)

    def _open(self) -> Refills:
        if self._desk.ports.refills is None:
            raise HTTPException(404, "There is nothing here.")
        return self._desk.ports.refills


def _order(deed: str, staff: Staff, task_id: str, form: RefillForm) -> RefillOrder:
    """Raises HTTPException 422 with one sentence."""
    note, changes = form.note.strip(), deed == "change"
    if deed == "deny" and not note:
        raise HTTPException(422, "Please say why: it goes into the chart, and to whoever tells the patient.")
    days = _number(form.days_supply, MAX_DAYS, "days") if changes else None
    quantity = _number(form.quantity, MAX_QUANTITY, "quantity") if changes else None
    visit = form.visit == "yes"
    if changes and days is None and quantity is None and not visit:
        raise HTTPException(422, "Please say what is to be different.")
    return RefillOrder(
        task_id,
        deed,
        staff.name,
        frozenset(staff.roles),
        form.version,
        note,
        days,
        None if quantity is None else float(quantity),
        visit,
        form.tell == "yes",
    )


def _number(text: str, most: int, what: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= most):
        raise HTTPException(422, f"Please give the {what} as a whole number from 1 to {most}.")
    return int(text)


def named_colleagues(session: Session, staff: Staff) -> tuple[tuple[str, str], ...]:
    """Whom a request can be given on to, prescribers first: name, and name with roles."""
    found = []
    for name in colleagues(session):
        user = session.get(StaffUser, name)
        roles = read_roles(user.roles) if user else frozenset()
        if name != staff.name:
            said = ", ".join(TITLES[role].lower() for role in Role if role in roles)
            found.append((Role.PRESCRIBER not in roles, name, f"{name} ({said})"))
    return tuple((name, said) for _, name, said in sorted(found))
