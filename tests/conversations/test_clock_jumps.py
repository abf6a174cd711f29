"""The machine's clock is set, by minutes or by more than a day, in the middle of a call: the call goes on.

So does the search for a person: what was to be done in a minute is done in a minute.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta

import pytest

from agent import tidying
from agent.clocks import Clocks
from agent.metrics import PAGES_UNANSWERED, TASKS_UNOWNED
from agent.paging import Paging
from agent.tidying import ABANDONED_AFTER
from models import desk, records
from models.domain import Priority, RefillAnswered, RequestRefill, TaskKind
from telephony.double import Answer, Staff
from tests.conversations.conftest import MARIA, KeyboardCall, Line, OwnClock
from tests.conversations.staffed import CHEN, answering_of, asks_for_a_person, staffed
from tests.conversations.test_paging import CHEN_THEN_RIVERA, page, step, steps, task, told

HOURS = [-26.0, -1.0, 0.25, 26.0]


def jump(line: Line, hours: float) -> None:
    clock = line.services.clock
    line.services.clock = lambda: clock() + timedelta(hours=hours)


async def stored(line: Line, call: KeyboardCall) -> records.StoredCall:
    call_id = call.keyboard.conversation.call_id
    return await line.services.storage.read(lambda session: records.require_call(session, call_id))


@pytest.mark.parametrize("hours", HOURS)
async def test_a_refill_goes_on_across_it_and_every_turn_is_stored_in_its_order(
    line: Line, hours: float
) -> None:
    call = await line.call(MARIA)
    await call.all_of("i need a refill of my lisinopril", "maria lopez")
    jump(line, hours)
    await call.all_of("march fifth nineteen eighty one", "no", "main street pharmacy", "yes")
    done = {type(action): result for action, result in call.keyboard.conversation.done}
    assert isinstance(done[RequestRefill], RefillAnswered)
    record = await call.hangs_up()
    assert [turn.caller_text for turn in record.turns][1:3] == [
        "i need a refill of my lisinopril",
        "maria lopez",
    ]
    assert record.ended is not None
    assert record.ended >= record.started, "FHIR R4 refuses a Period that ends before it begins (per-1)"


@pytest.mark.parametrize("hours", HOURS)
async def test_a_live_call_is_not_taken_for_an_abandoned_one(line: Line, hours: float) -> None:
    call, answering = await line.call(MARIA), answering_of(line)
    await call.says("i need a refill of my lisinopril")
    answering._live.add(call.keyboard.conversation.call_id)
    jump(line, hours)
    await answering.tidying.tidy()
    assert not (await stored(line, call)).ended
    assert "birth" in (await call.says("maria lopez")).lower()


@pytest.mark.parametrize("hours", HOURS)
async def test_a_live_call_of_another_machine_is_not_closed_by_one_whose_clock_is_not_its_own(
    line: Line, own_clock: OwnClock, hours: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.services.settings = replace(line.services.settings, siblings=True)
    monkeypatch.setattr(tidying, "SIBLINGS_STORE_S", 0.0)
    call, answering = await line.call(MARIA), answering_of(line)
    jump(line, hours)
    for said in ("i need a refill of my lisinopril", "maria lopez"):
        await answering.tidying.tidy()
        own_clock.passes(ABANDONED_AFTER.total_seconds() - 1)
        await answering.tidying.tidy()
        await call.says(said)
    assert not (await stored(line, call)).ended


async def test_nor_by_a_call_from_the_same_number_there(line: Line, own_clock: OwnClock) -> None:
    """A pharmacy has many telephones and one number."""
    call, answering = await line.call(MARIA), answering_of(line)
    await answering.tidying.tidy()
    await call.says("i need a refill of my lisinopril")
    own_clock.passes(20)
    jump(line, 0.1)
    await answering.tidying.close_lost(MARIA)
    assert not (await stored(line, call)).ended
    await answering.tidying.tidy()
    own_clock.passes(30)
    await answering.tidying.tidy()
    await answering.tidying.close_lost(MARIA)
    assert (await stored(line, call)).ended, "this one was lost"


@pytest.mark.parametrize("hours", HOURS)
async def test_a_lost_call_is_closed_in_time_whatever_the_clock_shows(
    line: Line, own_clock: OwnClock, hours: float
) -> None:
    call, answering = await line.call(MARIA), answering_of(line)
    await call.says("i need a refill of my lisinopril")
    await answering.tidying.tidy()
    jump(line, hours)
    await answering.tidying.tidy()
    assert not (await stored(line, call)).ended, "it may still come back"
    own_clock.passes(ABANDONED_AFTER.total_seconds())
    await answering.tidying.tidy()
    assert (await stored(line, call)).ended


# --------------------------------------------------------------------------- whoever is looked for


@pytest.mark.parametrize("hours", [-26.0, -1.0, -0.05])
async def test_a_page_takes_its_next_step_in_a_minute_though_the_clock_was_set_back(
    evening_line: Line, own_clock: OwnClock, hours: float
) -> None:
    async with staffed(evening_line, {}, on_call=CHEN_THEN_RIVERA) as practice:
        page_id = await page(practice)
        await step(practice)
        await step(practice)  # now the wait has begun
        jump(evening_line, hours)
        own_clock.passes(59)
        await step(practice)
        assert len(await steps(practice, page_id)) == 1, "a minute to answer"
        own_clock.passes(1)
        await step(practice)
        assert [channel for _, channel, _ in await steps(practice, page_id)] == ["text", "call"]


async def test_a_page_whose_step_a_clock_far_ahead_has_put_off_goes_on_after_a_restart(
    evening_line: Line, own_clock: OwnClock
) -> None:
    async with staffed(evening_line, {}, on_call=CHEN_THEN_RIVERA) as practice:
        page_id = await page(practice)
        await step(practice)
        jump(evening_line, -3)
        restarted = Paging(evening_line.services, practice.answering.config)
        await restarted.tick()
        assert len(await steps(practice, page_id)) == 1
        own_clock.passes(300)
        await restarted.tick()
        assert len(await steps(practice, page_id)) == 2


async def test_two_machines_whose_clocks_differ_page_nobody_more_often(
    evening_line: Line, own_clock: OwnClock
) -> None:
    rings = {CHEN: Staff(Answer.ANSWER, ringing_s=60.0)}
    async with staffed(evening_line, rings, on_call=CHEN_THEN_RIVERA) as practice:
        page_id, ahead = await page(practice), copy.copy(evening_line.services)
        clock = evening_line.services.clock
        ahead.clock = lambda: clock() + timedelta(hours=1)
        fast, slow = (Paging(each, practice.answering.config) for each in (ahead, evening_line.services))
        for steps_due in (1, 2, 3):
            for _ in range(5):
                await fast.tick()
                await slow.tick()
            assert len(await steps(practice, page_id)) == steps_due
            own_clock.passes(60)


@pytest.mark.parametrize("hours", [-26.0, -1.0, -0.05])
async def test_an_unanswered_page_raises_the_alarm_in_five_minutes_though_the_clock_was_set_back(
    evening_line: Line, own_clock: OwnClock, hours: float
) -> None:
    async with staffed(evening_line, {}, on_call=[]) as practice:
        await page(practice)
        await practice.answering.paging.tick()
        jump(evening_line, hours)
        own_clock.passes(299)
        await practice.answering.paging.tick()
        assert PAGES_UNANSWERED._value.get() == 0
        own_clock.passes(1)
        await practice.answering.paging.tick()
        assert PAGES_UNANSWERED._value.get() == 1


async def test_a_caller_on_hold_is_not_left_to_a_telephone_that_nobody_answers(
    evening_line: Line, own_clock: OwnClock
) -> None:
    """The report that it rang out is lost, and the clock is set back meanwhile."""
    async with staffed(evening_line, {}) as practice:
        await asks_for_a_person(evening_line, "I want to kill myself")
        reaching = practice.answering.reaching
        reaching.ringing.soon = lambda work: work.close()  # type: ignore[method-assign]
        await reaching.resumed(await practice.stored(), {})
        await reaching.ringing.claim((await practice.transfer()).id)
        await reaching.tick()
        jump(evening_line, -1)
        await reaching.tick()
        assert await practice.tried() == [("Dr. Chen", "ringing")]
        own_clock.passes(28)
        await reaching.tick()
        chen, rivera = await practice.tried()
        assert chen == ("Dr. Chen", "no-answer")
        assert rivera[0] == "Nurse Rivera", "who may have let it ring out by now, too"


async def test_a_nurse_task_of_a_clock_that_was_ahead_is_paged_at_once(evening_line: Line) -> None:
    """How long it has waited nobody knows."""
    async with staffed(evening_line, {}, on_call=CHEN_THEN_RIVERA) as practice:
        await task(practice, TaskKind.NURSE_NOW, Priority.STAT)
        await task(practice, TaskKind.REFILL_REVIEW, Priority.ROUTINE)
        jump(evening_line, -1)
        clocks = Clocks(evening_line.services)
        await clocks.tick()
        assert await told(practice) == ["task.over"]
        assert len(await practice.read(desk.waiting_pages)) == 1
        assert TASKS_UNOWNED._value.get() == 1
