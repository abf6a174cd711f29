"""The waitlist on the page: who waits for what, and that what staff do to it is done, once."""

from __future__ import annotations

import asyncio
import re
from datetime import date

import pytest
from fastapi import FastAPI
from sqlmodel import select

from agent.schedule_desk import OwnSchedule
from backends.desk_waitlist import EntryChanged, NothingFits
from backends.embedded import EmbeddedBackends
from console.waitlist import wish_words
from models.contact_tables import TextMessage, WaitlistEntry
from models.domain import FindOpenings, IdentityLevel, JoinWaitlist
from models.errors import Conflict
from models.tables import StaffTask
from tests.console.browser import browser
from tests.schedule.desk import LINDA, MARIA, MONDAY, offered, order
from tests.schedule.test_schedule_pages import audited

WISH = FindOpenings("f", "follow-up", provider_id="dr-chen", from_date=MONDAY, to_date=MONDAY)


async def join(
    backends: EmbeddedBackends, patient: str = MARIA, wish: FindOpenings = WISH, number: str = "+16175550123"
) -> str:
    wants = JoinWaitlist("a1", patient, wish, text_number=number)
    return (await backends.waitlist.join(wants, call_id=f"C-{patient}")).entry_id


def rows(backends: EmbeddedBackends) -> list[WaitlistEntry]:
    return list(backends.chart.storage.read_now(lambda s: s.exec(select(WaitlistEntry)).all()))


def texts(backends: EmbeddedBackends) -> list[TextMessage]:
    return list(backends.chart.storage.read_now(lambda s: s.exec(select(TextMessage)).all()))


async def test_who_waits_is_shown_with_their_wish(app: FastAPI, backends: EmbeddedBackends) -> None:
    await join(backends)
    async with browser(app) as kim:
        html = (await kim.get("/waitlist")).text
    assert "Maria Lopez</bdi>: follow-up visit" in html
    assert "with Doctor Chen; on Nov 23" in html
    assert "answers by text" in html


