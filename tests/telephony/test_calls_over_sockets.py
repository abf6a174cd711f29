"""Whole calls on real sockets, in real time: nothing here depends on how long anything takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from telephony import twiml
from telephony.double import (
    Account,
    Caller,
    CallResult,
    Double,
    Ending,
    Exchange,
    Kind,
    Manner,
    RestSide,
    parse_steps,
)
from telephony.media_stream import StreamEnd
from telephony.rest import Carrier
from tests.telephony.agents import ToneAgent
from tests.telephony.serving import app_of, served
from tests.telephony.signing import ACCOUNT, PUBLIC_URL, TOKEN


@pytest.fixture
def agent() -> ToneAgent:
    return ToneAgent()


@pytest.fixture
async def base(agent: ToneAgent) -> AsyncIterator[str]:
    async with served(app_of(agent)) as url:
        yield url


async def ring(base: str, *steps: str, exchange: Exchange | None = None, fallback: str = "") -> CallResult:
    manner = Manner(unhurried=False, longest_s=120.0, fallback=fallback)
    double = Double(base, PUBLIC_URL, TOKEN, ACCOUNT, manner=manner, exchange=exchange)
    return await double.place_call(Caller(parse_steps(steps), quiet_s=0.2, patience_s=60.0))


async def test_calls_at_the_same_time_do_not_touch_each_other(base: str) -> None:
    results = await asyncio.gather(*[ring(base, "press:9") for _ in range(5)])
    assert len({result.call_sid for result in results}) == 5
    assert all(len(result.marks) == 1 and not result.warnings for result in results)


async def test_a_socket_that_breaks_is_told_from_one_that_is_closed(base: str, agent: ToneAgent) -> None:
    result = await ring(base, "hears:1", "drop", "press:9")
    assert [stream.ended_by for stream in result.streams] == ["dropped", "server closed (1000)"]
    assert [stream.ended for stream in agent.streams] == [StreamEnd.LOST, StreamEnd.CLOSED]
    assert (result.ended, agent.keys) == (Ending.AGENT_HUNG_UP, "9")


async def test_a_live_call_is_moved_by_order(base: str, agent: ToneAgent) -> None:
    exchange = Exchange(Account(base, PUBLIC_URL, ACCOUNT, TOKEN))
    async with RestSide(exchange) as rest:
        result = await moved_by_order(base, agent, exchange, rest.url)
    assert (result.ended, result.ended_detail) == (Ending.DIALLED, "+15555550177")
    assert result.said == ["One moment."]
    assert agent.streams[0].ended is StreamEnd.STOPPED


async def moved_by_order(base: str, agent: ToneAgent, exchange: Exchange, api_base: str) -> CallResult:
    carrier = Carrier(ACCOUNT, TOKEN, api_base=api_base, timeout_s=60.0)
    call = asyncio.create_task(ring(base, "wait:60", exchange=exchange))
    await agent.streaming.wait()
    call_sid = agent.streams[0].started.call_sid
    assert await carrier.transfer(call_sid, twiml.dial_practice("+15555550177", "One moment."))
    result = await call
    assert not await carrier.transfer(call_sid, twiml.hang_up())
    carrier.close()
    return result


async def test_a_server_that_is_not_there() -> None:
    result = await ring("http://127.0.0.1:9", "wait:60")
    assert result.ended is Ending.ERROR
    assert "ConnectError" in result.ended_detail


async def test_a_number_that_cannot_be_served_falls_back_to_a_document() -> None:
    fallback = "<Response><Say>One moment</Say><Dial>+15555550301</Dial></Response>"
    result = await ring("http://127.0.0.1:9", "wait:60", fallback=fallback)
    assert (result.said, result.dialled) == (["One moment"], ["+15555550301"])
    assert (result.ended, result.ended_detail) == (Ending.DIALLED, "+15555550301")
    assert [event.detail for event in result.events if event.kind is Kind.FALLBACK] == [{"error": "11205"}]
