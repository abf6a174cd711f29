"""The schedule by day and week, somebody booked at the desk, and a visit that is moved or given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import Form, HTTPException, Query, Response
from starlette.responses import RedirectResponse

from console.desk import Desk, RowId, SignedIn
from console.schedule import (
    MADE_BY,
    REASONS,
    STATUSES,
    Span,
    day_words,
    new_form_id,
    opening_choices,
    person_choices,
    span_words,
)
from console.schedule_desk import BookForm, EndForm, ScheduleDesk, booked, or_refused, order_of
from console.users import Staff
from models.schedule import DeskBooking

DayAsked = Annotated[date | None, Query()]
ProviderAsked = Annotated[str, Query(max_length=64)]


class SchedulePages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._schedule = ScheduleDesk(desk)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /schedule": self.show,
            "GET /schedule/book": self.book_form,
            "POST /schedule/find": self.find,
            "POST /schedule/book": self.book,
            "GET /schedule/visits/{visit_id}": self.visit,
            "POST /schedule/visits/{visit_id}/cancel": self.cancel,
            "POST /schedule/visits/{visit_id}/move": self.move,
        }

    async def show(
        self,
        staff: SignedIn,
        day: DayAsked = None,
        span: Annotated[Span, Query()] = Span.DAY,
        provider: ProviderAsked = "",
    ) -> Response:
        if not self._schedule.is_here:
            return self._desk.render("schedule_elsewhere.html", staff, why=self._schedule.elsewhere)
        shown = self._schedule.day(day)
        view = await self._schedule.view(shown, span, self._schedule.provider(provider))
        return self._desk.render(
            "schedule.html",
            staff,
            view=view,
            providers=self._schedule.schedule.providers(),
            today=self._schedule.today,
            note=self._desk.ports.schedule_note,
        )

    # ------------------------------------------------------------------ somebody at the desk

    async def book_form(
        self, staff: SignedIn, day: DayAsked = None, provider: ProviderAsked = ""
    ) -> Response:
        shown = self._schedule.day(day)
        form = BookForm(day=shown.isoformat(), provider=self._schedule.provider(provider))
        return self._book_page(staff, form)

    async def find(self, staff: SignedIn, form: Annotated[BookForm, Form()]) -> Response:
        return await self._found(staff, form, "")

    async def book(self, staff: SignedIn, form: Annotated[BookForm, Form()]) -> Response:
        """What cannot be is said above the same form, with what can be now."""
        schedule = self._schedule.schedule
        order = order_of(staff, form.form_id)
        if not (form.patient and form.opening):
            return await self._found(staff, form, "Please choose the patient and an opening.", 422)
        wish = DeskBooking(form.patient, form.opening, form.visit_type, form.reason.strip())
        try:
            done = await booked(schedule.book(wish, order))
        except HTTPException as problem:
            return await self._found(staff, form, str(problem.detail), problem.status_code)
        start = done.visit.start.astimezone(self._desk.zone)
        return RedirectResponse(f"/schedule?day={start:%Y-%m-%d}", 303)

    async def _found(self, staff: Staff, form: BookForm, problem: str, status: int = 200) -> Response:
        """The patients of that name and birth date, and what is open for them."""
        born = _date(form.born)
        problem = problem or (
            "" if born and form.name.strip() else "Please give the name and the birth date."
        )
        if problem and not (born and form.name.strip()):
            return self._book_page(staff, form, problem=problem, status=422)
        schedule, day = self._schedule.schedule, self._schedule.day(form.day)
        assert born is not None
        if form.visit_type not in {kind.code for kind in schedule.visit_types()}:
            return self._book_page(staff, form, problem="Please choose the kind of visit.", status=422)
        people = await schedule.people(form.name, born)
        for person in people:
            await self._desk.trail.did(staff, "view", f"patient/{person.patient_id}")
        whom = people[0].patient_id if len(people) == 1 else form.patient
        provider = self._schedule.provider(form.provider)
        openings = await or_refused(schedule.openings(form.visit_type, day, provider, whom))
        return self._book_page(
            staff,
            form,
            problem=problem,
            status=status,
            people=person_choices(people),
            whom=whom,
            openings=opening_choices(openings, self._desk.zone),
            elsewhen=bool(openings) and openings[0].start.astimezone(self._desk.zone).date() != day,
        )

    def _book_page(self, staff: Staff, form: BookForm, status: int = 200, **found: object) -> Response:
        schedule = self._schedule.schedule
        values: dict[str, object] = {
            "problem": "",
            "people": None,
            "whom": "",
            "openings": (),
            "elsewhen": False,
        }
        return self._desk.render(
            "schedule_book.html",
            staff,
            status,
            form=form,
            providers=schedule.providers(),
            visit_types=schedule.visit_types(),
            form_id=new_form_id(),
            **(values | found),
        )

    # ------------------------------------------------------------------ a visit

    async def visit(
        self, staff: SignedIn, visit_id: RowId, day: DayAsked = None, provider: ProviderAsked | None = None
    ) -> Response:
        schedule, zone = self._schedule.schedule, self._desk.zone
        visit = await or_refused(schedule.visit(visit_id))
        await self._desk.trail.did(staff, "view", f"patient/{visit.patient_id}")
        whom = visit.provider_id if provider is None else provider
        back = visit.start.astimezone(zone).date()
        shown = self._schedule.day(day or max(back, self._schedule.today))
        openings = (
            await or_refused(
                schedule.openings(visit.visit_type, shown, whom, visit.patient_id, visit.visit_id)
            )
            if visit.visit_type
            else ()
        )
        return self._desk.render(
            "schedule_visit.html",
            staff,
            visit=visit,
            when=f"{day_words(back)}, {span_words(visit.start, visit.end, zone)}",
            made_by=MADE_BY[visit.made_by],
            status_words=STATUSES.get(visit.status, "Booked"),
            reasons=REASONS,
            openings=opening_choices(openings, zone),
            elsewhen=bool(openings) and openings[0].start.astimezone(zone).date() != shown,
            day=shown,
            provider=whom,
            providers=schedule.providers(),
            form_id=new_form_id(),
            back=back,
        )

    async def cancel(self, staff: SignedIn, visit_id: RowId, form: Annotated[EndForm, Form()]) -> Response:
        ending, order = form.ending(visit_id), order_of(staff, form.form_id)
        visit = await or_refused(self._schedule.schedule.visit(visit_id))
        await or_refused(self._schedule.schedule.cancel(ending, order))
        day = visit.start.astimezone(self._desk.zone).date()
        return RedirectResponse(f"/schedule?day={day}", 303)

    async def move(self, staff: SignedIn, visit_id: RowId, form: Annotated[EndForm, Form()]) -> Response:
        if not form.opening:
            raise HTTPException(422, "Please choose the new time.")
        ending, order = form.ending(visit_id), order_of(staff, form.form_id)
        done = await booked(self._schedule.schedule.move(ending, form.opening, order))
        start = done.visit.start.astimezone(self._desk.zone)
        return RedirectResponse(f"/schedule?day={start:%Y-%m-%d}", 303)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
