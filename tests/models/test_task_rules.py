"""Whatever is done with a task, in any order: it stays in a legal state, with an owner and a due time."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from models import task_rules
from models.desk_tables import StaffTask, TaskState
from models.domain import Priority, TaskKind
from models.task_deeds import values_of
from models.task_rules import TRANSITIONS, Deed, TaskDeed, TaskRefused, allowed, check, fhir_status, outcomes

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
PEOPLE = ("kim", "lee", "ann")
KINDS = st.sampled_from(sorted(TaskKind))
STATUSES = {"requested", "accepted", "in-progress", "on-hold", "completed", "failed", "rejected", "cancelled"}


def task(kind: str, priority: Priority) -> StaffTask:
    made = StaffTask(id="t", action_id="a", kind=kind, priority=priority, created_at=NOW)
    made.due_at = NOW + timedelta(hours=4)
    return made


@st.composite
def orders(draw: st.DrawFn, kind: str) -> TaskDeed:
    codes = [one.code for one in outcomes(kind)]
    return TaskDeed(
        "t",
        draw(st.sampled_from(sorted(Deed))),
        draw(st.sampled_from((*PEOPLE, task_rules.SYSTEM))),
        NOW + timedelta(minutes=draw(st.integers(0, 600))),
        words=draw(st.sampled_from(("", "because"))),
        to=draw(st.sampled_from(("", *PEOPLE))),
        until=NOW + timedelta(minutes=draw(st.integers(0, 900))),
        outcome=draw(st.sampled_from(["", "no-such", *codes])),
        lead=draw(st.booleans()),
    )


@settings(max_examples=150, deadline=None)
@given(st.data(), KINDS, st.sampled_from(sorted(Priority)))
def test_any_order_of_deeds_leads_to_legal_states(data: st.DataObject, kind: str, priority: Priority) -> None:
    one = task(kind, priority)
    for order in data.draw(st.lists(orders(kind), max_size=12)):
        before = one.model_dump()
        with contextlib.suppress(TaskRefused):
            check(one, order)
            if order.deed is not Deed.COMMENT:
                for name, value in values_of(one, order).items():
                    setattr(one, name, value)
            _is_legal(one, order)
            continue
        assert one.model_dump() == before


def _is_legal(one: StaffTask, order: TaskDeed) -> None:
    state = TaskState(one.state)
    assert fhir_status(one) in STATUSES
    assert one.due_at is not None
    assert bool(one.owner) == (state in (TaskState.CLAIMED, TaskState.HELD, TaskState.SNOOZED)) or (
        state is TaskState.DONE
    )
    assert (one.wake_at is not None) == (state is TaskState.SNOOZED)
    assert (one.waits_for is not None) == (state is TaskState.HELD)
    assert bool(one.outcome) == (state is TaskState.DONE)
    if one.priority != Priority.ROUTINE and one.wake_at and order.deed is Deed.SNOOZE:
        assert one.wake_at <= one.due_at
    if one.priority == Priority.STAT:
        assert state is not TaskState.HELD


@given(KINDS, st.sampled_from(PEOPLE), st.booleans())
def test_what_is_offered_is_never_somebody_elses(kind: str, who: str, lead: bool) -> None:
    one = task(kind, Priority.ROUTINE)
    one.state, one.owner = TaskState.CLAIMED, "kim"
    offered = set(allowed(one, who, lead=lead))
    if who == "kim":
        assert {Deed.RESOLVE, Deed.HAND_OVER, Deed.SNOOZE, Deed.HOLD} <= offered
    else:
        assert offered == {Deed.COMMENT} | ({Deed.RELEASE, Deed.HAND_OVER} if lead else set())


def test_from_every_state_a_person_can_go_on() -> None:
    for state, ways in TRANSITIONS.items():
        assert set(ways) - {Deed.COMMENT, Deed.WAKE}, state


def test_every_kind_ends_in_a_short_list_and_is_somebodys_duty() -> None:
    for kind in TaskKind:
        codes = [one.code for one in outcomes(kind)]
        assert 2 <= len(codes) == len(set(codes)) <= 9
        assert all(one.status in STATUSES and len(one.code) <= 32 for one in outcomes(kind))
        assert task_rules.duty_role(kind)
