"""A task passes from hand to hand: two persons at once, stale forms, clocks, and what is written down."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from models import audit, desk, paging, records
from models.crypto import KeyRing
from models.domain import OpenTask, PageStaff, Priority, TaskKind
from models.errors import NotFound
from models.storage import Storage
from models.tables import AuditEntry, EventRow, StaffTask, TaskStep
from models.task_deeds import do_with_task, steps_of, wake_due
from models.task_rules import Deed, TaskChanged, TaskDeed, TaskRefused, fhir_status

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def add(session: Session, kind: TaskKind = TaskKind.BILLING_QUESTION, priority: Priority = Priority.ROUTINE,
        due: datetime | None = None) -> str:  # fmt: skip
    wish = OpenTask("a1", kind, priority, "Wants to know about a bill")
    return records.add_task(session, wish, call_id="CA1", at=NOW, due_at=due or later(240)).id


def danger(session: Session) -> str:
    return add(session, TaskKind.RED_FLAG_911, Priority.STAT, later(5))


class Desk:
    """One task, and what people do with it."""

    def __init__(self, storage: Storage, task_id: str) -> None:
        self.storage, self.task_id, self.at = storage, task_id, NOW

    def does(self, who: str, deed: Deed, version: int | None = None, **fields: object) -> StaffTask:
        order = TaskDeed(self.task_id, deed, who, self.at, version, **fields)  # type: ignore[arg-type]
        return self.storage.write_now(partial(do_with_task, order=order))

    @property
    def task(self) -> StaffTask:
        return self.storage.read_now(lambda s: s.get_one(StaffTask, self.task_id))

    @property
    def history(self) -> list[tuple[str, str, str, str]]:
        rows = self.storage.read_now(lambda s: steps_of(s, self.task_id))
        return [(row.who, row.deed, row.state, row.owner) for row in rows]


@pytest.fixture
def task(storage: Storage) -> Desk:
    return Desk(storage, storage.write_now(add))


@pytest.fixture
def alarm(storage: Storage) -> Desk:
    return Desk(storage, storage.write_now(danger))


# --------------------------------------------------------------------------- from hand to hand


def test_a_task_is_handed_over_begun_put_off_and_resolved(task: Desk) -> None:
    task.does("kim", Deed.CLAIM)
    handed = task.does("kim", Deed.HAND_OVER, to="lee")
    assert (handed.owner, handed.handed_by, fhir_status(handed)) == ("lee", "kim", "accepted")
    assert fhir_status(task.does("lee", Deed.START)) == "in-progress"
    held = task.does("lee", Deed.HOLD, words="the insurer calls back")
    assert (held.waits_for, fhir_status(held)) == ("the insurer calls back", "on-hold")
    assert task.does("lee", Deed.RESUME).waits_for is None
    ended = task.does("lee", Deed.RESOLVE, outcome="not-reached", words="three tries")
    assert (ended.state, ended.owner, fhir_status(ended)) == ("done", "lee", "failed")
    assert task.history == [
        ("kim", "claim", "claimed", "kim"),
        ("kim", "hand-over", "claimed", "lee"),
        ("lee", "start", "claimed", "lee"),
        ("lee", "hold", "held", "lee"),
        ("lee", "resume", "claimed", "lee"),
        ("lee", "resolve", "done", "lee"),
    ]


def test_every_deed_stands_in_the_trail_and_is_told_to_open_pages(task: Desk) -> None:
    task.does("kim", Deed.CLAIM)
    task.does("kim", Deed.COMMENT, words="called, engaged")
    read = task.storage.read_now
    entries = read(lambda s: s.exec(select(AuditEntry)).all())
    subject = f"task/{task.task_id}"
    assert [(e.actor, e.action, e.subject) for e in entries] == [
        ("kim", "task claim", subject),
        ("kim", "task comment", subject),
    ]
    assert read(audit.verify) is None
    events = read(lambda s: s.exec(select(EventRow).where(EventRow.kind == desk.QUEUE_EVENT)).all())
    assert [(e.payload or {})["deed"] for e in events] == ["open", "claim", "comment"]


def test_words_rest_encrypted_and_steps_are_never_changed(task: Desk) -> None:
    task.does("kim", Deed.COMMENT, words="Maria Lopez rang twice")
    engine = task.storage.engines.writing
    with engine.begin() as connection:
        raw = connection.execute(text("SELECT words FROM task_step")).scalar_one()
    assert b"Maria" not in bytes(raw)
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(text("UPDATE task_step SET who = 'nobody'"))


def test_a_comment_makes_nobodys_form_stale(task: Desk) -> None:
    task.does("kim", Deed.CLAIM)
    task.does("lee", Deed.COMMENT, version=0, words="she rang again")
    assert task.does("kim", Deed.RESOLVE, version=1, outcome="reached").state == "done"


def test_a_stale_form_is_refused_in_a_sentence(task: Desk) -> None:
    shown = task.task.version
    task.does("kim", Deed.CLAIM)
    task.does("kim", Deed.RELEASE)
    with pytest.raises(TaskChanged, match="has changed since you opened it: nobody has it"):
        task.does("lee", Deed.CLAIM, version=shown)
    assert task.task.owner == ""


@pytest.mark.parametrize(
    ("who", "deed", "fields", "sentence"),
    [
        ("lee", Deed.CLAIM, {}, "kim has it"),
        ("lee", Deed.RESOLVE, {"outcome": "reached"}, "Only its owner"),
        ("lee", Deed.HAND_OVER, {"to": "lee"}, "Only its owner"),
        ("kim", Deed.HAND_OVER, {}, "choose a colleague"),
        ("kim", Deed.HAND_OVER, {"to": "kim"}, "has it already"),
        ("kim", Deed.HOLD, {"words": "  "}, "what the task waits for"),
        ("kim", Deed.SNOOZE, {"until": NOW}, "still to come"),
        ("kim", Deed.SNOOZE, {"until": later(60 * 24 * 31)}, "30 days at most"),
        ("kim", Deed.RESOLVE, {"outcome": "sent"}, "how it ended"),
        ("kim", Deed.REOPEN, {"words": "x"}, "cannot be done now"),
        ("kim", Deed.WAKE, {}, "cannot be done now"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_trace(
    task: Desk, who: str, deed: Deed, fields: dict[str, object], sentence: str
) -> None:
    before = task.does("kim", Deed.CLAIM)
    with pytest.raises(TaskRefused, match=sentence):
        task.does(who, deed, **fields)  # type: ignore[arg-type]
    assert task.task.version == before.version
    assert len(task.history) == 1


def test_who_leads_the_desk_may_give_on_what_a_colleague_has(task: Desk) -> None:
    task.does("kim", Deed.CLAIM)
    with pytest.raises(TaskRefused):
        task.does("ann", Deed.RELEASE)
    assert task.does("ann", Deed.HAND_OVER, to="lee", lead=True).owner == "lee"
    with pytest.raises(TaskRefused):
        task.does("ann", Deed.RESOLVE, outcome="reached", lead=True)


def test_a_task_that_is_opened_again_has_as_much_time_as_at_first(task: Desk) -> None:
    task.does("kim", Deed.CLAIM)
    task.does("kim", Deed.RESOLVE, outcome="reached")
    task.at = later(6_000)
    with pytest.raises(TaskRefused, match="why it is opened again"):
        task.does("lee", Deed.REOPEN)
    again = task.does("lee", Deed.REOPEN, words="she rang again")
    assert (again.state, again.owner, again.outcome, again.due_at) == ("open", "", "", later(6_240))


def test_no_such_task(task: Desk) -> None:
    task.task_id = "none"
    with pytest.raises(NotFound):
        task.does("kim", Deed.CLAIM)


# --------------------------------------------------------------------------- two at once


@pytest.fixture
def processes(database_url: str, keyring: KeyRing) -> Iterator[list[Storage]]:
    """Several on one database, each with a writer of its own."""
    opened = [Storage.open(database_url, keyring) for _ in range(3)]
    yield opened
    for storage in opened:
        storage.close()


@pytest.mark.parametrize("deed", [Deed.CLAIM, Deed.HAND_OVER])
def test_of_many_at_once_one_has_it(processes: list[Storage], deed: Deed) -> None:
    task_id = processes[0].write_now(add)

    def one(n: int) -> str:
        order = TaskDeed(task_id, deed, f"p{n}", NOW, to=f"colleague of p{n}")
        try:
            return processes[n % 3].write_now(partial(do_with_task, order=order)).owner
        except TaskRefused:
            return ""

    with ThreadPoolExecutor(6) as pool:
        owners = [owner for owner in pool.map(one, range(6)) if owner]
    stands = processes[0].read_now(lambda s: s.get_one(StaffTask, task_id))
    assert owners == [stands.owner]
    assert stands.version == 1
    assert len(processes[0].read_now(lambda s: s.exec(select(TaskStep)).all())) == 1
    assert processes[0].read_now(audit.verify) is None


# --------------------------------------------------------------------------- clocks


def test_a_snoozed_task_wakes_by_itself_once_and_is_its_owners(
    processes: list[Storage],
) -> None:
    task = Desk(processes[0], processes[0].write_now(add))
    task.does("kim", Deed.CLAIM)
    task.does("kim", Deed.SNOOZE, until=later(30))
    assert processes[0].write_now(lambda s: wake_due(s, later(29))) == 0
    with ThreadPoolExecutor(3) as pool:
        woken = list(pool.map(lambda p: p.write_now(lambda s: wake_due(s, later(30))), processes))
    assert sum(woken) == 1
    assert (task.task.state, task.task.owner, task.task.wake_at) == ("claimed", "kim", None)
    assert task.history[-1] == ("Firstring", "wake", "claimed", "kim")


def test_an_urgent_task_is_not_put_off_past_its_due_time(storage: Storage) -> None:
    task_id = storage.write_now(lambda s: add(s, priority=Priority.URGENT, due=later(60)))
    task = Desk(storage, task_id)
    task.does("kim", Deed.CLAIM)
    with pytest.raises(TaskRefused, match="past its due time"):
        task.does("kim", Deed.SNOOZE, until=later(61))
    assert task.does("kim", Deed.SNOOZE, until=later(60)).wake_at == later(60)


def test_a_task_always_has_a_due_time(storage: Storage) -> None:
    wish = OpenTask("a9", TaskKind.COMPLAINT, Priority.ROUTINE, "x")
    made = storage.write_now(lambda s: records.add_task(s, wish, call_id="C", at=NOW))
    assert made.due_at == later(60 * 24)


# --------------------------------------------------------------------------- danger


def pages(desk_of: Desk) -> int:
    return len(desk_of.storage.read_now(desk.waiting_pages))


def test_who_takes_a_danger_has_answered_its_pages_and_who_lets_go_wakes_somebody(alarm: Desk) -> None:
    wish = PageStaff("a2", "chest pain", "RF01")
    alarm.storage.write_now(lambda s: records.add_page(s, wish, call_id="CA1", at=NOW))
    alarm.does("kim", Deed.CLAIM)
    assert pages(alarm) == 0
    alarm.does("kim", Deed.RELEASE)
    [waits] = alarm.storage.read_now(lambda s: paging.due_pages(s, NOW))
    assert waits.task_id == alarm.task_id


def test_a_danger_that_was_handed_over_and_not_begun_is_paged(alarm: Desk) -> None:
    alarm.does("kim", Deed.CLAIM)
    alarm.does("kim", Deed.HAND_OVER, to="lee")
    due = alarm.storage.read_now
    assert due(lambda s: paging.due_pages(s, later(1))) == []
    [waits] = due(lambda s: paging.due_pages(s, later(2)))
    assert not alarm.storage.write_now(lambda s: paging.task_taken(s, waits, at=later(2)))
    alarm.does("lee", Deed.START)
    assert pages(alarm) == 0


def test_of_dangers_that_come_from_no_call_each_has_its_own_page(storage: Storage) -> None:
    def work(session: Session) -> list[str]:
        wishes = [OpenTask(f"a{n}", TaskKind.NURSE_NOW, Priority.STAT, "x") for n in (1, 2)]
        made = [records.add_task(session, wish, call_id="", at=NOW, due_at=later(5)).id for wish in wishes]
        for task_id in made:
            page = PageStaff(f"p-{task_id}", "x")
            records.add_page(session, page, call_id="", at=NOW, task_id=task_id)
        return made

    first, second = storage.write_now(work)
    Desk(storage, first).does("kim", Deed.CLAIM)
    assert [page.task_id for page in storage.read_now(desk.waiting_pages)] == [second]


def test_a_danger_is_not_put_on_hold(alarm: Desk) -> None:
    alarm.does("kim", Deed.CLAIM)
    with pytest.raises(TaskRefused, match="cannot be put on hold"):
        alarm.does("kim", Deed.HOLD, words="later")
