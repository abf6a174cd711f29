"""Staff take a live call over or have it ended, on the console; judged at the carrier and in the database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from agent import picking_up
from agent.answering import Answering
from agent.call import Call
from agent.conversation import Conversation
from agent.live_calls import LiveCalls
from agent.web import console_ports
from console import add_pages, build_router
from models import call_orders, desk, records
from models.contact_tables import TransferState
from models.domain import StaffOrdered
from models.errors import NotFound
from models.tables import CallOrder, LedgerRow, StaffUser
from telephony.double import Answer, Ending, Staff
from tests.carrier.people import heard
from tests.console.browser import PASSWORD_HASH, Browser, browser
from tests.console.test_console import trail, words
from tests.conversations.conftest import STRANGER, Line
from tests.conversations.staffed import CALL, CHEN, FRONT, OURS, Staffed, staff, staffed, waits
from tests.conversations.test_line import PlayedLine, QuickMouth

PAGE = f"/calls/{CALL}/live"
AT_CHEN = {"order": "1", "contact": "Dr. Chen"}
SURE = {"order": "1", "sure": "yes"}


@pytest.fixture(autouse=True)
def short_conversations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second together is a conversation."""
    monkeypatch.setattr(picking_up, "TOGETHER_S", 0.5)


async def console_of(line: Line) -> FastAPI:
    services, app = line.services, FastAPI()
    for name in ("kim", "lee"):
        person = StaffUser(name=name, password_hash=PASSWORD_HASH, roles="nurse", created_at=services.clock())
        await services.storage.write(lambda session, row=person: session.add(row))  # type: ignore[misc]
    ports = console_ports(services)
    add_pages(app, build_router(services.storage, services.clock, ports=ports, second_factor=False))
    return app


@contextlib.asynccontextmanager
async def going_on(practice: Staffed, *steps: str, looking: bool = True) -> AsyncIterator[asyncio.Task[Any]]:
    """A caller is on the line with the agent; ``looking``: this process looks for orders."""
    practice.line.services.mouth = QuickMouth()  # type: ignore[assignment]
    watching = asyncio.create_task(practice.line.services.live.watch() if looking else asyncio.sleep(0))
    call = asyncio.create_task(practice.double.place_call(waits(*steps), call_sid=CALL))
    try:
        await until_said(practice, "How can I help?")
        yield call
    finally:
        watching.cancel()
        call.cancel()
        await asyncio.gather(call, watching, return_exceptions=True)


async def until_said(practice: Staffed, sentence: str) -> None:
    async with asyncio.timeout(30):
        while sentence not in await said(practice):
            await asyncio.sleep(0.02)


async def said(practice: Staffed) -> str:
    """All that the agent has said, as it is stored."""
    try:
        return " ".join(turn.agent_text for turn in (await practice.stored()).turns)
    except NotFound:
        return ""  # it has not arrived yet


async def order_states(practice: Staffed) -> list[tuple[str, str, str]]:
    orders: list[CallOrder] = await practice.read(lambda session: call_orders.orders_of(session, CALL))
    return [(order.who, order.kind, order.state) for order in orders]


async def both(app: FastAPI) -> tuple[Browser, Browser]:
    return browser(app, "kim"), browser(app, "lee")


# --------------------------------------------------------------------------- take over


