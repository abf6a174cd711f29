"""The pages of the schedule: what they show, who may, and that their forms do what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from agent.schedule_desk import OwnSchedule
from backends.embedded import EmbeddedBackends
from console import Ports, add_pages, build_router
from console.roles import Role
from models import records
from models.domain import VisitBooked
from models.tables import AuditEntry, StaffTask
from tests.backends.conftest import NOW, TestClock
from tests.console.browser import Browser, browser, page
from tests.console.test_markup import Outline
from tests.schedule.desk import LINDA, MARIA, MONDAY, by_phone, offered, openings

DAY = f"/schedule?day={MONDAY}"
MARIA_AT_DESK = {"name": "Lopez", "born": "1981-03-05", "visit_type": "follow-up", "day": f"{MONDAY}"}
ON_MONDAY = {"provider": "dr-chen", "first": f"{MONDAY}", "last": f"{MONDAY}", "reason": "jury duty"}


def field(html: str, name: str) -> str:
    """The first value that a form of the page sends for ``name``."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return found[1]


def audited(backends: EmbeddedBackends, action: str) -> list[str]:
    query = select(AuditEntry).where(AuditEntry.action == action).order_by(col(AuditEntry.id))
    return [row.subject for row in backends.chart.storage.read_now(lambda s: s.exec(query).all())]


async def found(kim: Browser) -> str:
    answer = await kim.post("/schedule/find", data=MARIA_AT_DESK)
    assert answer.status_code == 200
    return answer.text


