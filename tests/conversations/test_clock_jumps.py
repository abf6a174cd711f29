"""The machine's clock is set, by minutes or by more than a day, in the middle of a call: the call goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.tidying import ABANDONED_AFTER
from models import records
from models.domain import RefillAnswered, RequestRefill
from tests.conversations.conftest import MARIA, KeyboardCall, Line
from tests.conversations.staffed import answering_of

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


async def test_a_lost_call_is_closed_though_the_clock_went_back_since(line: Line) -> None:
    call, answering = await line.call(MARIA), answering_of(line)
    await call.says("i need a refill of my lisinopril")
    jump(line, -1)
    await answering.tidying.tidy()
    assert not (await stored(line, call)).ended, "by this clock it has not begun: it may still come back"
    jump(line, 1 + 2 * ABANDONED_AFTER / timedelta(hours=1))
    await answering.tidying.tidy()
    assert (await stored(line, call)).ended
