"""Who looked at what: the audit trail for the auditor, its state, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Response
from starlette.responses import RedirectResponse

from console import days, wording
from console.desk import Desk, SignedIn
from console.need import OPENED, RECORD, record_of
from models import audit
from models.audit_search import AuditFilter, AuditLine, search

LINES = 100
MOST_IN_CSV = 50_000
OPENED_SINCE = timedelta(days=30)
Text = Annotated[str, Query(max_length=120)]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


@dataclass(frozen=True)
class AuditAsk:
    """The filter's form, as typed. Days are the practice's; a day that is none is left out."""

    person: Text = ""
    record: Text = ""
    action: Text = ""
    first: Text = ""
    last: Text = ""
    older: Annotated[int | None, Query()] = None

    def filter(self, zone: ZoneInfo) -> AuditFilter:
        last = days.near(self.last)
        return AuditFilter(
            actor=self.person.strip(),
            record=self.record.strip(),
            action=self.action.strip(),
            first=_midnight(days.near(self.first), zone),
            before=_midnight(last + timedelta(days=1) if last else None, zone),
            older_than=self.older,
        )

    def address(self, **more: object) -> str:
        """The query that asks the same."""
        asked = {"person": self.person, "record": self.record, "action": self.action}
        asked |= {"first": self.first, "last": self.last}
        return urlencode({key: value for key, value in (asked | more).items() if value})


@dataclass(frozen=True)
class LineView:
    at: str
    actor: str
    action: str
    subject: str
    why: str
    link: str
    alarm: bool


Asked = Annotated[AuditAsk, Depends()]


class AuditPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._state = ""  # of the chains, as last checked
        self._whole = True

    def routes(self) -> dict[str, Callable[..., object]]:
        return {"GET /audit": self.page, "GET /audit.csv": self.csv, "POST /audit/check": self.check}

    async def page(self, staff: SignedIn, ask: Asked) -> Response:
        zone, now = self._desk.zone, self._desk.clock()
        found = await self._desk.storage.read(lambda s: search(s, ask.filter(zone), LINES + 1))
        recent = AuditFilter(action=OPENED, first=now - OPENED_SINCE)
        opened = await self._desk.storage.read(lambda s: search(s, recent, LINES))
        return self._desk.render(
            "audit.html",
            staff,
            ask=ask,
            lines=[_view(line, zone) for line in found[:LINES]],
            older=ask.address(older=found[LINES - 1].entry_id) if len(found) > LINES else "",
            query=ask.address(),
            opened=len(opened),
            opened_action=OPENED,
            state=self._state,
            whole=self._whole,
        )

    async def csv(self, ask: Asked) -> Response:
        found = await self._desk.storage.read(lambda s: search(s, ask.filter(self._desk.zone), MOST_IN_CSV))
        headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
        return Response(as_csv(found), media_type="text/csv; charset=utf-8", headers=headers)

    async def check(self, staff: SignedIn) -> Response:
        """Walk every chain. Reading all entries takes a second for some ten thousand."""
        fault = await self._desk.storage.read(audit.verify)
        self._whole = fault is None
        at = wording.when(self._desk.clock(), self._desk.zone)
        self._state = f"checked {at}: whole" if fault is None else f"checked {at}: {fault.problem}"
        if fault is not None:
            self._state += f" (entry {fault.number} of chain {fault.chain})"
        await self._desk.trail.did(staff, "audit checked", "audit", self._state)
        return RedirectResponse("/audit", 303)


def as_csv(lines: list[AuditLine]) -> str:
    """RFC 4180, times in UTC; a cell that a spreadsheet would take for a formula gets an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("entry", "at", "person", "action", "subject", "why"))
    for line in lines:
        cells = (line.actor, line.action, line.subject, line.why)
        writer.writerow((line.entry_id, line.at.isoformat(), *(harmless(cell) for cell in cells)))
    return text.getvalue()


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _view(line: AuditLine, zone: ZoneInfo) -> LineView:
    record = record_of(line.subject)
    kind, _, record_id = record.partition("/")
    link = f"/{kind}s/{record_id}" if kind in ("call", "patient") and RECORD.fullmatch(record) else ""
    at = f"{line.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return LineView(at, line.actor, line.action, line.subject, line.why, link, line.action == OPENED)


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), zone)
