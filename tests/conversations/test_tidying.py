"""Calls whose process died are closed by another one; a database that refuses stops nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from agent import tidying as module
from agent.answering import Answering
from models import records
from models.domain import Heard, HungUp, Transcript, VisitBooked
from models.errors import StorageError
from models.tables import StaffTask
from telephony.config import TelephonyConfig
from telephony.tokens import StreamTokens
from tests.conversations.conftest import STRANGER, Line, OwnClock


def answering_of(line: Line) -> Answering:
    async def burn(nonce: str) -> bool:
        return True

    services = line.services
    config = TelephonyConfig("https://phone.example", "AC1", "+16175550100", "token")
    return Answering(services, config, StreamTokens(b"secret", services.clock, burn))


async def test_a_call_that_went_quiet_is_closed_with_what_was_said(line: Line, own_clock: OwnClock) -> None:
    call = await line.call(STRANGER)
    await call.says("what are your opening hours")
    call_id = call.keyboard.conversation.call_id
    answering = answering_of(line)
    await answering.tidying.tidy()
    own_clock.passes(119)
    await answering.tidying.tidy()
    stored = await line.services.storage.read(lambda session: records.require_call(session, call_id))
    assert stored.ended is None, "it may still come back"
    own_clock.passes(1)
    await answering.tidying.tidy()
    stored = await line.services.storage.read(lambda session: records.require_call(session, call_id))
    assert stored.ended is not None
    assert stored.turns[1].caller_text == "what are your opening hours"


@pytest.mark.parametrize("siblings", [False, True])
async def test_what_was_left_before_the_start_is_closed_at_once_by_a_process_that_is_alone(
    line: Line, siblings: bool
) -> None:
    """Beside others it may be one of theirs, whose clock is not ours."""
    line.services.settings = replace(line.services.settings, siblings=siblings)
    call, clock = await line.call(STRANGER), line.services.clock
    await call.says("what are your opening hours")
    line.services.clock = lambda: clock() + timedelta(minutes=3)
    await answering_of(line).tidying.tidy()
    assert await _ended(line, call.keyboard.conversation.call_id) is not siblings


@pytest.mark.audio_time
async def test_a_database_that_refuses_does_not_end_the_tidying(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    async def paused(*_: object) -> Any:
        tries.append(1)
        raise StorageError("the database is paused")

    monkeypatch.setattr(module, "RECONCILE_EVERY_S", 0.01)
    monkeypatch.setattr(line.services.storage, "read", paused)
    tidying = asyncio.create_task(answering_of(line).tidying.reconcile())
    await asyncio.sleep(0.2)
    assert not tidying.done()
    assert len(tries) > 1
    tidying.cancel()


async def test_a_turn_on_its_way_to_the_database_is_not_missed_at_the_end(line: Line) -> None:
    """The stream is lost while the caller's yes is being stored; the carrier says at once that it is over."""
    call = await line.call("+16175550123")
    await call.all_of("i need an appointment", "my name is maria lopez", "march fifth nineteen eighty one")
    await call.all_of("a follow up visit", "next monday morning", "the first one")
    conversation = call.keyboard.conversation
    heard = Heard(await conversation.understand(Transcript("yes", 1.0)))
    storing = asyncio.create_task(conversation.step(heard))
    while conversation.turn_number < 7:
        await asyncio.sleep(0)
    storing.cancel()
    await answering_of(line).status(conversation.call_id, {"CallStatus": "completed"})
    stored = await line.services.storage.read(lambda s: records.require_call(s, conversation.call_id))
    assert stored.turns[-1].caller_text == "yes"
    assert any(isinstance(done.result, VisitBooked) for done in stored.done)


async def test_a_call_whose_process_died_at_the_goodbye_is_closed_and_not_answered_with_silence(
    line: Line,
) -> None:
    call = await line.call(STRANGER)
    await call.says("goodbye")
    conversation = call.keyboard.conversation
    await conversation.step(HungUp())
    assert "<Hangup" in await answering_of(line).resuming(conversation.call_id, {})
    stored = await line.services.storage.read(lambda s: records.require_call(s, conversation.call_id))
    assert stored.ended is not None


async def _ended(line: Line, call_id: str) -> bool:
    stored = await line.services.storage.read(lambda session: records.require_call(session, call_id))
    return stored.ended is not None


async def test_a_call_that_cannot_be_closed_stops_neither_the_process_nor_the_others(
    line: Line, own_clock: OwnClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [(await line.call(STRANGER)).keyboard.conversation.call_id for _ in range(2)]
    answering = answering_of(line)
    close = answering.tidying.close

    async def closes(call_id: str) -> None:
        if call_id == calls[0]:
            raise KeyError("of another release")
        await close(call_id)

    monkeypatch.setattr(answering.tidying, "close", closes)
    await answering.tidying.tidy()
    own_clock.passes(120)
    await answering.tidying.tidy()
    assert [await _ended(line, call_id) for call_id in calls] == [False, True]


async def test_a_siblings_live_call_is_not_closed_as_the_database_comes_back(
    line: Line, own_clock: OwnClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was away for minutes, and our tidying is the first to find it again."""
    line.services.settings = replace(line.services.settings, siblings=True)
    call, answering = await line.call(STRANGER), answering_of(line)

    async def sibling_stores() -> None:
        await call.says("what are your opening hours")

    monkeypatch.setattr(answering.tidying, "_siblings_store", sibling_stores)
    await answering.tidying.tidy()
    own_clock.passes(180)
    await answering.tidying.tidy()
    assert not await _ended(line, call.keyboard.conversation.call_id)
    assert "Monday" in call.heard[-1], "it was looked at twice"


async def test_staff_hear_of_a_gap_in_a_call_that_another_process_led_to_its_end(line: Line) -> None:
    call = await line.call(STRANGER)
    call_id = call.keyboard.conversation.call_id
    await call.hangs_up()
    line.services.missing.add(call_id)
    await answering_of(line).tidying.tidy()
    assert list(line.services.missing) == []
    tasks = await line.services.storage.read(lambda session: session.exec(select(StaffTask)).all())
    assert [task.action_id for task in tasks if task.call_id == call_id] == [f"{call_id}-gap"]
