"""*Try it*: a telephone in the browser, and what was said on its calls. The script is static/phone.js."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Form, HTTPException, Response, WebSocket
from sqlmodel import Session
from starlette.responses import JSONResponse

from console import sessions
from console.call_view import DoneView, done_view
from console.desk import Desk, FormText, RowId, SignedIn
from console.gate import Gate
from console.routes import Row
from console.telephone import Busy, Telephone
from models.domain import DoneAction, TransferCall
from models.errors import NotFound
from models.records import TRY_LINE, StoredCall, require_call

REFUSED = 1008  # RFC 6455 section 7.4.1; before a socket is accepted it becomes HTTP 403
STILL_THERE_S = 15.0  # how often an open socket's session is looked at
NO_LINE = "a browser has no line to a person; a real caller would be put through"
REAL_PATIENTS = (
    "Calls from the browser are for a demo practice without a carrier. What they do here could reach people."
)


class TryPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[..., object]]:
        return {"GET /try": self.front, "POST /try/calls": self.ring, "GET /try/{call_id}": self.said}

    async def front(self, staff: SignedIn) -> Response:
        telephone = self._desk.ports.telephone
        callers = telephone.callers if telephone else ()
        return self._desk.render("try.html", staff, callers=callers, is_demo=telephone is not None, day=_day)

    async def ring(self, staff: SignedIn, number: Annotated[FormText, Form()] = "") -> Response:
        """The call's row and its stream's token. A refusal comes as {"problem"}, for the script to show."""
        telephone = self._telephone()
        if number and number not in {caller.number for caller in telephone.callers}:
            raise HTTPException(400, "This is no number of a demo caller.")
        try:
            rung = await telephone.ring(number, staff.session)
        except Busy as busy:
            return JSONResponse({"problem": str(busy)}, 503)
        await self._desk.trail.did(staff, "try call", f"call/{rung.call_id}")
        socket = f"/try/{rung.call_id}/{rung.token}"
        return JSONResponse({"call_id": rung.call_id, "stream_sid": rung.stream_sid, "socket": socket})

    def _telephone(self) -> Telephone:
        if self._desk.ports.telephone is None:
            raise HTTPException(409, REAL_PATIENTS)
        return self._desk.ports.telephone

    async def said(self, staff: SignedIn, call_id: RowId) -> Response:
        """What was said and done so far. Raises `NotFound` for a call that is no try."""

        def read(session: Session) -> StoredCall:
            call = require_call(session, call_id)
            if call.line != TRY_LINE:
                raise NotFound(f"call {call_id} is no try")
            return call

        call = await self._desk.storage.read(read)
        done = [_done(each, self._desk.zone) for each in call.done]
        return self._desk.render("try_call.html", staff, call=call, done=done)


class TrySocket:
    """The stream's door: for who has ``row``, from our own page, as long as they are signed in."""

    def __init__(self, desk: Desk, gate: Gate, row: Row) -> None:
        self._desk, self._gate, self._row = desk, gate, row

    async def serve(self, socket: WebSocket, call_id: str, token: str) -> None:
        telephone = self._desk.ports.telephone
        staff = await self._gate.knows(socket, self._row)
        if telephone is None or staff is None:
            await socket.close(REFUSED)
            return
        call = asyncio.create_task(telephone.media(socket, call_id, token, staff.session))
        try:
            while await self._is_signed_in(staff.session) and not call.done():
                await asyncio.wait({call}, timeout=STILL_THERE_S)
        finally:
            call.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await call

    async def _is_signed_in(self, session_hash: str) -> bool:
        now = self._desk.clock()
        found = await self._desk.storage.read(lambda s: sessions.find_by_hash(s, session_hash, now))
        return found is not None


def _done(done: DoneAction, zone: ZoneInfo) -> DoneView:
    """A transfer has failed for one reason only, which staff are to read in words."""
    shown = done_view(done, zone)
    is_transfer = isinstance(done.action, TransferCall) and shown.failed
    return replace(shown, outcome=NO_LINE) if is_transfer else shown


def _day(when: date) -> str:
    return f"{when:%B} {when.day}, {when.year}"
