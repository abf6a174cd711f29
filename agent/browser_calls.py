"""Calls from a browser of the staff: the carrier's part of a call, played by the console's own page.

Only of a demo practice on its own chart: such a call books, refills and pages as any other does, and that
must never reach a patient or a pharmacy (docs/adr/0036).
"""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from starlette.websockets import WebSocket

from agent.answering import Answering
from agent.services import Services
from agent.settings import Settings
from backends.seed_patients import read_patients
from console.telephone import Busy, DemoCaller, Rung
from models import records
from models.errors import ProtocolError
from telephony.events import StreamStarted
from telephony.media_door import Begin, MediaDoor
from telephony.tokens import LIFETIME_S

MOST_AT_ONCE = 4  # a try never takes the engines from real callers
OVER = {"CallStatus": "completed"}  # what a carrier reports


def may_try(chosen: Settings) -> bool:
    """Whether what a try does reaches nobody: the practice is fictional, and so is its chart, and no carrier
    takes our orders: a number that is spoken would get a real text."""
    return chosen.demo_practice and not chosen.fhir_base_url and not chosen.orders_carrier


class BrowserCalls:
    """Implements `console.telephone.Telephone`."""

    def __init__(self, services: Services, answering: Answering) -> None:
        self._services, self._answering = services, answering
        self._door = MediaDoor(answering.config, answering)
        self._rung: dict[str, datetime] = {}  # calls that their browser has not come to yet: until when
        self._live: set[str] = set()
        self.callers = tuple(_caller(patient) for patient in read_patients())

    def ready(self) -> bool:
        return self._answering.ready()

    async def ring(self, number: str, session: str) -> Rung:
        """A call as of now, with a token that opens its stream once."""
        now = self._services.clock()
        self._admit_one_more(now)
        call_id, practice = "CA" + secrets.token_hex(16), self._services.practice
        store = partial(
            records.open_call,
            call_id=call_id,
            caller_number=number,
            called_number=practice.lines[0].number if practice.lines else practice.phone,
            line=records.TRY_LINE,
            at=now,
            owner=self._services.owner,
        )
        await self._services.storage.write(store)
        self._rung[call_id] = now + timedelta(seconds=LIFETIME_S)
        return Rung(call_id, self._answering.tokens.mint(_bound(call_id, session)), _stream_sid())

    def _admit_one_more(self, now: datetime) -> None:
        if not self.ready():
            raise Busy("The speech models are still loading. Please try again in a moment.")
        self._rung = {call_id: until for call_id, until in self._rung.items() if until > now}
        if len(self._rung) + len(self._live) >= MOST_AT_ONCE:
            raise Busy("Other tries are under way, and this machine does no more at once. Please try later.")

    async def media(self, socket: WebSocket, call_id: str, token: str, session: str) -> None:
        """The stream of a call that rang, from upgrade to end. There is no way back to one that is lost."""

        is_ours = False

        async def admit(_: WebSocket) -> Begin:
            nonlocal is_ours
            await self._answering.tokens.redeem(token, _bound(call_id, session))
            self._rung.pop(call_id, None)
            self._live.add(call_id)
            is_ours = True
            return partial(_is_its_own, call_id)

        try:
            await self._door.enter(socket, admit)
        finally:
            if is_ours:
                await asyncio.shield(self._ended(call_id))

    async def _ended(self, call_id: str) -> None:
        self._live.discard(call_id)
        await self._answering.status(call_id, OVER)


async def _is_its_own(call_id: str, started: StreamStarted) -> None:
    if started.call_sid != call_id:
        raise ProtocolError("the stream belongs to another call")


def _bound(call_id: str, session: str) -> str:
    """What a try's token is good for; never what a carrier's is, which is a call alone."""
    return f"try {call_id} {session}"


def _stream_sid() -> str:
    return "MZ" + secrets.token_hex(16)


def _caller(patient: dict[str, Any]) -> DemoCaller:
    name = f"{' '.join(patient['given'])} {patient['family']}"
    medicines = tuple(str(order["label"]) for order in patient.get("orders", ()))
    return DemoCaller(patient.get("phone", ""), name, patient["born"], patient.get("zip", ""), medicines)