async def test_the_day_shows_every_provider_with_what_is_open_and_booked(
    app: FastAPI, backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    storage = backends.chart.storage
    storage.write_now(
        lambda s: records.open_call(s, "CA-1", caller_number="+16175550123", called_number="", at=NOW)
    )
    await by_phone(backends, (await openings(schedule, provider_id="dr-chen"))[0], MARIA, "CA-1")
    html = await page(app, DAY)
    for words in ("Monday, Nov 23, 2026", "Doctor Chen", "Doctor Patel", "Maria Lopez", "follow-up visit"):
        assert words in html
    assert 'href="/calls/CA-1">booked by phone' in html
    assert "1 booked, 23 open" in html
    assert "Open 08:00–12:00, 13:00–17:00" in html


async def test_openings_that_have_begun_are_told_from_those_that_can_be_booked(
    app: FastAPI, clock: TestClock
) -> None:
    clock.now = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # ten in the morning
    html = await page(app, f"{DAY}&provider=dr-chen")
    assert "08:00–10:20" in html
    assert "Gone by" in html
    assert "17 open" in html
    assert html.count(">Book<span") == 2, "from twenty past ten, and after noon"


async def test_the_week_counts_and_leads_to_its_days(app: FastAPI) -> None:
    html = await page(app, f"{DAY}&span=week")
    assert "Week of Monday, Nov 23, 2026" in html
    assert html.count('href="/schedule?day=2026-11-2') >= 7
    assert "Closed: Thanksgiving" in html
    chen = await page(app, f"{DAY}&span=week&provider=dr-chen")
    assert "Doctor Patel</bdi>" not in chen
    assert "24 openings" not in chen, "a lunch break lies between"


async def test_somebody_at_the_desk_is_booked(app: FastAPI, backends: EmbeddedBackends) -> None:
    async with browser(app) as kim:
        html = await found(kim)
        assert "Maria Lopez, born 1981-03-05, number ends in 0123" in html
        names = ("patient", "opening", "form_id", "visit_type")
        form = MARIA_AT_DESK | {name: field(html, name) for name in names}
        form["visit_type"] = "follow-up"
        done = await kim.post("/schedule/book", data=form)
        assert (done.status_code, done.headers["location"]) == (303, DAY)
        again = await kim.post("/schedule/book", data=form)
        assert again.status_code == 303, "a double click"
        shown = (await kim.get(DAY)).text
    assert shown.count("Maria Lopez") == 1
    assert "booked at the desk" in shown
    assert audited(backends, "visit book") == [f"patient/{MARIA}"]
    assert f"patient/{MARIA}" in audited(backends, "view")


async def test_names_and_birth_dates_never_stand_in_an_address(app: FastAPI) -> None:
    async with browser(app) as kim:
        html = await found(kim)
    assert not re.search(r'(href|action)="[^"]*(Lopez|1981)', html)


async def test_who_is_not_in_the_chart_is_not_booked(app: FastAPI) -> None:
    async with browser(app) as kim:
        nobody = await kim.post("/schedule/find", data=MARIA_AT_DESK | {"born": "1981-03-06"})
        assert "No patient in the chart" in nobody.text
        empty = await kim.post("/schedule/find", data=MARIA_AT_DESK | {"born": ""})
        assert empty.status_code == 422
        assert "Please give the name and the birth date." in empty.text
        kindless = await kim.post("/schedule/find", data=MARIA_AT_DESK | {"visit_type": "massage"})
        assert kindless.status_code == 422
        assert "Please choose the kind of visit." in kindless.text


@pytest.mark.parametrize(
    "closed",
    [
        {"active": False},
        {"deceasedBoolean": True},
        {"link": [{"other": {"reference": "Patient/pt-1002"}, "type": "replaced-by"}]},
    ],
)
async def test_for_a_chart_that_was_closed_meanwhile_nobody_is_booked(
    app: FastAPI, backends: EmbeddedBackends, closed: dict[str, object]
) -> None:
    async with browser(app, "kim") as kim:
        html = await found(kim)
        patient = (await backends.chart.read("Patient", MARIA)).body
        await backends.chart.update({**patient, **closed}, MARIA)
        chosen = {name: field(html, name) for name in ("form_id", "patient", "opening")}
        late = await kim.post("/schedule/book", data={**MARIA_AT_DESK, **chosen})
    assert (late.status_code, "no such record, or not any more" in late.text) == (404, True)
    assert audited(backends, "visit book") == []


async def test_an_opening_that_goes_meanwhile_is_said_with_what_is_open_now(
    app: FastAPI, backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    async with browser(app) as kim:
        html = await found(kim)
        form = MARIA_AT_DESK | {name: field(html, name) for name in ("patient", "opening", "form_id")}
        first = (await openings(schedule))[0]
        assert isinstance(await by_phone(backends, first, LINDA), VisitBooked)
        late = await kim.post("/schedule/book", data=form)
    assert late.status_code == 409
    assert "somebody was faster" in late.text
    assert field(late.text, "opening") != form["opening"]
    assert audited(backends, "visit book") == []


async def test_a_visit_is_moved_and_cancelled_with_a_reason(
    app: FastAPI, backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    booked = await by_phone(backends, (await openings(schedule))[0], MARIA)
    assert isinstance(booked, VisitBooked)
    path = f"/schedule/visits/{booked.visit.appointment_id}"
    async with browser(app) as kim:
        html = (await kim.get(path)).text
        form = {name: field(html, name) for name in ("version", "form_id", "opening")}
        assert (await kim.post(f"{path}/move", data=form)).status_code == 422, "no reason"
        moved = await kim.post(f"{path}/move", data=form | {"why": "pat"})
        assert moved.status_code == 303
        assert (await kim.post(f"{path}/move", data=form | {"why": "pat"})).status_code == 303, "again"
        stale = await kim.post(f"{path}/cancel", data=form | {"why": "pat"})
        assert stale.status_code in (404, 409)
        shown = (await kim.get(DAY)).text
        assert shown.count("Maria Lopez") == 1
        new = re.search(r'href="(/schedule/visits/\w+)"', shown)
        assert new
        html = (await kim.get(new[1])).text
        form = {name: field(html, name) for name in ("version", "form_id")} | {"why": "oth-weath"}
        assert (await kim.post(f"{new[1]}/cancel", data=form)).status_code == 303
        assert "Maria Lopez" not in (await kim.get(DAY)).text
    assert audited(backends, "visit move") == audited(backends, "visit cancel") == [f"patient/{MARIA}"]


async def test_a_block_is_looked_at_first_and_then_done(
    app: FastAPI, backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    await by_phone(backends, (await openings(schedule, provider_id="dr-chen"))[0], MARIA)
    async with browser(app) as kim:
        looked = await kim.post("/schedule/block", data=ON_MONDAY)
        assert "Mon Nov 23, 08:00: Maria Lopez, follow-up visit" in looked.text
        assert await offered(backends, provider_id="dr-chen")
        form = ON_MONDAY | {"step": "do", "form_id": field(looked.text, "form_id")}
        assert (await kim.post("/schedule/block", data=form)).headers["location"] == DAY
        assert await offered(backends, provider_id="dr-chen") == ()
        shown = (await kim.get(DAY)).text
        assert "jury duty" in shown
        assert "Maria Lopez" in shown, "her visit stands"
        tasks = backends.chart.storage.read_now(lambda s: s.exec(select(StaffTask)).all())
        assert [task.patient_id for task in tasks] == [MARIA]
        assert 'href="/calls/block-' not in (await kim.get("/inbox")).text
        end = re.search(r'action="(/schedule/blocks/[^"]+/end)"', shown)
        assert end
        assert (await kim.post(end[1], data={"day": f"{MONDAY}"})).status_code == 303
        assert "jury duty" not in (await kim.get(DAY)).text
    assert await offered(backends, provider_id="dr-chen")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"provider": ""}, "choose a provider"),
        ({"provider": "dr-nobody"}, "choose a provider"),
        ({"reason": " "}, "say why"),
        ({"first": "2026-11-21"}, "from today on"),
        ({"last": "2027-11-21"}, "within 60 days"),
        ({"last": "2026-11-22"}, "within 60 days"),
        ({"opens": "10:00"}, "both times"),
        ({"opens": "10:00", "closes": "09:00"}, "both times"),
        ({"opens": "ten", "closes": "11:00"}, "13:30"),
        ({"first": "someday"}, "choose a day"),
    ],
)
async def test_a_block_that_makes_no_sense_is_refused_in_a_sentence(
    app: FastAPI, wrong: dict[str, str], words: str
) -> None:
    async with browser(app) as kim:
        answer = await kim.post("/schedule/block", data=ON_MONDAY | wrong)
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize(
    "query", ["day=9999-12-31", "day=0001-01-01", "day=x", "provider=nobody", "span=year"]
)
async def test_an_address_that_makes_no_sense_is_refused(app: FastAPI, query: str) -> None:
    async with browser(app) as kim:
        assert (await kim.get(f"/schedule?{query}")).status_code in (400, 422)


