"""The staff's queue: each order once, with the time it must be done by."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backends.embedded import EmbeddedBackends
from backends.practice import Practice
from backends.staff_tasks import due_at
from models.desk import open_tasks, waiting_pages
from models.domain import OpenTask, PageStaff, Priority, TaskKind
from models.events import events_after

FRIDAY_4_PM = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)  # closes at 5


def task(kind: TaskKind = TaskKind.ROUTINE_MESSAGE, patient: str = "", action: str = "t1") -> OpenTask:
    return OpenTask(action, kind, Priority.ROUTINE, "call me back", patient, "+16175550123")


@pytest.mark.parametrize(
    ("kind", "priority", "due"),
    [
        (TaskKind.RED_FLAG_911, Priority.STAT, "2026-11-20T21:05"),
        (TaskKind.NURSE_NOW, Priority.ASAP, "2026-11-20T21:05"),
        (TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, "2026-11-23T16:00"),  # 1 h on Friday, 3 h on Monday
        (TaskKind.REFILL_REVIEW, Priority.ROUTINE, "2026-11-22T21:00"),
        (TaskKind.ROUTINE_MESSAGE, Priority.ROUTINE, "2026-11-23T22:00"),  # Monday, closing time
        (TaskKind.BILLING_QUESTION, Priority.URGENT, "2026-11-23T16:00"),
    ],
)
def test_due_times(practice: Practice, kind: TaskKind, priority: Priority, due: str) -> None:
    assert due_at(kind, priority, FRIDAY_4_PM, practice).isoformat()[:16] == due


def test_a_holiday_is_no_business_day(practice: Practice) -> None:
    wednesday = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # before Thanksgiving
    due = due_at(TaskKind.ROUTINE_MESSAGE, Priority.ROUTINE, wednesday, practice)
    assert due.astimezone(practice.zone).isoformat()[:16] == "2026-11-27T17:00"


async def test_a_task_about_a_patient_is_in_the_chart_too(backends: EmbeddedBackends) -> None:
    first = await backends.desk.open_task(task(patient="pt-1001"), call_id="C1")
    again = await backends.desk.open_task(task(patient="pt-1001"), call_id="C1")
    other = await backends.desk.open_task(task(patient="pt-1001", action="t2"), call_id="C1")
    assert first == again != other
    document = (await backends.chart.read("Task", first.task_ref.removeprefix("Task/"))).body
    assert document["for"] == {"reference": "Patient/pt-1001"}
    assert document["code"]["coding"][1]["code"] == "routine-message"
    assert document["identifier"][0]["value"] == "C1/task/1"
    rows = await backends.chart.storage.read(open_tasks)
    assert {row.resource_ref for row in rows} == {first.task_ref, other.task_ref}


async def test_a_task_about_nobody_known_stays_in_the_queue(backends: EmbeddedBackends) -> None:
    opened = await backends.desk.open_task(task(), call_id="C1")
    (row,) = await backends.chart.storage.read(open_tasks)
    assert opened.task_ref == f"StaffTask/{row.id}"
    assert row.callback_number == "+16175550123"
    assert (await backends.chart.search("Task", [])).total == 0


async def test_a_page_is_one_page_and_told_once(backends: EmbeddedBackends) -> None:
    wish = PageStaff("p1", "chest pain", "RF01")
    first = await backends.desk.page(wish, call_id="C1")
    again = await backends.desk.page(wish, call_id="C1")
    assert first == again
    (page,) = await backends.chart.storage.read(waiting_pages)
    assert (page.red_flag_id, page.summary) == ("RF01", "chest pain")
    events = await backends.chart.storage.read(lambda s: events_after(s, 0, call_id="C1"))
    assert [event.kind for event in events] == ["queue", "page"]
