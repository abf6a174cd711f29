"""What the queue shows, decided without a page: clocks, owners, parts, figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import cards, home, task_page
from console.cards import Paging, Spent
from console.inbox import Part, Queue, inbox, parted
from models.contact_tables import PageStep
from models.domain import Disposition, Priority, TaskKind
from models.tables import Page, PageState, StaffTask, TaskState
from tests.console.sample import NOW, ago

ZONE = ZoneInfo("America/Chicago")


def task(name: str, due_in_min: float = 60, **fields: Any) -> StaffTask:
    given_: dict[str, Any] = {
        "kind": TaskKind.BILLING_QUESTION.value,
        "priority": "routine",
        "state": "open",
        "summary": name,
    }
    made = StaffTask(id=name, action_id=name, created_at=ago(60), **(given_ | fields))
    made.due_at = ago(-due_in_min)
    if made.state != TaskState.OPEN and made.owner and made.started_at is None:
        made.started_at = ago(30)
    return made


def danger(name: str, **fields: Any) -> StaffTask:
    return task(name, 4, kind=TaskKind.NURSE_NOW.value, priority="stat", call_id="CA1", **fields)


def show(one: StaffTask, paging: Paging | None = None, me: str = "kim") -> cards.Card:
    return cards.card(one, me, NOW, ZONE, paging)


# --------------------------------------------------------------------------- one card


def test_there_is_always_an_owner() -> None:
    assert show(danger("d")).owner == "Nurse on duty"
    assert show(task("t")).owner == "Front desk on duty"
    assert show(task("t", state="claimed", owner="lee")).owner == "lee"
    assert show(task("t", state="claimed", owner="kim")).owner == "You"


@pytest.mark.parametrize(
    ("due_in_min", "clock", "left"),
    [
        (61, Spent.RUNNING, "61 min left"),
        (60, Spent.HALF, "60 min left"),
        (0.5, Spent.HALF, "less than a minute left"),
        (0, Spent.OVER, "less than a minute late"),
        (-300, Spent.OVER, "5 h late"),
        (-60 * 80, Spent.OVER, "3 days late"),
    ],
)
def test_a_task_tells_its_clock(due_in_min: float, clock: Spent, left: str) -> None:
    one = show(task("t", due_in_min))
    assert (one.clock, one.left) == (clock, left)


def test_a_task_that_was_handed_over_says_by_whom_until_it_is_begun() -> None:
    handed = task("t", state="claimed", owner="kim", handed_by="lee")
    handed.started_at = None
    assert (show(handed).handed_by, show(handed).state) == ("lee", "Not begun")
    handed.started_at = NOW
    assert (show(handed).handed_by, show(handed).state) == ("", "")


def test_what_waits_says_for_what() -> None:
    assert show(task("t", state="held", owner="kim", waits_for="the insurer")).state == "On hold: the insurer"
    asleep = task("t", state="snoozed", owner="kim", wake_at=ago(-30))
    assert show(asleep).state == "Put off until Mon Mar 9, 11:30"
    asleep.wake_at = ago(1)
    assert show(asleep).state == ""


def page(**fields: Any) -> Page:
    return Page(id="p1", call_id="CA1", action_id="a", at=ago(3), **fields)


def step(contact: str, minutes: float) -> PageStep:
    return PageStep(page_id="p1", number=1, contact=contact, channel="text", at=ago(minutes))


def test_a_danger_says_who_was_paged() -> None:
    waits = Paging((page(),), {})
    assert show(danger("d"), waits).paged == "Paging since 10:57, nobody reached yet"
    tried = Paging((page(),), {"p1": (step("Dr. Chen", 2), step("Nurse Rivera", 1))})
    said = "Paged Nurse Rivera (and 1 other) at 10:59, not acknowledged"
    assert show(danger("d"), tried).paged == said
    answered = page(state=PageState.ACKNOWLEDGED, acknowledged_by="Dr. Chen", acknowledged_at=ago(1))
    assert show(danger("d"), Paging((answered,), {})).paged == "Page acknowledged by Dr. Chen at 10:59"
    assert show(task("other", call_id="CA2"), tried).paged == ""


def test_a_danger_alarms_until_somebody_begins() -> None:
    assert show(danger("d")).is_alarm
    handed = danger("d", state="claimed", owner="lee", handed_by="kim")
    handed.started_at = None
    assert show(handed).is_alarm
    assert not show(danger("d", state="claimed", owner="lee")).is_alarm


# --------------------------------------------------------------------------- the parts


def names(tasks: list[StaffTask]) -> list[str]:
    return [one.id for one in tasks]


def test_danger_stands_first_then_overdue_then_unowned_each_by_due_time() -> None:
    tasks = [
        task("mine-soon", 10, state="claimed", owner="kim"),
        task("unowned-later", 50),
        task("unowned", 20),
        task("late", -5, state="claimed", owner="lee"),
        task("very-late", -500),
        danger("danger"),
    ]
    expected = ["danger", "very-late", "late", "unowned", "unowned-later", "mine-soon"]
    assert names(parted(tasks, Part.TO_DO, "kim", NOW)) == expected


def test_each_part_holds_what_its_name_says() -> None:
    tasks = (
        task("mine", state="claimed", owner="kim"),
        task("unowned"),
        task("urgent", priority="urgent", state="claimed", owner="lee"),
        task("held", state="held", owner="kim", waits_for="x"),
        task("asleep", state="snoozed", owner="lee", wake_at=ago(-5)),
        task("awake", state="snoozed", owner="lee", wake_at=ago(5)),
        task("held-late", -1, state="held", owner="lee", waits_for="x"),
        task("done", state="done", owner="kim", outcome="reached", done_at=ago(2)),
    )
    found = {part: set(names(parted(tasks, part, "kim", NOW))) for part in Part}
    assert found == {
        Part.TO_DO: {"mine", "unowned", "urgent", "awake", "held-late"},
        Part.MINE: {"mine", "held"},
        Part.UNOWNED: {"unowned"},
        Part.URGENT: {"urgent"},
        Part.WAITING: {"held", "asleep", "held-late"},
        Part.DONE: {"done"},
    }
    shown = inbox(Queue(tasks, Paging()), Part.MINE, "kim", NOW, ZONE)
    assert [(tab.title, tab.count) for tab in shown.tabs] == [
        ("To do", 5), ("Mine", 2), ("Unowned", 1), ("Urgent", 1), ("Waiting", 3), ("Done today", 1),
    ]  # fmt: skip
    assert [tab.is_shown for tab in shown.tabs] == [False, True, False, False, False, False]


STATES = st.sampled_from(sorted(TaskState))


@given(STATES, st.floats(-300, 300), st.floats(-300, 300), st.sampled_from(sorted(Priority)))
def test_no_open_task_is_ever_out_of_sight(
    state: TaskState, due: float, wake: float, priority: Priority
) -> None:
    owner = "" if state is TaskState.OPEN else "lee"
    one = task("t", due, state=state.value, owner=owner, priority=priority.value, wake_at=ago(-wake))
    parts = {part for part in Part if parted([one], part, "kim", NOW)}
    if state is TaskState.DONE:
        assert parts == {Part.DONE}
    else:
        assert parts & {Part.TO_DO, Part.WAITING}
        assert due > 0 or Part.TO_DO in parts


# --------------------------------------------------------------------------- one task, today


def test_an_urgent_task_offers_no_time_past_its_due_time() -> None:
    offered = [nap.words for nap in task_page.naps(task("t", 61, priority="urgent"), NOW, ZONE)]
    assert offered == ["in 30 min", "in 60 min"]
    routine = task_page.naps(task("t", 61), NOW, ZONE)
    assert routine[-1] == task_page.Nap("2026-03-10T08:00", "until tomorrow, 08:00")


def call(disposition: Disposition | None, flags: str = "") -> home.CallFact:
    ended, how = (ago(40), disposition.value) if disposition else (None, "")
    return home.CallFact("C", ago(50), ended, how, flags)


def test_the_figures_of_a_day_equal_those_counted_by_hand() -> None:
    calls = [
        call(Disposition.COMPLETED),
        call(Disposition.COMPLETED),
        call(Disposition.TRANSFERRED),
        call(Disposition.ESCALATED, "RF01"),
        call(None, "RF08"),
    ]
    found = home.figures(calls, [0.2, 0.9, 0.4], NOW - timedelta(minutes=7), NOW)
    assert [(figure.name, figure.value) for figure in found] == [
        ("Calls", "5"),
        ("Completed", "2 (50%)"),
        ("Put through", "1 (25%)"),
        ("Danger signs", "2"),
        ("Time to answer", "0.4 s"),
        ("Chart behind by", "7 min"),
    ]
    quiet = home.figures([], [], None, NOW)
    assert [figure.value for figure in quiet] == ["0", "0", "0", "0", "–", "nothing"]
