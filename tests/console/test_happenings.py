"""The stream of open pages: told at once, replayed by number, and never what it is about."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from console.happenings import MOST_UNREAD, Happening, Happenings, count_alarms, tag
from models import records
from models.domain import OpenTask, PageStaff, Priority, TaskKind, TurnRecord
from models.events import append_event, last_sequence
from models.storage import Storage
from models.tables import StaffTask, TaskState
from models.task_rules import needs_somebody
from tests.console.sample import NOW

LIMIT_S = 5.0


async def yes() -> bool:
    return True


@pytest.fixture
def happenings(storage: Storage) -> Happenings:
    return Happenings(storage, every_s=0.01)


def add(session: Session) -> None:
    wish = OpenTask("new", TaskKind.COMPLAINT, Priority.ROUTINE, "Maria Lopez complains")
    records.add_task(session, wish, call_id="CA-live", at=NOW)


def add_page(session: Session) -> None:
    records.add_page(session, PageStaff("new", "Maria Lopez, chest pain"), call_id="CA-live", at=NOW)


async def told(stream: AsyncIterator[str]) -> tuple[int, list[str], int]:
    """The next happening: its number, the kinds of pages, how many dangers wait."""
    async with asyncio.timeout(LIMIT_S):
        async for text in stream:
            if text.startswith("id: "):
                fields = dict(line.split(": ", 1) for line in text.strip().splitlines())
                data = json.loads(fields["data"])
                return int(fields["id"]), data["kinds"], data["alarms"]
    raise AssertionError("the stream ended")


async def opened(happenings: Happenings, after: int | None = None) -> AsyncIterator[str]:
    stream = happenings.stream(after, yes)
    assert await anext(stream) == "retry: 2000\n\n"
    return stream  # its first happening says how things stand


async def listening(
    happenings: Happenings, storage: Storage, work: Callable[[Session], None], alarms: int = 1
) -> object:
    stream = await opened(happenings)
    assert (await told(stream))[1:] == ([], alarms)
    await storage.write(work)
    return (await told(stream))[1:]


async def test_an_open_page_is_told_of_a_task_and_of_a_page(happenings: Happenings, storage: Storage) -> None:
    assert await listening(happenings, storage, add) == (["queue"], 1)
    assert await listening(happenings, storage, add_page) == (["queue"], 2)


async def test_a_turn_of_a_live_call_is_told(happenings: Happenings, storage: Storage) -> None:
    def say(session: Session) -> None:
        turn = TurnRecord(2, NOW + timedelta(seconds=1), "hello", "Hello.", "greeting", "serving", 0.9)
        records.save_turn(session, "CA-live", turn, {})

    assert await listening(happenings, storage, say) == (["calls"], 1)


async def test_a_call_that_goes_on_is_named_to_its_own_page_by_a_tag(
    happenings: Happenings, storage: Storage
) -> None:
    """Whatever is stored of it: its reply grows, how much of it was heard, what was done."""
    stream = await opened(happenings)
    await told(stream)
    turn = TurnRecord(1, NOW - timedelta(minutes=1), "my bill", "Of course. One moment.")
    for work in (
        lambda s: records.save_turn(s, "CA-live", turn, {}),
        lambda s: records.mark_heard(s, "CA-live", 1, "Of course."),
    ):
        await storage.write(work)
        async with asyncio.timeout(LIMIT_S):
            text = await anext(stream)
        assert f'"calls": ["{tag("CA-live")}"]' in text


async def test_who_was_away_is_told_what_they_missed_by_its_number(
    happenings: Happenings, storage: Storage
) -> None:
    before = await storage.read(last_sequence)
    await storage.write(add)
    await storage.write(add_page)
    newest = await storage.read(last_sequence)
    assert await told(await opened(happenings, before)) == (newest, ["queue"], 2)
    await storage.write(lambda s: append_event(s, "call.continued", at=NOW))
    assert await told(await opened(happenings, newest)) == (newest + 1, ["calls"], 2)


async def test_nothing_that_is_told_says_whom_or_what(happenings: Happenings, storage: Storage) -> None:
    before = await storage.read(last_sequence)
    await storage.write(add_page)
    text = await anext(await opened(happenings, before))
    assert text.startswith("id: ")
    assert "Maria" not in text
    assert "CA-live" not in text


async def test_a_stream_ends_when_nobody_is_signed_in_any_longer(storage: Storage) -> None:
    happenings = Happenings(storage, every_s=0.01, still_there_s=0.02)
    answers = iter((True, False))

    async def signed_in() -> bool:
        return next(answers)

    async with asyncio.timeout(LIMIT_S):
        texts = [text async for text in happenings.stream(None, signed_in)]
    assert texts[0].startswith("retry: ")
    assert texts[1].startswith("id: ")
    assert len(texts) <= 3
    assert happenings.listeners == 0


def test_the_database_counts_what_the_rules_say_needs_somebody(storage: Storage) -> None:
    def every_kind(session: Session) -> None:
        for n, (priority, state, begun, warned) in enumerate(
            itertools.product(Priority, TaskState, (None, NOW), (None, NOW))
        ):
            row = StaffTask(
                id=f"t{n}",
                call_id=f"C{n}",
                action_id="a",
                kind="complaint",
                priority=priority,
                created_at=NOW,
            )
            row.state, row.started_at, row.warned_at = state, begun, warned
            session.add(row)

    before = storage.read_now(count_alarms)
    storage.write_now(every_kind)
    tasks = storage.read_now(lambda s: s.exec(select(StaffTask).where(StaffTask.kind == "complaint")).all())
    expected = sum(map(needs_somebody, tasks))
    assert expected == 4 + 4  # danger open or claimed and not begun; urgent or asap, open and warned of
    assert storage.read_now(count_alarms) == before + expected


async def test_streams_end_when_the_server_is_to_end(storage: Storage) -> None:
    stops: list[bool] = []
    happenings = Happenings(storage, every_s=0.01, stopping=lambda: bool(stops))
    stream = happenings.stream(None, yes)
    await told(stream)
    stops.append(True)
    async with asyncio.timeout(LIMIT_S):
        assert [text async for text in stream] == []


async def test_the_reader_rests_when_no_page_is_open(happenings: Happenings) -> None:
    stream = happenings.stream(None, yes)
    await told(stream)
    assert (happenings.listeners, happenings.is_reading) == (1, True)
    await stream.aclose()
    async with asyncio.timeout(LIMIT_S):
        while happenings.is_reading:
            await asyncio.sleep(0.005)
    assert happenings.listeners == 0


async def test_a_page_that_does_not_read_is_ended_instead_of_remembered_for_ever(
    happenings: Happenings, storage: Storage
) -> None:
    stream = await opened(happenings)
    await told(stream)
    for number in range(MOST_UNREAD + 1):
        happenings._tell(Happening(number, (), 0))
    async with asyncio.timeout(LIMIT_S):
        assert [text async for text in stream] == [], "it asks again, from the last number it read"