async def test_an_offer_goes_out_by_text_at_once_and_the_time_is_held(
    app: FastAPI, backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    entry_id = await join(backends)
    before = len(await offered(backends, provider_id="dr-chen"))
    ((shown,), _more) = await schedule.waiting()
    async with browser(app) as kim:
        form = {"seen": shown.seen}
        assert (await kim.post(f"/waitlist/{entry_id}/offer", data=form)).status_code == 303
        assert (await kim.post(f"/waitlist/{entry_id}/offer", data=form)).status_code == 409, "a double click"
        html = (await kim.get("/waitlist")).text
    assert "Mon Nov 23, 08:00 with Doctor Chen, until 10:15" in html
    assert [text.to_number for text in texts(backends)] == ["+16175550123"]
    assert len(await offered(backends, provider_id="dr-chen")) == before - 1
    assert audited(backends, "waitlist offer") == [f"patient/{MARIA}"]


async def test_who_is_not_texted_is_held_a_time_for_staff_to_call_also_on_a_sunday(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    entry_id = await join(backends, number="")
    ((shown,), _more) = await schedule.waiting()
    await schedule.offer(entry_id, shown.seen, "kim")
    (task,) = backends.chart.storage.read_now(lambda s: s.exec(select(StaffTask)).all())
    assert (task.kind, task.patient_id, texts(backends)) == ("schedule-assist", MARIA, [])
    ((offered_to,), _more) = await schedule.waiting()
    assert offered_to.offered is not None


async def test_a_yes_at_the_desk_books_what_is_held_once(
    app: FastAPI, backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    entry_id = await join(backends)
    ((shown,), _more) = await schedule.waiting()
    await schedule.offer(entry_id, shown.seen, "kim")
    async with browser(app) as kim:
        html = (await kim.get("/waitlist")).text
        found = re.search(r'/take"><input[^>]*form_token[^>]*><input[^>]*name="seen" value="([^"]+)">', html)
        number = re.search(r'name="form_id" value="(\w+)"', html)
        assert found
        assert number
        form = {"seen": found[1], "form_id": number[1]}
        for _click in range(2):
            assert (await kim.post(f"/waitlist/{entry_id}/take", data=form)).status_code == 303
        assert "Nobody waits." in (await kim.get("/waitlist")).text
    visits = (await backends.directory.view(MARIA, IdentityLevel.L1)).visits
    assert [visit.appointment_id for visit in visits] == [entry_id]
    stored = (await backends.chart.read("Appointment", entry_id)).body
    assert stored["comment"] == "Booked at the desk by kim, from the waitlist"
    assert audited(backends, "waitlist take") == [f"patient/{MARIA}"]


async def test_a_no_at_the_desk_frees_the_time_and_keeps_the_place(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    entry_id, before = await join(backends), await offered(backends)
    ((shown,), _more) = await schedule.waiting()
    await schedule.offer(entry_id, shown.seen, "kim")
    ((held,), _more) = await schedule.waiting()
    await schedule.pass_on(entry_id, held.seen, "kim")
    assert await offered(backends) == before
    ((again,), _more) = await schedule.waiting()
    await schedule.offer(entry_id, again.seen, "kim")
    ((second,), _more) = await schedule.waiting()
    assert held.offered
    assert second.offered
    assert second.offered.start > held.offered.start, "not what they passed on"


async def test_removed_is_off_the_list_here_and_in_the_chart(
    app: FastAPI, backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    entry_id = await join(backends)
    ((shown,), _more) = await schedule.waiting()
    async with browser(app) as kim:
        form = {"seen": shown.seen}
        assert (await kim.post(f"/waitlist/{entry_id}/remove", data=form)).status_code == 303
        late = await kim.post(f"/waitlist/{entry_id}/remove", data=form)
        assert late.status_code == 409
        assert "they have left the list" in late.text
        assert (await kim.post("/waitlist/nobody/remove", data=form)).status_code == 404
        assert (await kim.post(f"/waitlist/{entry_id}/dance", data=form)).status_code == 404
    assert (await backends.chart.read("Appointment", entry_id)).body["status"] == "cancelled"


async def test_where_nothing_fits_it_is_said_and_nothing_held(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    thanksgiving = date(2026, 11, 26)
    wish = FindOpenings("f", "follow-up", from_date=thanksgiving, to_date=thanksgiving)
    entry_id = await join(backends, wish=wish)
    ((shown,), _more) = await schedule.waiting()
    with pytest.raises(NothingFits):
        await schedule.offer(entry_id, shown.seen, "kim")
    assert audited(backends, "waitlist offer") == []
    assert [row.state for row in rows(backends)] == ["waiting"]


async def test_a_text_and_the_desk_that_take_it_at_once_book_once(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    entry_id = await join(backends)
    ((shown,), _more) = await schedule.waiting()
    await schedule.offer(entry_id, shown.seen, "kim")
    ((held,), _more) = await schedule.waiting()

    async def at_the_desk() -> bool:
        try:
            await schedule.take(entry_id, held.seen, order())
        except EntryChanged:
            return False
        return True

    reply, _done = await asyncio.gather(backends.waitlist.answer_offer("+16175550123", "Y"), at_the_desk())
    assert reply
    assert "you are booked" in reply
    assert len((await backends.directory.view(MARIA, IdentityLevel.L1)).visits) == 1


async def test_an_offer_and_a_caller_never_both_have_it(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    await join(backends)
    await join(backends, LINDA, number="+16175550190")
    (one, two), _more = await schedule.waiting()
    done = await asyncio.gather(
        schedule.offer(one.entry_id, one.seen, "kim"),
        schedule.offer(two.entry_id, two.seen, "lee"),
        return_exceptions=True,
    )
    assert all(each is None or isinstance(each, Conflict) for each in done)
    held = [row.offered_opening for row in rows(backends) if row.offered_opening]
    assert held
    assert len(held) == len(set(held))


def test_a_wish_reads_as_it_was_said() -> None:
    names = {"dr-chen": "Doctor Chen"}
    assert wish_words(FindOpenings("f", "lab"), names) == "any time"
    wish = FindOpenings(
        "f",
        "lab",
        provider_id="dr-chen",
        weekdays=(1, 2),
        not_dates=(date(2026, 12, 2),),
        from_date=date(2026, 12, 1),
        daypart="morning",
        not_before="09:00",
    )
    assert wish_words(wish, names) == (
        "with Doctor Chen; Tuesdays or Wednesdays; not Dec 2; from Dec 1; morning; not before 09:00"
    )
