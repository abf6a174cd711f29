"""A caller waits, staff are rung one after the other, and who presses 1 has the call."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from agent import picking_up, ringing
from models import desk, records
from models.contact_tables import TransferState
from telephony.double import Answer, Ending, Staff
from telephony.rest import CallState, Carrier, CarrierTimeout
from tests.carrier.people import heard
from tests.conversations.conftest import Line, OwnClock
from tests.conversations.staffed import (
    BACK,
    CALL,
    CHEN,
    FRONT,
    OURS,
    PRESSES_1,
    RIVERA,
    answering_of,
    asks_for_a_person,
    staff,
    staffed,
    until,
    waits,
)


@pytest.fixture(autouse=True)
def short_conversations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second together is a conversation."""
    monkeypatch.setattr(picking_up, "TOGETHER_S", 0.5)


async def test_who_presses_1_has_the_caller_on_the_line(line: Line) -> None:
    desk_talks = staff("press:1", "wait:1", "say:nurse", "wait:3", "hangup")
    async with staffed(line, {FRONT: desk_talks}) as practice:
        await asks_for_a_person(line, "I want to talk to somebody about my bill from October")
        result = await practice.double.place_call(waits(), call_sid=CALL)
        await practice.settled()
        assert await practice.tried() == [("front desk", "left")]
        assert (await practice.transfer()).state == TransferState.JOINED
        assert "nurse" in heard(result.agent_pcm)
        told = practice.heard_by(FRONT)
        assert "Firstring call for Harbor Street Family Medicine" in told
        assert "about my bill from October" in told
        assert "Press 1 to take the call, 2 to pass." in told
        stored = await practice.stored()
        assert (stored.disposition, bool(stored.ended)) == ("transferred", True)
        events = await practice.read(lambda session: desk.tasks_of(session, CALL))
        assert events == [], "who talked to somebody is not called back as well"


async def test_passed_on_busy_a_machine_and_nobody_then_the_agent_again(evening_line: Line) -> None:
    """Everybody on call is tried, in order; then the caller is not left with a ringing tone."""
    people = {CHEN: staff("press:2", "wait:60"), RIVERA: Staff(Answer.DECLINE)}
    async with staffed(evening_line, people) as practice:
        await asks_for_a_person(evening_line, "I want to kill myself")
        result = await practice.double.place_call(waits(), call_sid=CALL)
        await practice.settled()
        assert await practice.tried() == [("Dr. Chen", "passed"), ("Nurse Rivera", "busy")]
        assert result.said[-1] == BACK
        assert (await practice.transfer()).state == TransferState.NOBODY


async def test_a_machine_hears_nothing_of_the_caller(evening_line: Line) -> None:
    people = {
        CHEN: staff("wait:60", answered_by="machine_start"),
        RIVERA: staff("press:1", "wait:3", "hangup"),
    }
    async with staffed(evening_line, people) as practice:
        await asks_for_a_person(evening_line, "I want to kill myself")
        await practice.double.place_call(waits(), call_sid=CALL)
        await practice.settled()
        assert await practice.tried() == [("Dr. Chen", "machine"), ("Nurse Rivera", "left")]
        assert practice.heard_by(CHEN) == ""
        assert "urgent, possible" in practice.heard_by(RIVERA)


async def test_no_name_is_told_before_the_key(line: Line) -> None:
    async with staffed(line, {FRONT: staff("press:1", "wait:3", "hangup")}) as practice:
        call = await line.call("+16175550123", call_id=CALL)
        await call.says("this is maria lopez i need a refill of lisinopril 20")
        await call.says("give me a person please")
        await practice.double.place_call(waits(), call_sid=CALL)
        await practice.settled()
        before, _, after = practice.heard_by(FRONT).partition("Press 1")
        assert "maria" not in before.lower()
        assert "lopez" not in before.lower()
        assert "20" not in before
        assert "maria lopez" in after.lower()


