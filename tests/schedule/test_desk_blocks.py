"""Blocked time: offered to nobody, opened again as it was, and no visit in it is ever cancelled silently."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from agent.schedule_desk import OwnSchedule
from backends.blocks import spans
from backends.embedded import EmbeddedBackends
from backends.practice import Practice
from backends.publishing import publish_openings
from models.domain import (
    CancelVisit,
    ClosedDay,
    HoldOpening,
    Opening,
    OpeningGone,
    OpeningHeld,
    RegisterPatient,
    VisitBooked,
)
from models.errors import NotFound
from models.schedule import Block, HeldFor, LineKind
from models.tables import StaffTask, TaskState
from tests.backends.conftest import SYSTEM
from tests.schedule.desk import LINDA, MARIA, MONDAY, at_the_desk, block, by_phone, offered, openings, order


def tasks(backends: EmbeddedBackends) -> list[StaffTask]:
    query = select(StaffTask).order_by(col(StaffTask.created_at))
    return list(backends.chart.storage.read_now(lambda s: s.exec(query).all()))


async def chen_at(schedule: OwnSchedule, at: str) -> Opening:
    found = await openings(schedule, provider_id="dr-chen")
    return next(one for one in found if f"{one.start.astimezone(ZoneInfo('America/New_York')):%H:%M}" == at)


async def test_blocked_time_is_offered_to_nobody(backends: EmbeddedBackends, schedule: OwnSchedule) -> None:
    before = {one.start for one in await offered(backends, provider_id="dr-chen")}
    looked = await schedule.preview(block("09:00", "10:00"))
    effect = await schedule.block(block("09:00", "10:00"), order())
    assert (looked.openings, effect.openings, effect.visits) == (3, 3, ())
    after = {one.start for one in await offered(backends, provider_id="dr-chen")}
    assert len(before - after) == 3
    assert len(await offered(backends, provider_id="dr-patel")) == len(before), "the others are not touched"


async def test_looking_at_a_block_does_nothing(backends: EmbeddedBackends, schedule: OwnSchedule) -> None:
    before = await offered(backends)
    await schedule.preview(block())
    assert await offered(backends) == before
    assert tasks(backends) == []


async def test_a_visit_in_it_stays_and_becomes_a_task_to_call(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    booked = await by_phone(backends, await chen_at(schedule, "09:20"))
    assert isinstance(booked, VisitBooked)
    effect = await schedule.block(block("09:00", "10:00"), order())
    assert [visit.patient_name for visit in effect.visits] == ["Maria Lopez"]
    stored = (await backends.chart.read("Appointment", booked.visit.appointment_id)).body
    assert stored["status"] == "booked"
    (task,) = tasks(backends)
    assert (task.kind, task.priority, task.patient_id) == ("schedule-assist", "urgent", MARIA)
    assert task.callback_number == "+16175550123"
    assert "jury duty" in task.summary
    assert "09:20" in task.summary
    in_chart = (await backends.chart.search("Task", [("patient", f"Patient/{MARIA}")])).found[0].body
    assert in_chart["focus"] == {"reference": f"Appointment/{stored['id']}"}


async def test_the_same_form_twice_blocks_once(backends: EmbeddedBackends, schedule: OwnSchedule) -> None:
    await by_phone(backends, await chen_at(schedule, "09:20"))
    form = order()
    await asyncio.gather(*(schedule.block(block("09:00", "10:00"), form) for _ in range(3)))
    assert len(tasks(backends)) == 1
    chen = (await schedule.sheets(MONDAY, 1, "dr-chen"))[0]
    assert sum(line.kind is LineKind.BLOCKED for line in chen.lines) == 1


async def test_opened_again_it_is_as_before_and_its_tasks_are_closed(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    await by_phone(backends, await chen_at(schedule, "09:20"))
    before = await offered(backends)
    done = await schedule.block(block("09:00", "10:00"), order())
    assert await schedule.unblock(done.block_id, "kim")
    assert await offered(backends) == before
    assert [(task.state, task.outcome) for task in tasks(backends)] == [(TaskState.DONE, "not-needed")]
    assert not await schedule.unblock(done.block_id, "lee"), "a colleague was faster"
    with pytest.raises(NotFound):
        await schedule.unblock("block-nobody-knows", "kim")


async def test_a_visit_cancelled_in_blocked_time_frees_nothing(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    booked = await by_phone(backends, await chen_at(schedule, "09:20"))
    assert isinstance(booked, VisitBooked)
    done = await schedule.block(block("09:00", "10:00"), order())
    await backends.scheduling.cancel(CancelVisit("c", MARIA, booked.visit.appointment_id), call_id="C2")
    assert booked.visit.start not in {one.start for one in await offered(backends, provider_id="dr-chen")}
    await schedule.unblock(done.block_id, "kim")
    assert booked.visit.start in {one.start for one in await offered(backends, provider_id="dr-chen")}


async def test_blocked_days_stay_closed_when_openings_are_published(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    first, last = date(2027, 1, 4), date(2027, 1, 8)  # nothing is published there yet
    await schedule.block(block(first=first, last=last), order())
    made = await publish_openings(backends.chart, backends.practice, first, 5)
    assert made.taken
    for number in range(5):
        assert await offered(backends, date(2027, 1, 4 + number), provider_id="dr-chen") == ()
    assert await offered(backends, first, provider_id="dr-patel")


async def test_who_is_on_the_line_with_that_time_is_told_that_it_is_gone(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    opening = await chen_at(schedule, "09:20")
    held = await backends.scheduling.hold(HoldOpening("h", opening.opening_id), call_id="C1")
    assert isinstance(held, OpeningHeld)
    looked = await schedule.preview(block("09:00", "10:00"))
    assert [hold.held_for for hold in looked.holds] == [HeldFor.CALLER]
    await schedule.block(block("09:00", "10:00"), order())
    assert isinstance(await by_phone(backends, opening), OpeningGone)


async def test_what_a_new_patient_was_promised_is_kept_and_named(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    found = await offered(backends, date(2026, 11, 24), provider_id="dr-chen")
    wish = RegisterPatient(
        action_id="C9-a1",
        name="Ann Bee",
        born=date(1990, 1, 1),
        phone="+16175550190",
        insurance="",
        reason="",
        referral="",
        opening_id=found[0].opening_id,
        visit_type="new-patient",
    )
    await backends.scheduling.register(wish, call_id="C9")
    tuesday = block(first=date(2026, 11, 24), last=date(2026, 11, 24))
    effect = await schedule.block(tuesday, order())
    assert [hold.held_for for hold in effect.holds] == [HeldFor.NEW_PATIENT]


async def test_openings_that_nobody_has_are_withdrawn(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    booked = await by_phone(backends, await chen_at(schedule, "09:20"))
    assert isinstance(booked, VisitBooked)
    held = await chen_at(schedule, "09:40")
    await backends.scheduling.hold(HoldOpening("h", held.opening_id), call_id="C2")
    form = order()
    assert await schedule.withdraw(block("09:00", "10:00"), form) == 1, "the free one alone"
    assert await schedule.withdraw(block("09:00", "10:00"), form) == 0
    await publish_openings(backends.chart, backends.practice, MONDAY, 1)
    starts = {f"{one.start.astimezone(backends.practice.zone):%H:%M}" for one in await openings(schedule)}
    chen = (await schedule.sheets(MONDAY, 1, "dr-chen"))[0]
    shown = [line for line in chen.lines if line.start < booked.visit.start]
    assert [line.kind for line in shown] == [LineKind.OPEN], "eight to nine, and not nine to twenty past"
    assert starts


async def test_openings_of_a_day_that_was_closed_afterwards_show_as_not_offered(
    backends: EmbeddedBackends,
) -> None:
    shut = replace(backends.practice, closures=(*backends.practice.closures, ClosedDay(MONDAY, "snow")))
    closed = EmbeddedBackends(
        backends.chart.storage, backends.chart.storage.keyring, shut, backends.clock, SYSTEM
    )
    schedule = OwnSchedule(closed, SYSTEM)
    assert schedule.hours(MONDAY) == "Closed: snow"
    chen = (await schedule.sheets(MONDAY, 1, "dr-chen"))[0]
    assert {line.kind for line in chen.lines} == {LineKind.BLOCKED}
    assert len(chen.lines) == 2, "before and after noon"


# --------------------------------------------------------------------------- races


async def race(backends: EmbeddedBackends, schedule: OwnSchedule, number: int) -> None:
    """A caller books while the desk blocks: refused, or seen and to be called; never neither."""
    opening = (await openings(schedule, provider_id="dr-chen"))[0]
    day = block()
    done, effect = await asyncio.gather(
        by_phone(backends, opening, LINDA, f"C-block-{number}"), schedule.block(day, order())
    )
    called = {visit.patient_id for visit in effect.visits}
    assert (LINDA in called) is isinstance(done, VisitBooked)
    assert await offered(backends, provider_id="dr-chen") == ()
    await schedule.unblock(effect.block_id, "kim")
    if isinstance(done, VisitBooked):
        wish = CancelVisit(f"undo-{number}", LINDA, done.visit.appointment_id)
        await backends.scheduling.cancel(wish, call_id=f"C-undo-{number}")


async def test_a_booking_beside_a_block(backends: EmbeddedBackends, schedule: OwnSchedule) -> None:
    for number in range(10):
        await race(backends, schedule, number)


async def test_the_same_on_one_postgresql_with_two_processes(many_processes: list[EmbeddedBackends]) -> None:
    first, second = many_processes[2:]
    for number in range(10):
        await race(first, OwnSchedule(second, SYSTEM), number)


# --------------------------------------------------------------------------- clocks


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 11, 1), 25), (date(2027, 3, 14), 23), (date(2026, 11, 2), 24)]
)
def test_a_whole_day_is_as_long_as_its_clocks_make_it(practice: Practice, day: date, hours: int) -> None:
    ((begin, end),) = spans(Block("dr-chen", day, day, ""), practice)
    assert (end - begin).total_seconds() == hours * 3600


def test_times_are_those_of_the_practices_clocks(practice: Practice) -> None:
    night = Block("dr-chen", date(2027, 3, 13), date(2027, 3, 14), "", time(9), time(10))
    assert [begin for begin, _ in spans(night, practice)] == [
        datetime(2027, 3, 13, 14, tzinfo=UTC),
        datetime(2027, 3, 14, 13, tzinfo=UTC),
    ]


async def test_a_booking_at_the_desk_keeps_out_of_it_too(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    opening = await chen_at(schedule, "09:20")
    await schedule.block(block("09:00", "10:00"), order())
    assert isinstance(await at_the_desk(schedule, opening), OpeningGone)
