"""Booking, moving and cancelling at the desk: the callers' rules and cells, and one deed for each form."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlmodel import col, select

from agent.schedule_desk import OwnSchedule
from backends.desk_visits import VisitChanged
from backends.embedded import EmbeddedBackends
from backends.refusals import PatientBusy, TooManyVisits
from models.chart import BookingCell
from models.domain import CancelVisit, IdentityLevel, OpeningGone, VisitBooked
from models.errors import NotFound
from models.events import events_after, last_sequence
from models.schedule import Ending, LineKind, MadeBy
from models.tables import AuditEntry
from tests.backends.conftest import SYSTEM, TestClock
from tests.schedule.desk import LINDA, MARIA, MONDAY, at_the_desk, by_phone, offered, openings, order


def cells_of(backends: EmbeddedBackends, appointment_id: str) -> int:
    query = select(BookingCell).where(col(BookingCell.appointment_id) == appointment_id)
    return len(backends.chart.storage.read_now(lambda s: s.exec(query).all()))


def deeds(backends: EmbeddedBackends) -> list[tuple[str, str, str]]:
    query = select(AuditEntry).where(col(AuditEntry.actor) == "kim").order_by(col(AuditEntry.id))
    rows = backends.chart.storage.read_now(lambda s: s.exec(query).all())
    return [(row.action, row.subject, row.why) for row in rows]


async def booked_at_desk(schedule: OwnSchedule, patient: str = LINDA) -> VisitBooked:
    done = await at_the_desk(schedule, (await openings(schedule))[0], patient)
    assert isinstance(done, VisitBooked)
    return done


# --------------------------------------------------------------------------- who it is


async def test_a_patient_is_found_by_name_and_birth_date(schedule: OwnSchedule) -> None:
    born = date(1981, 3, 5)
    for name in ("Maria Lopez", "lopez", "LOP", "maria", "Lopes"):
        assert [one.patient_id for one in await schedule.people(name, born)] == [MARIA], name
    assert await schedule.people("Maria Lopez", date(1981, 3, 6)) == ()
    assert await schedule.people("Keller", born) == ()
    assert await schedule.people("  ", born) == ()
    (maria,) = await schedule.people("Lopez", born)
    assert len(maria.phone_end) == 4


# --------------------------------------------------------------------------- booking


async def test_the_desk_books_what_a_caller_would_have_been_offered(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    done = await booked_at_desk(schedule)
    assert cells_of(backends, done.visit.appointment_id) == 4
    assert done.visit.start not in {one.start for one in await offered(backends, provider_id="dr-chen")}
    stored = (await backends.chart.read("Appointment", done.visit.appointment_id)).body
    assert stored["comment"] == "Booked at the desk by kim"
    assert deeds(backends) == [("visit book", f"patient/{LINDA}", done.resource_ref)]


async def test_a_walk_in_needs_no_notice_and_may_have_a_kind_that_staff_alone_book(
    backends: EmbeddedBackends, schedule: OwnSchedule, clock: TestClock
) -> None:
    clock.now = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)  # Monday, 9:05
    found = await openings(schedule)
    assert f"{found[0].start.astimezone(backends.practice.zone):%H:%M}" == "09:20"
    staff_only = [rule for rule in backends.practice.visit_rules if rule.visit_type.staff_only]
    assert staff_only, "the demo practice has one"
    code = staff_only[0].visit_type.code
    opening = (await openings(schedule, code=code))[0]
    assert isinstance(await at_the_desk(schedule, opening, code=code), VisitBooked)


async def test_a_day_without_openings_leads_to_the_next_that_has_some(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    found = await openings(schedule, date(2026, 11, 26))  # Thanksgiving
    days = {one.start.astimezone(backends.practice.zone).date() for one in found}
    assert days == {date(2026, 11, 27)}


async def test_colleagues_open_pages_are_told(backends: EmbeddedBackends, schedule: OwnSchedule) -> None:
    read = backends.chart.storage.read_now
    before = read(last_sequence)
    await booked_at_desk(schedule)
    assert [event.kind for event in read(lambda s: events_after(s, before))] == ["schedule"]


async def test_the_same_form_twice_books_once(backends: EmbeddedBackends, schedule: OwnSchedule) -> None:
    opening, form_id = (await openings(schedule))[0], order().form_id
    twice = await asyncio.gather(*(at_the_desk(schedule, opening, form_id=form_id) for _ in range(2)))
    assert len({one.visit.appointment_id for one in twice if isinstance(one, VisitBooked)}) == 1
    assert not any(isinstance(one, OpeningGone) for one in twice)
    assert [deed[0] for deed in deeds(backends)] == ["visit book"]


async def test_a_form_whose_opening_has_gone_meanwhile_is_refused(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    opening = (await openings(schedule))[0]
    assert isinstance(await by_phone(backends, opening), VisitBooked)
    assert isinstance(await at_the_desk(schedule, opening), OpeningGone)
    assert deeds(backends) == []


async def test_nobody_has_two_visits_at_a_time_or_three_of_a_kind(schedule: OwnSchedule) -> None:
    first, *later = await openings(schedule, provider_id="dr-chen")
    assert isinstance(await at_the_desk(schedule, first), VisitBooked)
    same_time = next(
        one for one in await openings(schedule, provider_id="dr-patel") if one.start == first.start
    )
    with pytest.raises(PatientBusy):
        await at_the_desk(schedule, same_time)
    assert same_time.start not in {one.start for one in await openings(schedule, patient_id=LINDA)}
    assert isinstance(await at_the_desk(schedule, later[0]), VisitBooked)
    with pytest.raises(TooManyVisits):
        await at_the_desk(schedule, later[1])


# --------------------------------------------------------------------------- races


async def race(backends: EmbeddedBackends, schedule: OwnSchedule, number: int) -> None:
    """A caller and the desk want the same opening at the same moment."""
    opening = (await openings(schedule, MONDAY, provider_id="dr-chen"))[0]
    done = await asyncio.gather(
        by_phone(backends, opening, MARIA, f"C-race-{number}"),
        at_the_desk(schedule, opening, LINDA),
    )
    won = [one for one in done if isinstance(one, VisitBooked)]
    assert len(won) == 1
    assert sum(isinstance(one, OpeningGone) for one in done) == 1
    patient = MARIA if isinstance(done[0], VisitBooked) else LINDA
    wish = CancelVisit(f"undo-{number}", patient, won[0].visit.appointment_id)
    await backends.scheduling.cancel(wish, call_id=f"C-undo-{number}")


async def test_a_caller_and_the_desk_never_both_have_an_opening(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    for number in range(20):
        await race(backends, schedule, number)


async def test_the_same_on_one_postgresql_with_two_processes(many_processes: list[EmbeddedBackends]) -> None:
    first, second = many_processes[:2]
    for number in range(20):
        await race(first, OwnSchedule(second, SYSTEM), number)


# --------------------------------------------------------------------------- moved and given up


async def test_a_visit_is_cancelled_with_its_reason_and_its_time_is_open_again(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    done = await booked_at_desk(schedule)
    visit = await schedule.visit(done.visit.appointment_id)
    assert visit.made_by is MadeBy.DESK
    await schedule.cancel(Ending(visit.visit_id, visit.version, "prov", "ill today"), order())
    stored = (await backends.chart.read("Appointment", visit.visit_id)).body
    assert stored["status"] == "cancelled"
    assert stored["cancelationReason"]["coding"][0]["code"] == "prov"
    assert stored["cancelationReason"]["text"] == "ill today"
    assert cells_of(backends, visit.visit_id) == 0
    assert done.visit.start in {one.start for one in await offered(backends)}
    why = f"Appointment/{visit.visit_id}: ill today"
    assert deeds(backends)[-1] == ("visit cancel", f"patient/{LINDA}", why)
    with pytest.raises(NotFound):
        await schedule.visit(visit.visit_id)


async def test_a_visit_is_moved_in_one_step(backends: EmbeddedBackends, schedule: OwnSchedule) -> None:
    done = await booked_at_desk(schedule)
    visit = await schedule.visit(done.visit.appointment_id)
    new = (await openings(schedule, patient_id=LINDA, but=visit.visit_id))[-1]
    moved = await schedule.move(Ending(visit.visit_id, visit.version, "pat"), new.opening_id, order())
    assert isinstance(moved, VisitBooked)
    view = await backends.directory.view(LINDA, IdentityLevel.L1)
    assert new.start in {one.start for one in view.visits}
    assert done.visit.start not in {one.start for one in view.visits}


async def test_where_the_new_time_is_gone_the_old_visit_stands(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    visit = await schedule.visit((await booked_at_desk(schedule)).visit.appointment_id)
    new = (await openings(schedule, patient_id=LINDA))[-1]
    await by_phone(backends, new)
    gone = await schedule.move(Ending(visit.visit_id, visit.version, "pat"), new.opening_id, order())
    assert isinstance(gone, OpeningGone)
    assert await schedule.visit(visit.visit_id) == visit


async def test_a_stale_form_changes_nothing(backends: EmbeddedBackends, schedule: OwnSchedule) -> None:
    visit = await schedule.visit((await booked_at_desk(schedule)).visit.appointment_id)
    stale = Ending(visit.visit_id, visit.version - 1, "pat")
    new = (await openings(schedule, patient_id=LINDA))[-1]
    with pytest.raises(VisitChanged):
        await schedule.cancel(stale, order())
    with pytest.raises(VisitChanged):
        await schedule.move(stale, new.opening_id, order())
    await schedule.cancel(replace(stale, version=visit.version), order())
    with pytest.raises(VisitChanged):
        await schedule.move(replace(stale, version=visit.version), new.opening_id, order("lee"))


# --------------------------------------------------------------------------- the sheet


async def test_a_day_shows_what_is_open_held_and_booked_and_by_whom(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    await booked_at_desk(schedule)
    chen = (await schedule.sheets(MONDAY, 1, "dr-chen"))[0]
    booked = [line for line in chen.lines if line.kind is LineKind.BOOKED]
    assert [line.visit.made_by for line in booked if line.visit] == [MadeBy.DESK]
    assert sum(line.openings for line in chen.lines if line.kind is LineKind.OPEN) == 23
    assert [line.start for line in chen.lines] == sorted(line.start for line in chen.lines)
    assert len(await schedule.sheets(MONDAY, 7)) == 7 * 3
