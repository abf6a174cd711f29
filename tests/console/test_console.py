"""The staff pages over HTTP: what they show, and what is written down."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from sqlmodel import select

from models import audit
from models.storage import Storage
from models.tables import AuditEntry
from tests.console.browser import browser, page


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def trail(storage: Storage) -> list[tuple[str, str, str]]:
    rows = storage.read_now(lambda s: s.exec(select(AuditEntry).order_by(AuditEntry.id)).all())  # type: ignore[arg-type]
    return [(row.actor, row.action, row.subject) for row in rows]


# --------------------------------------------------------------------------- the pages


async def test_the_list_of_calls_tells_each_in_a_line(app: FastAPI) -> None:
    text = words(await page(app, "/calls"))
    for shown in (
        "Mon Mar 9, 10:18",
        "…0100",
        "I need my lisinopril refilled",
        "RF01",
        "On the line",
        "2:00",
        "withheld",
    ):
        assert shown in text
    assert "+1555" not in text


async def test_a_calls_page_tells_it_in_ten_seconds_and_in_full(app: FastAPI) -> None:
    text = words(await page(app, "/calls/CA-refill"))
    for shown in (
        "I need my lisinopril refilled",
        "name, birth date and number or ZIP agreed",
        "pat-7",
        "I need my lysine a pill refilled",
        "41% sure",
        "listen again",
        "or: I need my lisinopril refilled",
        "Refill of “lisinopril” at Main Street",
        "ready for approval",
        "Encounter/3",
        "in the chart",
        "http-422",
        "Refill review",
    ):
        assert shown in text, shown
    assert "+15550100" not in text


async def test_what_was_not_heard_and_what_failed_is_marked(app: FastAPI) -> None:
    danger = words(await page(app, "/calls/CA-danger"))
    assert "Interrupted. Heard: “Please hang up and call 911”" in danger
    assert "RF01 (emergency): “my chest feels tight”" in danger
    booking = words(await page(app, "/calls/CA-booking"))
    assert "not done somebody was faster" in booking
    assert "booked: Doctor Chen, Tue Mar 10, 15:00" in booking
    assert "pressed 03051981" in booking


async def test_what_callers_say_is_never_markup(app: FastAPI) -> None:
    for path in ("/calls", "/calls/CA-booking"):
        html = await page(app, path)
        assert "<b>" not in html
        assert "&lt;b&gt;Doctor&lt;/b&gt;" in html


async def test_what_is_not_there_says_so(app: FastAPI) -> None:
    async with browser(app) as kim:
        for path in ("/calls/CA-none", "/static/console/../router.py", "/static/console/x"):
            assert (await kim.get(path)).status_code == 404
        assert (await kim.get("/calls/a%20b")).status_code == 400
        assert (await kim.post("/tasks/none/claim")).status_code == 404
        assert (await kim.post("/tasks/none/eat")).status_code == 404


# --------------------------------------------------------------------------- the trail


async def test_every_view_is_written_down_before_it_is_shown(app: FastAPI, storage: Storage) -> None:
    for path in ("/calls", "/calls/CA-refill", "/calls/CA-refill", "/inbox"):
        await page(app, path)
    views = [(actor, subject) for actor, action, subject in trail(storage) if action == "view"]
    assert views == [("kim", s) for s in ("calls", "call/CA-refill", "call/CA-refill", "tasks")]
    assert storage.read_now(audit.verify) is None


async def test_a_page_left_open_is_not_written_down_every_five_seconds(
    app: FastAPI, storage: Storage
) -> None:
    async with browser(app) as kim, browser(app, "lee") as lee:
        for _ in range(3):
            await kim.get("/calls", headers={"X-Refresh": "1"})
        await lee.get("/calls", headers={"X-Refresh": "1"})
    views = [(actor, subject) for actor, action, subject in trail(storage) if action == "view"]
    assert views == [("kim", "calls"), ("lee", "calls")]


async def test_nothing_is_shown_that_could_not_be_written_down(
    app: FastAPI, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browser(app) as kim:
        assert (await kim.get("/calls")).status_code == 200

        async def refuse(_work: object) -> None:
            from models.errors import StorageError

            raise StorageError("the disk is full")

        monkeypatch.setattr(storage, "write", refuse)
        answer = await kim.get("/calls/CA-refill")
    assert answer.status_code == 503
    assert "the disk is full" in answer.text
    assert "lisinopril" not in answer.text
