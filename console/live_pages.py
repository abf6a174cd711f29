"""The page of a call that goes on, and what staff may do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, HTTPException, Query, Response
from sqlmodel import Session
from starlette.responses import RedirectResponse

from console import live_orders
from console.desk import Desk, FormText, RowId, SignedIn
from console.live_call import LiveView, read_live
from console.live_ports import Phone
from console.live_sound import LiveSound, why_unheard
from models import call_orders
from models.domain import StaffDeed
from models.tables import Call

SURE = "Please tick that the agent is to end the call."
NO_PHONE = "Please choose a telephone from the list."


@dataclass(frozen=True, slots=True)
class Deeds:
    """What can be done now. ``number`` of the next order; ``refused``: why not, by deed, "" where it can."""

    number: int
    told: str
    refused: dict[str, str]
    phones: tuple[Phone, ...]
    mine: str  # the telephone that bears this person's name
    unheard: str  # why nobody can listen in, "" where one can


class LivePages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sound = LiveSound(desk)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /calls/{call_id}/live": self.live,
            "GET /calls/{call_id}/live/sound": self._sound.sound,
            "POST /calls/{call_id}/live/take-over": self.take_over,
            "POST /calls/{call_id}/live/end": self.end,
        }

    async def live(
        self, staff: SignedIn, call_id: RowId, before: Annotated[int, Query(ge=0, le=10**9)] = 0
    ) -> Response:
        """``before``: the turns before that number, and nothing that moves."""
        now, zone, glance = self._desk.clock(), self._desk.zone, self._desk.ports.live.glance

        def read(session: Session) -> tuple[LiveView, Deeds]:
            call = read_live(session, call_id, now, zone, glance, before)
            return call, self._deeds(session, call_id, staff.name)

        call, deeds = await self._desk.storage.read(read)
        return self._desk.render("live.html", staff, call=call, deeds=deeds)

    def _deeds(self, session: Session, call_id: str, me: str) -> Deeds:
        now, glance = self._desk.clock(), self._desk.ports.live.glance
        call = session.get_one(Call, call_id)
        phones = self._phones(call)
        names = [phone.name for phone in phones]
        return Deeds(
            number=call_orders.next_number(session, call_id),
            told=live_orders.last_order(session, call, now, glance),
            refused={deed.value: live_orders.why_not(session, call, deed, now, glance) for deed in StaffDeed},
            phones=phones,
            unheard=why_unheard(call, glance, self._desk.ports.live.listen(call_id)),
            mine=next((name for name in names if name.casefold() == me.casefold()), ""),
        )

    def _phones(self, call: Call) -> tuple[Phone, ...]:
        came_in_on = {call.called_number, call.forwarded_from or ""}
        return tuple(self._desk.ports.live.phones(frozenset(came_in_on)))

    async def take_over(
        self, staff: SignedIn, call_id: RowId, order: Annotated[int, Form(ge=1)], contact: FormText = ""
    ) -> Response:
        """The caller is told, and put through to this telephone; nobody there, the agent has them again."""
        call = await self._desk.storage.read(lambda s: s.get(Call, call_id))
        if call is not None and contact not in [phone.name for phone in self._phones(call)]:
            raise HTTPException(400, NO_PHONE)
        return await self._order(staff, call_id, StaffDeed.TAKE_OVER, order, contact)

    async def end(
        self, staff: SignedIn, call_id: RowId, order: Annotated[int, Form(ge=1)], sure: FormText = ""
    ) -> Response:
        """The agent says a fixed goodbye; never while a danger is open."""
        if not sure:
            raise HTTPException(400, SURE)
        return await self._order(staff, call_id, StaffDeed.END, order)

    async def _order(
        self, staff: SignedIn, call_id: str, deed: StaffDeed, number: int, contact: str = ""
    ) -> Response:
        now, ports = self._desk.clock(), self._desk.ports.live
        new = await self._desk.storage.write(
            lambda s: live_orders.give(s, staff, call_id, deed, number, contact, now, ports.glance)
        )
        if new:
            await self._desk.trail.did(staff, f"call {deed}", f"call/{call_id}", why=contact)
            ports.order_given()
        return RedirectResponse(f"/calls/{call_id}/live", 303)