async def test_who_takes_the_call_over_has_the_caller_on_their_telephone(line: Line) -> None:
    # A second between the key and the word: the caller has to be beside them by then.
    talks = staff("press:1", "wait:1", "say:nurse", "wait:2", "hangup")
    async with staffed(line, {CHEN: talks}, kind=Answering) as practice:
        app = await console_of(line)
        kim, lee = await both(app)
        async with going_on(practice) as call, kim, lee:
            assert "Dr. Chen (…0181)" in words((await kim.get(PAGE)).text)
            assert (await kim.post(f"{PAGE}/take-over", data=AT_CHEN)).status_code == 303
            assert (await kim.post(f"{PAGE}/take-over", data=AT_CHEN)).status_code == 303, "a second click"
            refused = await lee.post(f"{PAGE}/take-over", data={**AT_CHEN, "order": "2"})
            assert refused.status_code == 409
            assert "kim" in words(refused.text)
            result = await asyncio.wait_for(call, 30)
        await practice.settled()
        assert "nurse" in heard(result.agent_pcm)
        assert await practice.tried() == [("Dr. Chen", "left")]
        assert await order_states(practice) == [("kim", "take-over", "done")]
        text = await said(practice)
        assert "One of our staff would like to speak with you. I'm connecting you with our staff now." in text
        stored = await practice.stored()
        assert (stored.disposition, bool(stored.ended)) == ("transferred", True)
        assert "staff take the call over" in practice.heard_by(CHEN)
        deeds = [entry for entry in trail(line.services.storage) if entry[1].startswith("call ")]
        assert deeds == [("kim", "call take-over", f"call/{CALL}")]


async def test_nobody_picks_up_and_the_agent_has_the_caller_again(line: Line) -> None:
    async with staffed(line, {CHEN: Staff(Answer.DECLINE)}, kind=Answering) as practice:
        app = await console_of(line)
        async with going_on(practice), browser(app, "kim") as kim:
            await kim.post(f"{PAGE}/take-over", data=AT_CHEN)
            await until_said(practice, "I'm sorry, I couldn't reach our staff after all.")
            assert (await practice.transfer()).state == TransferState.NOBODY
            page = words((await kim.get(PAGE)).text)
            assert "nobody answered at Dr. Chen, and the agent has it again" in page
            again = {"order": "2", "contact": "front desk"}
            assert (await kim.post(f"{PAGE}/take-over", data=again)).status_code == 303
        assert practice.heard_by(FRONT) == ""
        assert await practice.read(lambda session: desk.tasks_of(session, CALL)) == []


async def test_only_the_practices_own_telephones_are_rung(line: Line) -> None:
    async with staffed(line, {}, kind=Answering) as practice:
        app = await console_of(line)
        async with going_on(practice), browser(app, "kim") as kim:
            for contact in ("+19005550123", "", "Nobody"):
                answer = await kim.post(f"{PAGE}/take-over", data={"order": "1", "contact": contact})
                assert answer.status_code == 400
        assert await order_states(practice) == []


# --------------------------------------------------------------------------- end kindly


async def test_the_agent_says_goodbye_and_the_call_ends_with_its_note(line: Line) -> None:
    async with staffed(line, {}, kind=Answering) as practice:
        app = await console_of(line)
        async with going_on(practice) as call, browser(app, "kim") as kim:
            unsure = await kim.post(f"{PAGE}/end", data={"order": "1"})
            assert unsure.status_code == 400
            for _click in range(2):
                assert (await kim.post(f"{PAGE}/end", data=SURE)).status_code == 303
            result = await asyncio.wait_for(call, 30)
            late = await kim.post(f"{PAGE}/end", data={**SURE, "order": "2"})
            assert (late.status_code, "This call has ended." in words(late.text)) == (409, True)
            assert "Ended by staff" in words((await kim.get(PAGE)).text)
        assert result.ended is Ending.AGENT_HUNG_UP
        assert "Our staff have asked me to end this call now." in await said(practice)
        stored = await practice.stored()
        assert (stored.disposition, bool(stored.ended)) == ("staff-ended", True)
        assert await order_states(practice) == [("kim", "end", "done")]
        mine = select(LedgerRow.state).where(col(LedgerRow.call_id) == CALL)
        kept = await practice.read(lambda session: session.exec(mine).all())
        assert kept == ["held"], "its note is kept until somebody knows whose it is"


async def test_a_call_in_danger_is_not_ended(line: Line) -> None:
    """Not while the sign has the call, and not before somebody has begun its task."""
    call = await line.call(STRANGER, call_id=CALL)
    await call.says("i have chest pain")
    app = await console_of(line)
    async with browser(app, "kim") as kim:
        page = words((await kim.get(PAGE)).text)
        assert "A danger sign is open on this call: it is not ended from here." in page
        assert "Have the agent say goodbye" not in page
        refused = await kim.post(f"{PAGE}/end", data=SURE)
        assert (refused.status_code, "it is not ended from here" in words(refused.text)) == (409, True)
        assert "Take over" in page
    assert await line.services.storage.read(lambda s: call_orders.orders_of(s, CALL)) == []


