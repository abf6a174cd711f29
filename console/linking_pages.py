"""Calls in no chart of the EHR: the list, the charts that may be the caller's, and what a person decides."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response
from starlette.responses import RedirectResponse

from console.desk import Desk, FormText, RowId, SignedIn
from console.linking import LinkDesk


class LinkingPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._links = LinkDesk(desk.storage, desk.clock, desk.zone, desk.ports.charts)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /unlinked": self.calls,
            "GET /unlinked/{call_id}": self.show,
            "POST /unlinked/{call_id}/link": self.link,
            "POST /unlinked/{call_id}/none": self.leave,
        }

    async def calls(self, staff: SignedIn) -> Response:
        return self._desk.render("unlinked.html", staff, calls=await self._links.calls())

    async def show(self, staff: SignedIn, call_id: RowId) -> Response:
        return self._desk.render("link.html", staff, view=await self._links.show(call_id))

    async def link(
        self, staff: SignedIn, call_id: RowId, reference: FormText = "", sure: FormText = ""
    ) -> Response:
        """Who chose which chart is in the audit trail, in the same transaction."""
        await self._links.link(staff.name, call_id, reference.strip(), sure=sure == "yes")
        return RedirectResponse("/unlinked", 303)

    async def leave(self, staff: SignedIn, call_id: RowId) -> Response:
        await self._links.leave(staff.name, call_id)
        return RedirectResponse("/unlinked", 303)
