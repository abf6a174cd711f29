"""Figures of the practice over some days, with what each counts, and the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Query, Response

from console import days
from console.audit_pages import harmless
from console.desk import Desk, SignedIn
from console.figure_view import FigureView, view
from console.figures import Period, read_figures

USUAL = timedelta(days=29)  # before today
LONGEST_DAYS = 92
Text = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True)
class FigureAsk:
    """Days of the practice, both included, as a form sends them; empty: the last 30."""

    first: Text = ""
    last: Text = ""

    def days(self, today: date) -> tuple[date, date]:
        """Raises HTTPException: 400 with one sentence where they are no days, or too many."""
        last = _day(self.last) if self.last else today
        first = _day(self.first) if self.first else last - USUAL
        if first > last:
            raise HTTPException(400, "The first day is after the last one. Please choose the days again.")
        if (last - first).days >= LONGEST_DAYS:
            raise HTTPException(400, f"These are more than {LONGEST_DAYS} days. Please choose fewer.")
        return first, last


Asked = Annotated[FigureAsk, Depends()]


class FigurePages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[..., object]]:
        return {"GET /figures": self.page, "GET /figures.csv": self.csv}

    async def page(self, staff: SignedIn, ask: Asked) -> Response:
        first, last = ask.days(self._today())
        figures = await self._figures(first, last)
        query = urlencode({"first": first.isoformat(), "last": last.isoformat()})
        return self._desk.render("figures.html", staff, figures=figures, first=first, last=last, query=query)

    async def csv(self, ask: Asked) -> Response:
        first, last = ask.days(self._today())
        name = f"figures-{first}-{last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(
            as_csv(await self._figures(first, last)), media_type="text/csv; charset=utf-8", headers=headers
        )

    def _today(self) -> date:
        return self._desk.clock().astimezone(self._desk.zone).date()

    async def _figures(self, first: date, last: date) -> FigureView:
        zone, now = self._desk.zone, self._desk.clock()
        period = Period(_midnight(first, zone), _midnight(last + timedelta(days=1), zone))
        # Counted beside the event loop, which has calls to carry: thousands of calls take their time.
        return await self._desk.storage.read(lambda session: view(read_figures(session, period, now), zone))


def as_csv(figures: FigureView) -> str:
    """RFC 4180, one value a line: its table, row and column, and the value."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("table", "row", "column", "value"))
    for line in _lines(figures):
        writer.writerow([harmless(cell) for cell in line])
    return text.getvalue()


def _lines(figures: FigureView) -> Iterator[tuple[str, str, str, str]]:
    for figure in figures.heads:
        yield "Figures", figure.name, figure.what, figure.value
    for table in (*(plot.table for plot in figures.plots), *figures.tables):
        for name, *cells in table.rows:
            for head, cell in zip(table.heads[1:], cells, strict=True):
                yield table.name, name, head, cell


def _day(text: str) -> date:
    day = days.near(text)
    if day is None:
        raise HTTPException(400, "That is no day. Please write it as 2026-11-26.")
    return day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