async def test_who_is_in_danger_hears_to_its_end_what_to_do_and_is_then_put_through(line: Line) -> None:
    """The line was lost, so the instructions are said again; staff press in the middle of them."""
    caller = await line.call(STRANGER, call_id=CALL)
    await caller.says("i have chest pain")
    app, services, media = await console_of(line), line.services, PlayedLine()
    services.mouth = QuickMouth()  # type: ignore[assignment]
    conversation = await Conversation.open(services, CALL, STRANGER)
    running = asyncio.create_task(Call(media, conversation, services).run(resumed=True))  # type: ignore[arg-type]
    async with asyncio.timeout(30):
        while not media.audio:
            await asyncio.sleep(0.01)
    async with browser(app, "kim") as kim:
        assert (await kim.post(f"{PAGE}/take-over", data=AT_CHEN_DEMO)).status_code == 303
    await services.live.look()
    await asyncio.wait_for(running, 60)
    assert "clear" not in [message["event"] for message in media.sent]
    turn = (await line.services.storage.read(lambda s: records.require_call(s, CALL))).turns[-1]
    assert turn.agent_text.endswith("I'm connecting you with our team now.")
    assert turn.heard_to == turn.agent_text


async def test_where_nothing_can_be_rung_staff_are_not_told_that_somebody_takes_the_call(line: Line) -> None:
    """As with a call from a browser: there is no line to put through."""
    await line.services.storage.write(
        lambda s: records.open_call(
            s,
            CALL,
            caller_number=STRANGER,
            called_number=OURS,
            line=records.TRY_LINE,
            at=line.services.clock(),
        )
    )
    app, services, media = await console_of(line), line.services, PlayedLine()
    services.mouth = QuickMouth()  # type: ignore[assignment]
    conversation = await Conversation.open(services, CALL, STRANGER)
    running = asyncio.create_task(Call(media, conversation, services).run(resumed=False))  # type: ignore[arg-type]
    async with browser(app, "kim") as kim:
        assert (await kim.post(f"{PAGE}/take-over", data=AT_CHEN_DEMO)).status_code == 303
        await services.live.look()
        async with asyncio.timeout(30):
            while "I couldn't reach our staff after all." not in await said_on(line):
                await asyncio.sleep(0.02)
        page = words((await kim.get(PAGE)).text)
    media.is_lost()
    await asyncio.wait_for(running, 60)
    assert "nobody answered at front desk, and the agent has it again" in page


async def said_on(line: Line) -> str:
    stored = await line.services.storage.read(lambda s: records.require_call(s, CALL))
    return " ".join(turn.agent_text for turn in stored.turns)


# --------------------------------------------------------------------------- processes that die


async def test_an_order_of_a_call_that_nobody_leads_is_not_answered_and_says_so(line: Line) -> None:
    await line.call(STRANGER, call_id=CALL)
    app, clock = await console_of(line), line.services.clock
    async with browser(app, "kim") as kim:
        assert (await kim.post(f"{PAGE}/take-over", data=AT_CHEN_DEMO)).status_code == 303
        assert "kim asks for the call…" in words((await kim.get(PAGE)).text)
        line.services.clock = lambda: clock() + call_orders.ANSWER_WITHIN * 1.1
    later = await console_of_again(line)
    async with browser(later, "lee") as lee:
        assert "kim asked for the call, and the call does not answer." in words((await lee.get(PAGE)).text)
        assert (await lee.post(f"{PAGE}/take-over", data={**AT_CHEN_DEMO, "order": "2"})).status_code == 303
    line.services.clock = lambda: clock() + call_orders.ANSWER_WITHIN * 6
    latest = await console_of_again(line)
    async with browser(latest, "lee") as lee:
        gone = await lee.post(f"{PAGE}/take-over", data={**AT_CHEN_DEMO, "order": "3"})
        assert (gone.status_code, "nobody can be reached on it" in words(gone.text)) == (409, True)


