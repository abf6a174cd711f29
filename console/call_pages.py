"""One call, with its note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Form, Response
from starlette.responses import RedirectResponse

from console.call_view import read_call
from console.desk import Desk, RowId, SignedIn
from console.notes import NoteDesk
from console.routes import TABLE

LIVE = "GET /calls/{call_id}/live"


class CallPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._notes = NoteDesk(desk.storage, desk.clock, desk.ports.note_deeds, desk.ports.note_page)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /calls/{call_id}": self.call,
            "GET /calls/{call_id}/note.pdf": self.note_page,
            "POST /calls/{call_id}/note/sign": self.note_deed("sign"),
            "POST /calls/{call_id}/note/amend": self.note_deed("amend"),
            "POST /calls/{call_id}/note/retract": self.note_deed("retract"),
            "POST /calls/{call_id}/turns/{number}/words": self.correct_words,
        }

    async def call(self, staff: SignedIn, call_id: RowId, timings: bool = False) -> Response:
        now, zone = self._desk.clock(), self._desk.zone
        sounds = self._desk.ports.recordings
        call = await self._desk.storage.read(lambda s: read_call(s, call_id, now, zone, staff.name, sounds))
        return self._desk.render(
            "call.html",
            staff,
            call=call,
            notes_open=self._notes.open,
            has_live=LIVE in TABLE,
            timings=timings,
        )

    async def note_page(self, call_id: RowId) -> Response:
        name = f'inline; filename="note-{call_id}.pdf"'
        headers = {"Content-Disposition": name}
        return Response(await self._notes.page(call_id), media_type="application/pdf", headers=headers)

    def note_deed(self, deed: str) -> Callable[..., object]:
        async def done(staff: SignedIn, call_id: RowId, words: Annotated[str, Form()] = "") -> Response:
            await self._notes.do(staff, call_id, deed, words)
            await self._desk.trail.did(staff, f"note {deed}", f"call/{call_id}")
            return RedirectResponse(f"/calls/{call_id}#written", 303)

        return done

    async def correct_words(
        self, staff: SignedIn, call_id: RowId, number: int, words: Annotated[str, Form()] = ""
    ) -> Response:
        await self._notes.correct(staff, call_id, number, words)
        await self._desk.trail.did(staff, "words correct", f"call/{call_id}/turn/{number}")
        return RedirectResponse(f"/calls/{call_id}#turn-{number}", 303)