async def test_a_social_worker_reads_it_and_an_auditor_does_not(app: FastAPI) -> None:
    async with browser(app, Role.SOCIAL_WORKER) as reader, browser(app, Role.AUDITOR) as auditor:
        html = (await reader.get(DAY)).text
        assert "Doctor Chen" in html
        assert "/schedule/book" not in html
        assert (await reader.post("/schedule/book")).status_code == 403
        assert (await auditor.get(DAY)).status_code == 403


async def test_where_another_systems_schedule_counts_the_page_says_so_and_does_nothing(
    backends: EmbeddedBackends, app: FastAPI
) -> None:
    there = FastAPI()
    ports = Ports(schedule_elsewhere="The schedule is kept in the EHR.")
    add_pages(there, build_router(backends.chart.storage, backends.clock, ports=ports, second_factor=False))
    async with browser(there) as kim:
        assert "The schedule is kept in the EHR." in (await kim.get("/schedule")).text
        assert (await kim.post("/schedule/find", data=MARIA_AT_DESK)).status_code == 404
        assert (await kim.get("/schedule/block")).status_code == 404


async def test_the_pages_are_made_as_the_others_are(
    app: FastAPI, backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    booked = await by_phone(backends, (await openings(schedule))[0], MARIA)
    assert isinstance(booked, VisitBooked)
    paths = (DAY, f"{DAY}&span=week", "/schedule/book", "/schedule/block")
    async with browser(app) as kim:
        shown = [(await kim.get(path)).text for path in paths]
        shown.append((await kim.get(f"/schedule/visits/{booked.visit.appointment_id}")).text)
        shown.append((await kim.post("/schedule/find", data=MARIA_AT_DESK)).text)
        shown.append((await kim.post("/schedule/block", data=ON_MONDAY)).text)
    for html in shown:
        outline = Outline(html)
        assert outline.faults == []
        assert len(outline.ids) == len(set(outline.ids))
        assert outline.tags.count("h1") == 1
