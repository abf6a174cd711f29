"""Openings that staff publish: what the look said, never over what is taken, twice no more than once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from agent.schedule_desk import OwnSchedule
from backends.embedded import EmbeddedBackends
from backends.publishing import publish_openings
from models.domain import BookOpening, OpeningGone, VisitBooked
from models.schedule import LineKind, Plan
from tests.schedule.desk import MARIA, block, offered, openings, order

SATURDAY, FRIDAY = date(2027, 1, 9), date(2027, 1, 8)  # beyond what the demo practice has published


def plan(
    opens: str = "09:00", closes: str = "12:00", first: date = FRIDAY, last: date = FRIDAY, **more: Any
) -> Plan:
    begin, end = time.fromisoformat(opens), time.fromisoformat(closes)
    return Plan("dr-chen", first, last, begin, end, **more)


async def test_what_was_looked_at_is_what_is_done(backends: EmbeddedBackends, schedule: OwnSchedule) -> None:
    looked = await schedule.preview_plans([plan()])
    assert (looked.new, looked.by_day) == (9, ((FRIDAY, 9),))
    assert await offered(backends, FRIDAY) == (), "a look does nothing"
    assert await schedule.publish_plans([plan()], order()) == looked
    assert len(await offered(backends, FRIDAY)) == 9


async def test_the_same_again_adds_nothing(schedule: OwnSchedule) -> None:
    await schedule.publish_plans([plan()], order())
    again = await schedule.publish_plans([plan(), plan()], order())
    assert (again.new, again.known, again.taken) == (0, 9, 0)


async def test_weekdays_closed_days_and_hours_of_ones_own(schedule: OwnSchedule) -> None:
    weeks = plan("16:00", "18:00", date(2026, 12, 21), date(2027, 1, 3), weekdays=(3, 4))
    looked = await schedule.preview_plans([weeks])
    assert [day for day, _why in looked.closed] == [date(2026, 12, 25), date(2027, 1, 1)]
    assert [why for _day, why in looked.closed] == ["Christmas Day", "New Year's Day"]
    assert [day for day, _count in looked.by_day] == [date(2026, 12, 24), date(2026, 12, 31)]
    saturday = await schedule.publish_plans([plan(first=SATURDAY, last=SATURDAY)], order())
    assert (saturday.new, saturday.outside) == (9, 9)
    assert len(await openings(schedule, SATURDAY)) == 9


async def test_nothing_is_opened_over_a_visit_or_a_block(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    await schedule.publish_plans([plan("09:00", "10:00")], order())
    wish = BookOpening("a", MARIA, (await offered(backends, FRIDAY))[0].opening_id, "follow-up")
    assert isinstance(await backends.scheduling.book(wish, call_id="C1"), VisitBooked)
    await schedule.block(block("11:00", "11:20", first=FRIDAY, last=FRIDAY), order())
    across = plan("09:10", "11:50")  # twenty minutes each, beside the old ones
    made = await schedule.publish_plans([across], order())
    starts = [
        f"{one.start.astimezone(backends.practice.zone):%H:%M}" for one in await openings(schedule, FRIDAY)
    ]
    assert (made.new, made.taken) == (3, 5)
    assert starts == ["09:20", "09:40", "10:10", "10:30", "11:30"]


async def test_openings_kept_for_some_visits_are_offered_for_those_alone(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    await schedule.publish_plans([plan("09:00", "10:00", visit_types=("lab",))], order())
    assert await offered(backends, FRIDAY) == ()
    (first, *_more) = await openings(schedule, FRIDAY, code="lab")
    wrong = BookOpening("a", MARIA, f"{first.opening_id.rpartition('.')[0]}.20", "follow-up")
    assert isinstance(await backends.scheduling.book(wrong, call_id="C1"), OpeningGone)
    right = BookOpening("b", MARIA, first.opening_id, "lab")
    assert isinstance(await backends.scheduling.book(right, call_id="C1"), VisitBooked)
    sheet = (await schedule.sheets(FRIDAY, 1, "dr-chen"))[0]
    assert {line.only for line in sheet.lines if line.kind is LineKind.OPEN} == {("lab visit",)}


async def test_what_was_withdrawn_comes_again_only_by_hand(
    backends: EmbeddedBackends, schedule: OwnSchedule
) -> None:
    whole = plan("08:00", "12:00")
    await schedule.publish_plans([whole], order())
    await schedule.withdraw(block(first=FRIDAY, last=FRIDAY), order())
    await publish_openings(backends.chart, backends.practice, FRIDAY, 1)
    assert await offered(backends, FRIDAY, daypart="morning", provider_id="dr-chen") == ()
    assert (await schedule.publish_plans([whole], order())).new == 12
    assert len(await offered(backends, FRIDAY, daypart="morning", provider_id="dr-chen")) == 12


@pytest.mark.parametrize(
    ("day", "count", "first_utc"),
    [
        (date(2027, 3, 14), 6, datetime(2027, 3, 14, 6, 0, tzinfo=UTC)),  # 2 to 3 does not exist
        (date(2027, 11, 7), 12, datetime(2027, 11, 7, 5, 0, tzinfo=UTC)),  # 1 to 2 comes twice
        (date(2027, 3, 15), 9, datetime(2027, 3, 15, 5, 0, tzinfo=UTC)),
    ],
)
async def test_the_nights_when_clocks_change(
    backends: EmbeddedBackends, schedule: OwnSchedule, day: date, count: int, first_utc: datetime
) -> None:
    made = await schedule.publish_plans([plan("01:00", "04:00", day, day)], order())
    assert made.new == count
    sheet = (await schedule.sheets(day, 1, "dr-chen"))[0]
    assert sum(line.openings for line in sheet.lines) == count
    assert sheet.lines[0].start == first_utc