async def test_who_answers_and_presses_nothing_has_not_taken_the_call(evening_line: Line) -> None:
    people = {CHEN: staff("wait:0.2", "hangup"), RIVERA: staff(*PRESSES_1)}
    async with staffed(evening_line, people) as practice:
        await asks_for_a_person(evening_line, "I want to kill myself")
        await practice.double.place_call(waits("wait:6", "hangup"), call_sid=CALL)
        await practice.settled()
        assert [state for _, state in await practice.tried()] == ["no-answer", "left"]


async def test_a_caller_who_hangs_up_while_it_rings_is_called_back_and_nobody_rings_on(line: Line) -> None:
    async with staffed(line, {FRONT: Staff(Answer.ANSWER, ringing_s=30.0)}) as practice:
        await asks_for_a_person(line)
        result = await practice.double.place_call(waits("wait:3", "hangup"), call_sid=CALL)
        await practice.answering.status(CALL, {"CallStatus": "completed"})
        await practice.settled()
        assert result.ended is Ending.CALLER_HUNG_UP
        assert await practice.tried() == [("front desk", "called-off")]
        assert (await practice.transfer()).state == TransferState.OVER
        tasks = await practice.read(lambda session: desk.tasks_of(session, CALL))
        assert [task.kind for task in tasks] == ["same-day-callback"]
        assert (await practice.stored()).disposition != "transferred"


async def test_who_takes_the_call_and_hangs_up_before_the_caller_is_there_is_followed_by_the_next(
    evening_line: Line,
) -> None:
    people = {
        CHEN: staff("press:1", "hangup"),
        RIVERA: staff("press:1", "wait:1", "say:nurse", "wait:4", "hangup"),
    }
    async with staffed(evening_line, people) as practice:
        await asks_for_a_person(evening_line, "I want to kill myself")
        result = await practice.double.place_call(waits(), call_sid=CALL)
        await practice.settled()
        assert await practice.tried() == [("Dr. Chen", "left"), ("Nurse Rivera", "left")]
        assert "nurse" in heard(result.agent_pcm)


async def test_a_killed_process_leaves_nobody_waiting(evening_line: Line) -> None:
    """It dies after the person was chosen and before they were rung; another one goes on."""
    async with staffed(evening_line, {RIVERA: staff("press:1", "wait:3", "hangup")}) as practice:
        await asks_for_a_person(evening_line, "I want to kill myself")
        ringing = practice.answering.reaching.ringing
        ringing.soon = lambda work: work.close()  # type: ignore[method-assign]
        call = asyncio.create_task(practice.double.place_call(waits(), call_sid=CALL))
        await until(lambda: practice.exchange.calls)
        await asyncio.sleep(0.3)
        await ringing.claim((await practice.transfer()).id)
        another = answering_of(evening_line).reaching
        await another.tick()
        assert await practice.tried() == [("Dr. Chen", "ringing")], "it may still ring"
        practice.later(29)
        await another.tick()
        del ringing.soon
        await call
        await practice.settled()
        assert await practice.tried() == [("Dr. Chen", "no-answer"), ("Nurse Rivera", "left")]


async def test_without_the_carriers_orders_the_practice_is_dialled(line: Line) -> None:
    async with staffed(line, {FRONT: staff("say:nurse", "wait:1", "hangup")}) as practice:
        await asks_for_a_person(line)
        practice.rest._account_sid = "AC" + "9" * 32  # every order is refused
        result = await practice.double.place_call(waits("wait:20"), call_sid=CALL)
        await practice.settled()
        assert (await practice.transfer()).state == TransferState.DIALLED
        assert [leg.number for leg in result.legs] == [FRONT]
        assert "nurse" in heard(result.agent_pcm)


async def test_where_the_carrier_takes_orders_and_never_answers_the_practice_is_dialled_soon(
    line: Line,
) -> None:
    async with staffed(line, {FRONT: staff("say:nurse", "wait:1", "hangup")}) as practice:
        await asks_for_a_person(line)
        with socket.create_server(("127.0.0.1", 0)) as mute:
            practice.line.services.carrier = Carrier(
                "AC1", "token", api_base=f"http://127.0.0.1:{mute.getsockname()[1]}", timeout_s=0.3,
                own_number=OURS, may_call={FRONT},
            )  # fmt: skip
            result = await practice.double.place_call(waits("wait:60"), call_sid=CALL)
            await practice.settled()
        assert (await practice.transfer()).state == TransferState.DIALLED
        assert await practice.tried() == [("front desk", "failed")], "nobody else had to ring out first"
        assert [leg.number for leg in result.legs] == [FRONT]
        assert "nurse" in heard(result.agent_pcm)