AT_CHEN_DEMO = {"order": "1", "contact": "front desk"}  # the only telephone where no orders are given


async def console_of_again(line: Line) -> FastAPI:
    """The console as another process has it."""
    services, app = line.services, FastAPI()
    ports = console_ports(services)
    add_pages(app, build_router(services.storage, services.clock, ports=ports, second_factor=False))
    return app


async def test_an_order_that_a_lost_line_left_behind_is_done_on_the_next(line: Line) -> None:
    """Nobody looked for it while the first stream was there; the caller is asked to wait for nothing."""
    async with staffed(line, {}, kind=Answering) as practice:
        app = await console_of(line)
        async with going_on(practice, "hears:1", "wait:1", "drop", "wait:60", looking=False) as call:
            async with browser(app, "kim") as kim:
                assert (await kim.post(f"{PAGE}/end", data=SURE)).status_code == 303
            await until_said(practice, "Sorry, we were cut off.")
            watching = asyncio.create_task(line.services.live.watch())
            result = await asyncio.wait_for(call, 30)
            watching.cancel()
        assert (result.ended, len(result.streams)) == (Ending.AGENT_HUNG_UP, 2)
        assert (await practice.stored()).disposition == "staff-ended"
        assert await order_states(practice) == [("kim", "end", "done")]


async def test_an_order_that_nobody_answered_in_time_is_not_done_later(line: Line) -> None:
    """Who gave it was told so, and may have done something else since; another can be given at once."""
    await line.call(STRANGER, call_id=CALL)
    app, clock, told = await console_of(line), line.services.clock, list[StaffOrdered]()
    async with browser(app, "kim") as kim:
        await kim.post(f"{PAGE}/end", data=SURE)
    line.services.clock = lambda: clock() + call_orders.ANSWER_WITHIN * 1.1
    late = LiveCalls(line.services.storage, line.services.clock)
    with late.led(CALL, told.append):
        await late.look()
    assert told == []
    async with browser(await console_of_again(line), "lee") as lee:
        page = words((await lee.get(PAGE)).text)
    assert "kim asked for a kind end, and the call does not answer." in page
    assert "kim has just asked" not in page
    assert "Have the agent say goodbye" in page


async def test_whichever_process_leads_the_call_finds_its_order(line: Line) -> None:
    """Taken by one, led by another; once handed over it is not handed over again, but to who comes after."""
    await line.call(STRANGER, call_id=CALL)
    app, told = await console_of(line), list[StaffOrdered]()
    async with browser(app, "kim") as kim:
        await kim.post(f"{PAGE}/take-over", data=AT_CHEN_DEMO)
    other = LiveCalls(line.services.storage, line.services.clock)
    await other.look()
    with other.led(CALL, told.append):
        await other.look()
        await other.look()
    assert [order.contact for order in told] == ["front desk"]
    after = LiveCalls(line.services.storage, line.services.clock)
    with after.led(CALL, told.append):
        await after.look()
    assert told[0] == told[1]
    await after.answer(told[1], obeyed=True)
    with after.led(CALL, told.append):
        await after.look()
    assert len(told) == 2


async def test_a_telephone_that_leads_back_to_us_is_not_offered(line: Line) -> None:
    """The front desk's number is forwarded to us: to ring it would be to ring ourselves."""
    async with staffed(line, {}, kind=Answering) as practice:
        at = line.services.clock()
        await line.services.storage.write(
            lambda s: records.open_call(
                s, CALL, caller_number=STRANGER, called_number=OURS, forwarded_from=FRONT, at=at
            )
        )
        app = await console_of(line)
        async with browser(app, "kim") as kim:
            page = words((await kim.get(PAGE)).text)
            refused = await kim.post(f"{PAGE}/take-over", data={"order": "1", "contact": "front desk"})
        assert "Dr. Chen (…0181)" in page
        assert "front desk (" not in page
        assert refused.status_code == 400
        assert await order_states(practice) == []
