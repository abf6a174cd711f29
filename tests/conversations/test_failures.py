"""Parts fail; the caller is still served, and nothing is claimed that was not done."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any

import pytest
from sqlmodel import col, select

from agent import gaps
from agent.keeping import Keeper
from agent.missing import Missing
from agent.perform import Performer
from agent.services import Services
from models import records
from models.desk_tables import StaffTask
from models.domain import OpenTask, PageStaff, RequestRefill, TransferCall
from models.errors import BackendError, StorageError, WorkerError
from tests.conversations.conftest import MARIA, STRANGER, KeyboardCall, Line


def done(call: KeyboardCall, kind: type) -> list[object]:
    return [action for action, _ in call.keyboard.conversation.done if isinstance(action, kind)]


async def dead(*_: object, **__: object) -> Any:
    raise WorkerError("mind: died")


async def test_without_the_intent_model_danger_and_plain_wishes_are_still_heard(line: Line) -> None:
    line.services.mind = dead
    call = await line.call(STRANGER)
    assert "911" in await call.says("i have chest pain")
    assert done(call, PageStaff)
    other = await line.call(STRANGER)
    await other.says("i want to speak to a person")
    assert done(other, TransferCall)


async def test_a_pharmacy_that_fails_is_an_honest_sentence_and_a_task(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> Any:
        raise BackendError("the pharmacy is down")

    monkeypatch.setattr(line.services.backends.pharmacy, "request_refill", broken)
    call = await line.call(MARIA)
    await call.all_of("i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one")
    reply = await call.all_of("no", "main street pharmacy", "yes")
    assert done(call, RequestRefill)
    assert "sent this" not in reply
    assert done(call, OpenTask)


async def test_a_chart_that_cannot_be_read_does_not_end_the_call(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> Any:
        raise StorageError("the disk is gone")

    monkeypatch.setattr(line.services.backends.directory, "names_at", broken)
    monkeypatch.setattr(line.services.backends.directory, "view", broken)
    call = await line.call(MARIA)
    reply = await call.all_of(
        "i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one"
    )
    assert reply
    assert not done(call, RequestRefill)


async def test_a_database_that_refuses_turns_does_not_silence_the_agent(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await line.call(STRANGER)

    async def full(*_: object) -> Any:
        raise StorageError("the disk is full")

    monkeypatch.setattr(line.services.storage, "write", full)
    assert "Monday" in await call.says("what are your opening hours")
    assert "911" in await call.says("i have chest pain")


async def test_a_database_that_hangs_does_not_silence_the_agent_and_has_every_turn_afterwards(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, storage, back = await line.call(STRANGER), line.services.storage, asyncio.Event()

    async def hanging(work: Any, of: Any) -> Any:
        await back.wait()
        return await of(work)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "write", partial(hanging, of=storage.write))
        patch.setattr(storage, "read", partial(hanging, of=storage.read))
        assert "Monday" in await call.says("what are your opening hours")
        saying = asyncio.create_task(call.says("i have chest pain"))  # its page waits for the database
        while "911" not in _told(call):
            await asyncio.sleep(0.05)
        back.set()
        await saying
    record = await call.hangs_up()
    assert [turn.caller_text for turn in record.turns[1:]] == [
        "what are your opening hours",
        "i have chest pain",
    ]
    assert len(await storage.read(records.waiting_pages)) == 1


def _told(call: KeyboardCall) -> str:
    return str(call.keyboard.conversation._turn.agent_text)


async def test_turns_of_a_process_that_died_while_the_database_was_away_are_stored_by_the_next(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, services = await line.call(STRANGER), line.services

    async def away(*_: object) -> Any:
        raise StorageError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(services.storage, "write", away)
        await call.says("what are your opening hours")
    await services.keeper.close()  # as the system does for a process that dies
    sealed = b"".join(path.read_bytes() for path in services.settings.data_dir.glob("unstored/*/*.kept"))
    assert sealed
    assert b"opening hours" not in sealed
    following = Keeper(services.storage, services.settings.data_dir / "unstored", Missing())
    await following.take_up_left()
    call_id = call.keyboard.conversation.call_id
    stored = await services.storage.read(lambda session: records.require_call(session, call_id))
    assert stored.turns[-1].caller_text == "what are your opening hours"
    assert list(services.settings.data_dir.glob("unstored/*")) == []


async def test_what_a_dead_process_kept_is_not_stored_over_a_call_that_another_has_taken_on(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was said then is a task for staff, and stays in its file until it is one."""
    call, services = await line.call(STRANGER), line.services
    call_id = call.keyboard.conversation.call_id

    async def away(*_: object) -> Any:
        raise StorageError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(services.storage, "write", away)
        await call.says("what are your opening hours")
    await services.keeper.close()
    again = await line.call(STRANGER, call_id)
    await again.says("i have chest pain")
    await Keeper(services.storage, services.settings.data_dir / "unstored", services.missing).take_up_left()
    stored = await services.storage.read(lambda session: records.require_call(session, call_id))
    assert stored.turns[-1].caller_text == "i have chest pain"
    assert list(services.missing) == [call_id]
    assert list(services.settings.data_dir.glob("unstored/*/*.kept")), "another kill now loses it"
    await again.hangs_up()
    assert await _gap_tasks(services, call_id) == ["what are your opening hours"]
    await Keeper(services.storage, services.settings.data_dir / "unstored", services.missing).take_up_left()
    assert list(services.settings.data_dir.glob("unstored/*")) == []
    assert list(services.missing) == []


@pytest.mark.parametrize("says_it_again", [False, True])
async def test_a_danger_told_to_a_process_that_died_is_paged_once_though_another_took_the_call(
    line: Line, monkeypatch: pytest.MonkeyPatch, says_it_again: bool
) -> None:
    """It was answered while the database was away, and killed before anybody was paged."""
    call, services = await line.call(STRANGER), line.services
    call_id = call.keyboard.conversation.call_id

    async def away(*_: object) -> Any:
        raise StorageError("the database is away")

    async def killed(*_: object) -> Any:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(services.storage, "write", away)
        patch.setattr(Performer, "perform", killed)
        with pytest.raises(asyncio.CancelledError):
            await call.says("i have chest pain")
    await services.keeper.close()
    again = await line.call(STRANGER, call_id)
    if says_it_again:
        await again.says("i have chest pain")
    await again.hangs_up()
    assert len(await services.storage.read(records.waiting_pages)) == says_it_again
    await Keeper(services.storage, services.settings.data_dir / "unstored", services.missing).take_up_left()
    await gaps.tell(services, live=())
    pages = await services.storage.read(records.waiting_pages)
    assert [page.call_id for page in pages] == [call_id]
    assert await _gap_tasks(services, call_id) == ["i have chest pain"]


async def _gap_tasks(services: Services, call_id: str) -> list[str]:
    """What each quotes of the caller."""
    asked = select(StaffTask).where(StaffTask.call_id == call_id, col(StaffTask.action_id).contains("-gap"))
    tasks = await services.storage.read(lambda session: session.exec(asked).all())
    return [re.findall("“(.*?)”", task.summary)[0] for task in tasks]
