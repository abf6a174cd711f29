"""Openings published for a provider, or from a file: looked at first; the same twice adds nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from typing import Annotated, Literal

from fastapi import File, Form, HTTPException, Query, Response, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse

from console.desk import Desk, SignedIn
from console.schedule import day_words, new_form_id, plan_view
from console.schedule_desk import ScheduleDesk, or_refused, order_of
from console.users import Staff
from models.schedule import Plan, ReadPlans

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_DAYS, MOST_OPENINGS = 366, 10_000
LONGEST_FILE = 300_000  # characters


class PublishForm(BaseModel):
    """``weekdays`` and ``visit_types`` as ticked; nothing ticked is every day, any kind of visit."""

    provider: str = Field(default="", max_length=64)
    visit_types: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=60)
    opens: str = Field(default="", max_length=5)
    closes: str = Field(default="", max_length=5)
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field(default_factory=list, max_length=7)
    first: str = Field(default="", max_length=10)
    last: str = Field(default="", max_length=10)
    step: Literal["look", "do"] = "look"
    form_id: str = Field(default="", max_length=32)


class ImportForm(BaseModel):
    """``good_only``: the faulty lines are left out."""

    text: str = Field(default="", max_length=LONGEST_FILE)
    step: Literal["look", "do"] = "look"
    good_only: str = Field(default="", max_length=3)
    form_id: str = Field(default="", max_length=32)


class PublishPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._schedule = ScheduleDesk(desk)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /schedule/publish": self.form,
            "POST /schedule/publish": self.publish,
            "GET /schedule/import": self.import_form,
            "POST /schedule/import": self.import_lines,
            "POST /schedule/import/file": self.import_file,
        }

    async def form(
        self,
        staff: SignedIn,
        day: Annotated[date | None, Query()] = None,
        provider: Annotated[str, Query(max_length=64)] = "",
    ) -> Response:
        first = max(self._schedule.day(day), self._schedule.today).isoformat()
        return self._page(staff, PublishForm(provider=provider, first=first, last=first))

    async def publish(self, staff: SignedIn, form: Annotated[PublishForm, Form()]) -> Response:
        try:
            plan = self._read(form)
            if form.step == "look":
                return await self._look(staff, [plan], form)
        except HTTPException as problem:
            return self._page(staff, form, str(problem.detail), problem.status_code)
        await or_refused(self._schedule.schedule.publish_plans([plan], order_of(staff, form.form_id)))
        return RedirectResponse(f"/schedule?day={plan.first}&span=week", 303)

    async def _look(self, staff: Staff, plans: Sequence[Plan], form: PublishForm) -> Response:
        effect = await or_refused(self._schedule.schedule.preview_plans(plans))
        if effect.new > MOST_OPENINGS:
            raise HTTPException(
                422, f"These are {effect.new} openings: publish {MOST_OPENINGS} at most at once."
            )
        return self._desk.render(
            "schedule_publish_look.html",
            staff,
            form=form,
            words=self._words(plans[0]),
            effect=plan_view(effect),
            form_id=new_form_id(),
        )

    def _read(self, form: PublishForm) -> Plan:
        """Raises HTTPException 422 with one sentence."""
        schedule, today = self._schedule.schedule, self._schedule.today
        provider = self._schedule.provider(form.provider, needed=True)
        if not form.first:
            raise HTTPException(422, "Please choose the first day.")
        first, last = self._schedule.day(form.first), self._schedule.day(form.last or form.first)
        if first < today:
            raise HTTPException(422, "Please choose a day from today on.")
        if not first <= last <= first + timedelta(days=MOST_DAYS - 1):
            raise HTTPException(422, f"Please choose a last day within {MOST_DAYS} days of the first.")
        opens, closes = _time(form.opens), _time(form.closes)
        if opens >= closes:
            raise HTTPException(422, "Please give the earlier time first.")
        known = {kind.code for kind in schedule.visit_types()}
        if not set(form.visit_types) <= known:
            raise HTTPException(422, "Please choose kinds of visits from the list.")
        return Plan(
            provider, first, last, opens, closes, tuple(sorted(set(form.weekdays))), tuple(form.visit_types)
        )

    def _words(self, plan: Plan) -> str:
        name = dict(self._schedule.schedule.providers())[plan.provider_id]
        kinds = {kind.code: kind.name for kind in self._schedule.schedule.visit_types()}
        days = ", ".join(WEEKDAYS[day] for day in plan.weekdays) or "every day"
        span = f"on {day_words(plan.first)}"
        if plan.last != plan.first:
            span = f"{days}, from {day_words(plan.first)} to {day_words(plan.last)}"
        what = ", ".join(kinds[code] for code in plan.visit_types) or "any kind of visit"
        return f"{name}, {plan.opens:%H:%M} to {plan.closes:%H:%M}, {span}; {what}"

    def _page(self, staff: Staff, form: PublishForm, problem: str = "", status: int = 200) -> Response:
        schedule = self._schedule.schedule
        return self._desk.render(
            "schedule_publish.html",
            staff,
            status,
            form=form,
            problem=problem,
            providers=schedule.providers(),
            visit_types=schedule.visit_types(),
            weekdays=WEEKDAYS,
            today=self._schedule.today,
        )

    # ------------------------------------------------------------------ from a file

    async def import_form(self, staff: SignedIn) -> Response:
        return self._import_page(staff)

    async def import_file(self, staff: SignedIn, file: Annotated[UploadFile, File()]) -> Response:
        try:
            text = (await file.read(4 * LONGEST_FILE + 1)).decode("utf-8-sig")
        except UnicodeDecodeError:
            return self._import_page(staff, "This is no CSV in UTF-8. Save it as “CSV UTF-8”.", 422)
        if len(text) > LONGEST_FILE:
            return self._import_page(staff, "The file is too long: import it in parts.", 422)
        return await self._import(staff, ImportForm(text=text))

    async def import_lines(self, staff: SignedIn, form: Annotated[ImportForm, Form()]) -> Response:
        return await self._import(staff, form)

    async def _import(self, staff: Staff, form: ImportForm) -> Response:
        """Nothing is done while a line is faulty, unless the person chooses the good ones."""
        read = self._schedule.schedule.read_plans(form.text)
        may = bool(read.plans) and (not read.faults or form.good_only == "yes")
        if form.step == "look" or not may:
            return await self._import_look(staff, form, read, 422 if form.step == "do" else 200)
        await or_refused(self._schedule.schedule.publish_plans(read.plans, order_of(staff, form.form_id)))
        first = min(plan.first for plan in read.plans)
        return RedirectResponse(f"/schedule?day={first}&span=week", 303)

    async def _import_look(self, staff: Staff, form: ImportForm, read: ReadPlans, status: int) -> Response:
        schedule = self._schedule.schedule
        effect = plan_view(await or_refused(schedule.preview_plans(read.plans))) if read.plans else None
        return self._desk.render(
            "schedule_import_look.html",
            staff,
            status,
            text=form.text,
            read=read,
            effect=effect,
            form_id=new_form_id(),
        )

    def _import_page(self, staff: Staff, problem: str = "", status: int = 200) -> Response:
        schedule = self._schedule.schedule
        return self._desk.render(
            "schedule_import.html",
            staff,
            status,
            problem=problem,
            providers=schedule.providers(),
            visit_types=schedule.visit_types(),
        )


def _time(text: str) -> time:
    """Raises HTTPException 422."""
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise HTTPException(422, "Please give both times, as 13:30.") from None
    if at.minute % 5 or at.second:
        raise HTTPException(422, "Times go by five minutes.")
    return at
