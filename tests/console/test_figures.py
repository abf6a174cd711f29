"""Figures: each counts what it says, over the practice's days, on the page and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from console.figure_view import percentile, view
from console.figures import Figures, Period, read_figures
from models import call_figures, records
from models.domain import Disposition, OpenTask, Priority, RedFlagRaised, TaskKind, TurnRecord
from models.records import CallEnding, TurnDetail
from models.reviews import mark_reviewed
from models.storage import Storage
from models.tables import CallFigure, StaffTask
from tests.console.browser import browser, page

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
WHOLE = Period(AT - timedelta(days=2), AT + timedelta(days=2))


def call(
    session: Session, name: str, ends: Disposition, *wishes: str, reply_ms: Sequence[float] = ()
) -> None:
    """One call with a turn for each wish; it ends ten minutes after it came."""
    records.open_call(session, name, caller_number="+16175550100", called_number="+16175550199", at=AT)
    for number, wish in enumerate(("", *wishes)):
        at = AT + timedelta(milliseconds=400 + number * 5_000)
        turn = TurnRecord(number, at, "words", "reply", wish, "serving", 0.9)
        timings = {"reply_ms": reply_ms[number - 1]} if 0 < number <= len(reply_ms) else {}
        records.save_turn(session, name, turn, {}, TurnDetail(timings=timings))
    flags = (RedFlagRaised("RF01", "emergency", "words"),) if ends is Disposition.ESCALATED else ()
    records.close_call(session, name, AT + timedelta(minutes=10), CallEnding(ends, red_flags=flags))


async def test_a_call_is_counted_when_it_ends(storage: Storage) -> None:
    wishes = ("greeting", "refill_request", "affirm", "schedule_book")
    await storage.write(lambda s: call(s, "CA1", Disposition.COMPLETED, *wishes, reply_ms=(410, 522.4)))
    row = await storage.read(lambda s: s.get(CallFigure, "CA1"))
    assert row is not None
    assert (row.wish, row.answered_ms, row.replies_ms, row.note_ms) == (
        "refill_request",
        400,
        "410 522",
        None,
    )


async def test_the_note_counts_once_and_from_the_first_time(storage: Storage) -> None:
    await storage.write(lambda s: call(s, "CA1", Disposition.COMPLETED, "refill_request"))
    for seconds in (3, 60):
        at = AT + timedelta(minutes=10, seconds=seconds)
        await storage.write(lambda s, at=at: call_figures.note_written(s, ["CA1", "CA-other"], at))  # type: ignore[misc]
    figures = await storage.read(lambda s: read_figures(s, WHOLE, AT))
    heads = {head.name: head.value for head in view(figures, CHICAGO).heads}
    assert heads["In the chart after"] == "3.0 s / 3.0 s"


async def test_wishes_ends_dangers_and_reviews_are_told_apart(storage: Storage) -> None:
    def day(session: Session) -> None:
        call(session, "CA1", Disposition.COMPLETED, "refill_request", "affirm", reply_ms=(100, 900))
        call(session, "CA2", Disposition.TRANSFERRED, "refill_request", reply_ms=(300,))
        call(session, "CA3", Disposition.ESCALATED, "symptom_report")
        call(session, "CA4", Disposition.ESCALATED, "symptom_report")
        call(session, "CA5", Disposition.ABANDONED, "greeting")
        mark_reviewed(session, "CA4", "kim", AT + timedelta(hours=1))

    await storage.write(day)
    shown = view(await storage.read(lambda s: read_figures(s, WHOLE, AT)), CHICAGO)
    heads = {head.name: head.value for head in shown.heads}
    assert (heads["Calls"], heads["Done by the agent"], heads["Put through"]) == ("5", "1 (20%)", "1 (20%)")
    assert (heads["Reply after"], heads["Answered after"]) == ("300 ms / 900 ms", "400 ms / 400 ms")
    tables = {table.name: table.rows for table in shown.tables}
    assert [row[:3] for row in tables["What callers want"]] == [
        ("refill a medicine", "2", "50%"),
        ("tells of a symptom", "2", "0%"),
        ("nothing understood", "1", "0%"),
    ]
    assert tables["Danger signs"] == (("RF01", "2", "1", "50%"),)
    replies = shown.plots[1].table.rows
    assert [row for row in replies if row[1] != "0"] == [
        ("up to 250 ms", "1"),
        ("up to 500 ms", "1"),
        ("up to 1.0 s", "1"),
    ]


def _at(later: timedelta | None) -> datetime | None:
    return None if later is None else AT + later


async def test_a_service_level_counts_what_is_overdue_as_missed_and_leaves_out_what_is_not_due(
    storage: Storage,
) -> None:
    hour = timedelta(hours=1)
    times = ((hour, hour), (hour, 2 * hour), (hour, None), (9 * hour, None), (None, hour))  # due, done

    def day(session: Session) -> None:
        for number, (due, done) in enumerate(times):
            task = OpenTask(f"a{number}", TaskKind.RECORDS_REQUEST, Priority.ROUTINE, "Records", "")
            records.add_task(session, task, call_id=f"CA{number}", at=AT, due_at=_at(due))
            row = session.exec(select(StaffTask).where(StaffTask.call_id == f"CA{number}")).one()
            row.due_at, row.done_at = _at(due), _at(done)

    await storage.write(day)
    figures = await storage.read(lambda s: read_figures(s, WHOLE, AT + 3 * hour))
    [row] = next(table for table in view(figures, CHICAGO).tables if table.name == "Service levels").rows
    assert row == ("Records request", "5", "50%", "2", "1", "1", "1")


def test_a_call_belongs_to_the_practices_day() -> None:
    late = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # nine in the evening before, in Chicago
    figures = Figures(quarters={call_figures.quarter_of(late): 1})
    assert view(figures, CHICAGO).plots[0].table.rows == (("Mar 2", "1"),)


def test_days_of_half_hour_zones_are_cut_right() -> None:
    before, after = datetime(2026, 3, 2, 18, 29, tzinfo=UTC), datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
    quarters = {call_figures.quarter_of(before): 1, call_figures.quarter_of(after): 2}
    shown = view(Figures(quarters=quarters), ZoneInfo("Asia/Kolkata"))
    assert shown.plots[0].table.rows == (("Mar 2", "1"), ("Mar 3", "2"))


@pytest.mark.parametrize(
    ("values", "part", "is_"), [([7.0], 0.95, 7.0), ([1.0, 2.0], 0.5, 1.0), (list(range(1, 101)), 0.95, 95)]
)
def test_a_percentile_is_the_nearest_rank(values: list[float], part: float, is_: float) -> None:
    assert percentile(values, part) == is_


async def test_the_page_and_its_csv_tell_the_same(app: FastAPI) -> None:
    shown = await page(app, "/figures")
    assert "Done by the agent" in shown
    async with browser(app) as kim:
        answer = await kim.get("/figures.csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["table", "row", "column", "value"]
    [calls] = [value for table, row, _, value in rows if (table, row) == ("Figures", "Calls")]
    assert f"<dt>Calls</dt><dd>{calls}</dd>" in shown
    assert int(calls) > 0


async def test_days_without_calls_say_so(app: FastAPI) -> None:
    assert "Nothing was counted in these days." in await page(
        app, "/figures?first=2020-01-01&last=2020-01-02"
    )


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("first=soon", "That is no day"),
        ("last=9999-12-31", "That is no day"),
        ("last=0001-01-01", "That is no day"),
        ("first=2026-03-09&last=2026-03-08", "after the last"),
        ("first=2020-01-01&last=2026-01-01", "more than 92 days"),
    ],
)
async def test_days_that_cannot_be_are_named(app: FastAPI, query: str, why: str) -> None:
    async with browser(app) as kim:
        answer = await kim.get(f"/figures?{query}")
    assert answer.status_code == 400
    assert why in answer.text


async def test_every_way_of_ending_has_its_column(storage: Storage) -> None:
    def day(session: Session) -> None:
        for ends in Disposition:
            call(session, f"CA-{ends.value}", ends, "refill_request")

    await storage.write(day)
    shown = view(await storage.read(lambda s: read_figures(s, WHOLE, AT)), CHICAGO)
    [row] = next(table for table in shown.tables if table.name == "What callers want").rows
    assert (row[1], set(row[3:])) == (str(len(Disposition)), {"1"})
    assert len(row[3:]) == len(Disposition)
