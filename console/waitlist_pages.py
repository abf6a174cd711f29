"""The waitlist: who waits, what is offered, and what staff do about it."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import HTTPException, Response
from starlette.responses import RedirectResponse

from console.desk import Desk, FormText, RowId, SignedIn
from console.schedule import new_form_id
from console.schedule_desk import ScheduleDesk, or_refused, order_of
from console.waitlist import as_of, waiting_view


class WaitlistPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._schedule = ScheduleDesk(desk)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {"GET /waitlist": self.show, "POST /waitlist/{entry_id}/{deed}": self.deed}

    async def show(self, staff: SignedIn) -> Response:
        if not self._schedule.is_here:
            return self._desk.render("schedule_elsewhere.html", staff, why=self._schedule.elsewhere)
        found, more = await self._schedule.schedule.waiting()
        names, zone = dict(self._schedule.schedule.providers()), self._desk.zone
        return self._desk.render(
            "waitlist.html",
            staff,
            waiting=[waiting_view(one, names, zone) for one in found],
            more=more,
            as_of=as_of(self._desk.clock(), zone),
            form_id=new_form_id(),
        )

    async def deed(
        self, staff: SignedIn, entry_id: RowId, deed: str, seen: FormText = "", form_id: FormText = ""
    ) -> Response:
        schedule = self._schedule.schedule
        match deed:
            case "offer":
                await or_refused(schedule.offer(entry_id, seen, staff.name))
            case "remove":
                await or_refused(schedule.remove(entry_id, seen, staff.name))
            case "pass":
                await or_refused(schedule.pass_on(entry_id, seen, staff.name))
            case "take":
                await or_refused(schedule.take(entry_id, seen, order_of(staff, form_id)))
            case _:
                raise HTTPException(404, "There is nothing here.")
        return RedirectResponse("/waitlist", 303)