class LosesAnswers(Carrier):
    """Every call is placed, and we do not hear that it was."""

    async def place_call(self, *args: Any, **more: Any) -> CallState:
        await super().place_call(*args, **more)
        raise CarrierTimeout("no answer")


async def test_an_order_whose_answer_was_lost_rings_and_is_let_ring(
    evening_line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing, "WORD_S", 0.5)
    async with staffed(evening_line, {CHEN: staff("wait:2", "press:1", "wait:3", "hangup")}) as practice:
        practice.line.services.carrier = LosesAnswers(
            practice.exchange.account.account_sid, practice.exchange.account.auth_token,
            api_base=practice.rest.url, own_number=OURS, may_call={CHEN},
        )  # fmt: skip
        await asks_for_a_person(evening_line, "I want to kill myself")
        await practice.double.place_call(waits(), call_sid=CALL)
        await practice.settled()
        assert await practice.tried() == [("Dr. Chen", "left")]
        assert (await practice.transfer()).state == TransferState.JOINED


async def test_a_caller_who_leaves_calls_off_also_a_telephone_whose_order_was_not_answered(
    line: Line,
) -> None:
    async with staffed(line, {FRONT: Staff(Answer.ANSWER, ringing_s=60.0)}) as practice:
        practice.line.services.carrier = LosesAnswers(
            practice.exchange.account.account_sid, practice.exchange.account.auth_token,
            api_base=practice.rest.url, own_number=OURS, may_call={FRONT},
        )  # fmt: skip
        await asks_for_a_person(line)
        await practice.double.place_call(waits("wait:3", "hangup"), call_sid=CALL)
        await practice.answering.status(CALL, {"CallStatus": "completed"})
        await practice.settled()
        assert await practice.tried() == [("front desk", "called-off")]
        [rung] = [call for call in practice.exchange.calls.values() if call.leg.to_number == FRONT]
        assert rung.result.status == "canceled"


async def test_a_call_that_was_forwarded_to_us_is_not_sent_back_in_a_circle(line: Line) -> None:
    async with staffed(line, {FRONT: staff(*PRESSES_1)}) as practice:
        await line.services.storage.write(
            lambda session: records.open_call(
                session, CALL, caller_number="+16175550136", called_number="+16175550100",
                forwarded_from=FRONT, at=line.services.clock(), owner="t",
            )
        )  # fmt: skip
        await asks_for_a_person(line)
        result = await practice.double.place_call(waits(), call_sid=CALL)
        assert result.said == [BACK]
        assert practice.heard_by(FRONT) == ""


async def test_a_page_of_the_call_is_answered_by_who_takes_it(evening_line: Line) -> None:
    async with staffed(evening_line, {CHEN: staff("press:1", "wait:3", "hangup")}) as practice:
        await asks_for_a_person(evening_line, "I want to kill myself")
        assert len(await practice.read(desk.waiting_pages)) == 1
        await practice.double.place_call(waits(), call_sid=CALL)
        await practice.settled()
        assert await practice.read(desk.waiting_pages) == []


async def test_a_caller_on_hold_is_quiet_and_not_lost(line: Line, own_clock: OwnClock) -> None:
    """Neither the tidying nor another call from the same house ends their call."""
    async with staffed(line, {FRONT: Staff(Answer.ANSWER, ringing_s=30.0)}) as practice:
        await asks_for_a_person(line)
        call = asyncio.create_task(practice.double.place_call(waits("wait:60", "hangup"), call_sid=CALL))
        await until(lambda: len(practice.exchange.calls) > 1)
        for _ in range(2):
            await practice.answering.tidying.tidy()
            practice.later(62)
            own_clock.passes(125)
        await practice.answering.tidying.tidy()
        assert (await practice.stored()).ended is None
        practice.later(600)
        await practice.answering.tidying.tidy()
        assert (await practice.stored()).ended is not None, "not for ever"
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
