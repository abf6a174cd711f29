"""A caller who goes by what was said, and a carrier that asks again when an answer was lost."""

from __future__ import annotations

import asyncio

import pytest

from telephony.double import Caller, Ending, Manner, Step, StepKind, parse_steps
from telephony.double.carrier import Account
from telephony.double.errors import DoubleError
from telephony.double.webhooks import CarrierClient
from tests.telephony.agents import ToneAgent
from tests.telephony.serving import app_of, double_nearby
from tests.telephony.signing import ACCOUNT, PUBLIC_URL, TOKEN


@pytest.mark.audio_time
async def test_a_caller_is_asked_for_the_next_step_each_time_the_agent_has_finished() -> None:
    agent = ToneAgent()
    wanted = [Step(StepKind.PRESS, "1"), Step(StepKind.WAIT, "0.1"), Step(StepKind.PRESS, "9")]
    spoken: list[bool] = []

    async def attend() -> Step | None:
        spoken.append(bool(agent.streams))
        return wanted.pop(0) if wanted else None

    double = double_nearby(app_of(agent), manner=Manner(unhurried=False, longest_s=60.0))
    caller = Caller(parse_steps(["press:5"]), quiet_s=0.2, patience_s=1.5, attend=attend)
    result = await double.place_call(caller)
    assert agent.keys == "519"
    assert all(spoken), "not before the agent has been heard"
    assert result.ended is Ending.AGENT_HUNG_UP


async def dies_once(port_taken: asyncio.Future[int], asked: list[int]) -> None:
    """A server that is killed while it answers its first request, and is back for the second."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.append(len(asked))
        if len(asked) > 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\n<Response/>")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    port_taken.set_result(server.sockets[0].getsockname()[1])
    async with server:
        await server.serve_forever()


@pytest.mark.parametrize(("fragment", "answered"), [("#rc=3&rp=ct,rt", True), ("", False)])
async def test_a_lost_answer_is_asked_for_again_where_the_address_says_so(
    fragment: str, answered: bool
) -> None:
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    asked: list[int] = []
    serving = asyncio.create_task(dies_once(port, asked))
    client = CarrierClient(Account(f"http://127.0.0.1:{await port}", PUBLIC_URL, ACCOUNT, TOKEN))
    try:
        if answered:
            assert await client.post(f"{PUBLIC_URL}/twilio/resume{fragment}", {}) == "<Response/>"
        else:
            with pytest.raises(DoubleError, match="11200"):
                await client.post(f"{PUBLIC_URL}/twilio/resume", {})
    finally:
        serving.cancel()
    assert len(asked) == (2 if answered else 1)
