"""One call, with its note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Form, HTTPException, Response
from starlette.responses import RedirectResponse

from console.call_view import Sources, read_call
from console.desk import Desk, RowId, SignedIn
from console.notes import NoteDesk
from console.routes import TABLE


class CallPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        ports = desk.ports
        self._notes = NoteDesk(desk.storage, desk.clock, ports.note_deeds, ports.note_page, ports.read_note)
        self._sources = Sources(ports.recordings, ports.read_note, ports.chart_advice)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /calls/{call_id}": self.call,
            "GET /calls/{call_id}/note.pdf": self.note_page,
            "POST /calls/{call_id}/note/sign": self.note_deed("sign"),
            "POST /calls/{call_id}/note/amend": self.note_deed("amend"),
            "POST /calls/{call_id}/note/retract": self.note_deed("retract"),
            "POST /calls/{call_id}/chart/retry": self.retry,
        }

    async def call(
        self, staff: SignedIn, call_id: RowId, timings: bool = False, correct: int | None = None
    ) -> Response:
        """``timings``: of every turn too. ``correct``: the number of a turn that is to be put right."""
        now, zone, sources = self._desk.clock(), self._desk.zone, self._sources
        call = await self._desk.storage.read(
            lambda s: read_call(s, call_id, now, zone, staff.name, sources, correct)
        )
        return self._desk.render(
            "call.html",
            staff,
            call=call,
            notes_open=self._notes.open,
            can_retry=self._desk.ports.retry_chart is not None,
            pages=TABLE,
            timings=timings,
        )

    async def retry(self, staff: SignedIn, call_id: RowId) -> Response:
        """What was given up on its way to the chart is tried once more."""
        again, now = self._desk.ports.retry_chart, self._desk.clock()
        if again is None:
            raise HTTPException(404, "There is nothing here.")
        if await self._desk.storage.write(lambda s: again(s, call_id, now)):
            await self._desk.trail.did(staff, "chart retry", f"call/{call_id}")
        return RedirectResponse(f"/calls/{call_id}#written", 303)

    async def note_page(self, call_id: RowId) -> Response:
        name = f'inline; filename="note-{call_id}.pdf"'
        headers = {"Content-Disposition": name}
        return Response(await self._notes.page(call_id), media_type="application/pdf", headers=headers)

    def note_deed(self, deed: str) -> Callable[..., object]:
        async def done(
            staff: SignedIn,
            call_id: RowId,
            words: Annotated[str, Form()] = "",
            version: Annotated[int | None, Form()] = None,
        ) -> Response:
            if await self._notes.do(staff, call_id, deed, words, version):
                await self._desk.trail.did(staff, f"note {deed}", f"call/{call_id}")
            return RedirectResponse(f"/calls/{call_id}#note", 303)

        return done
