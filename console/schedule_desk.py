"""What staff do with the schedule, from the forms of its pages: read, checked, or refused in a sentence."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from datetime import date, timedelta
from typing import TypeVar

from fastapi import HTTPException
from pydantic import BaseModel, Field

from console.desk import Desk
from console.schedule import REASONS, Span, first_day, schedule_view
from console.schedule import ScheduleView as View
from console.schedule_port import Schedule
from console.users import Staff
from models.domain import OpeningGone, VisitBooked
from models.errors import Conflict, NotFound
from models.schedule import DeskOrder, Ending

T = TypeVar("T")
FORM_ID = r"[0-9a-f]{32}"
FURTHEST = timedelta(days=800)  # of any day that is shown or asked for, from today
GONE = "That opening has just gone: somebody was faster. Please choose another one."
REFUSALS = {
    "patient-busy": "The patient has another visit at that time.",
    "too-many-visits": (
        "The patient has two open visits of this kind already. Move or cancel one of them first."
    ),
}
NONE_HERE = "There is no schedule here."


class BookForm(BaseModel):
    """Somebody at the desk. ``born``, ``day``: as a date field sends them; "": nothing was chosen."""

    name: str = Field(default="", max_length=200)
    born: str = Field(default="", max_length=10)
    visit_type: str = Field(default="", max_length=64)
    provider: str = Field(default="", max_length=64)
    day: str = Field(default="", max_length=10)
    patient: str = Field(default="", max_length=64)
    opening: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=300)
    form_id: str = Field(default="", max_length=32)


class EndForm(BaseModel):
    """A visit given up, or moved to ``opening``."""

    version: int = Field(default=0, ge=0)
    why: str = Field(default="", max_length=32)
    words: str = Field(default="", max_length=300)
    opening: str = Field(default="", max_length=200)
    form_id: str = Field(default="", max_length=32)

    def ending(self, visit_id: str) -> Ending:
        """Raises HTTPException 422 without a reason."""
        if self.why not in REASONS:
            raise HTTPException(422, "Please choose why.")
        return Ending(visit_id, self.version, self.why, self.words.strip())


class ScheduleDesk:
    """Without a schedule of ours calls act on another system's; ``elsewhere`` says so."""

    def __init__(self, desk: Desk) -> None:
        self._schedule, self.elsewhere = desk.ports.schedule, desk.ports.schedule_elsewhere
        self._clock, self._zone = desk.clock, desk.zone

    @property
    def is_here(self) -> bool:
        return self._schedule is not None

    @property
    def schedule(self) -> Schedule:
        """Raises HTTPException 404 where it is not kept here."""
        if self._schedule is None:
            raise HTTPException(404, self.elsewhere or NONE_HERE)
        return self._schedule

    @property
    def today(self) -> date:
        return self._clock().astimezone(self._zone).date()

    def day(self, text: str | date | None) -> date:
        """A day that a form or an address names, today where none is. Raises HTTPException 422."""
        try:
            day = date.fromisoformat(text) if isinstance(text, str) and text else text or self.today
        except ValueError:
            raise HTTPException(422, "Please choose a day.") from None
        if not isinstance(day, date) or abs(day - self.today) > FURTHEST:
            raise HTTPException(422, "Please choose a day within two years.")
        return day

    def provider(self, provider_id: str, *, needed: bool = False) -> str:
        """Raises HTTPException 422 for one that the practice does not have."""
        known = {each for each, _name in self.schedule.providers()}
        if provider_id in known or (not provider_id and not needed):
            return provider_id
        raise HTTPException(422, "Please choose a provider.")

    async def view(self, day: date, span: Span, provider_id: str) -> View:
        days, first = (1 if span is Span.DAY else 7), first_day(day, span)
        sheets = await self.schedule.sheets(first, days, provider_id)
        every = [first + timedelta(days=number) for number in range(days)]
        hours = {each: self.schedule.hours(each) for each in every}
        return schedule_view(sheets, hours, day, span, provider_id, self._clock(), self._zone)


def order_of(staff: Staff, form_id: str) -> DeskOrder:
    """Raises HTTPException 400 for a form that no page of ours made."""
    if not re.fullmatch(FORM_ID, form_id):
        raise HTTPException(400, "This request is not one that the page makes.")
    return DeskOrder(staff.name, form_id)


async def or_refused(work: Awaitable[T]) -> T:
    """Raises HTTPException 404 or 409 with one sentence for what cannot be."""
    try:
        return await work
    except NotFound as problem:
        raise HTTPException(404, "There is no such record, or not any more.") from problem
    except Conflict as problem:
        raise HTTPException(409, REFUSALS.get(problem.code) or f"{problem}. {problem.fix}") from problem


async def booked(work: Awaitable[VisitBooked | OpeningGone]) -> VisitBooked:
    """As `or_refused`, also where the opening is gone."""
    done = await or_refused(work)
    if isinstance(done, OpeningGone):
        raise HTTPException(409, GONE)
    return done
