"""Orders about live calls, with Twilio's own client against the double's REST side."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from models.errors import ProtocolError
from telephony import twiml
from telephony.double import Ending, Exchange, RestSide
from telephony.rest import Carrier, CarrierError, CarrierTimeout
from tests.hanging import threads_hang
from tests.telephony.signing import ACCOUNT, CALL, TOKEN
from tests.telephony.standing import an_exchange, standing_call


@pytest.fixture
def exchange() -> Exchange:
    return an_exchange()


@pytest.fixture
async def rest(exchange: Exchange) -> AsyncIterator[RestSide]:
    async with RestSide(exchange) as rest:
        yield rest


@pytest.fixture
def carrier(rest: RestSide) -> Iterator[Carrier]:
    carrier = Carrier(ACCOUNT, TOKEN, api_base=rest.url, timeout_s=60.0)
    yield carrier
    carrier.close()


async def test_a_live_call_gets_new_twiml(exchange: Exchange, carrier: Carrier) -> None:
    call = await standing_call(exchange, CALL)
    assert await carrier.transfer(CALL, twiml.say_and_hang_up("One moment"))
    await exchange.settled()
    assert (call.result.said, call.result.ended) == (["One moment"], Ending.AGENT_HUNG_UP)
    assert not await carrier.transfer(CALL, twiml.hang_up())


async def test_a_live_call_is_hung_up(exchange: Exchange, carrier: Carrier) -> None:
    call = await standing_call(exchange, CALL)
    assert await carrier.hang_up(CALL)
    await exchange.settled()
    assert (call.result.ended, call.result.ended_detail) == (Ending.AGENT_HUNG_UP, "by order")


async def test_what_hangs_in_the_processs_other_threads_keeps_no_order_waiting(
    exchange: Exchange, carrier: Carrier
) -> None:
    await standing_call(exchange, CALL)
    async with threads_hang():
        assert await carrier.hang_up(CALL)


async def test_a_call_that_there_never_was_is_no_error(carrier: Carrier) -> None:
    assert not await carrier.transfer(CALL, twiml.hang_up())
    assert not await carrier.hang_up(CALL)


async def test_wrong_credentials_are_an_error_with_a_fix(rest: RestSide) -> None:
    carrier = Carrier(ACCOUNT, "wrong", api_base=rest.url)
    with pytest.raises(CarrierError, match="401, code 20003") as refusal:
        await carrier.hang_up(CALL)
    assert "TWILIO_AUTH_TOKEN" in refusal.value.fix
    carrier.close()


async def test_twiml_that_the_carrier_would_not_take_is_not_sent(carrier: Carrier) -> None:
    with pytest.raises(ProtocolError, match="4,000"):
        await carrier.transfer(CALL, "x" * 4_001)


async def test_a_carrier_that_cannot_be_reached() -> None:
    carrier = Carrier(ACCOUNT, TOKEN, api_base="http://127.0.0.1:9")
    with pytest.raises(CarrierError, match="could not be reached"):
        await carrier.hang_up(CALL)
    carrier.close()


async def test_a_carrier_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        carrier = Carrier(ACCOUNT, TOKEN, api_base=f"http://127.0.0.1:{mute.getsockname()[1]}", timeout_s=0.2)
        with pytest.raises((CarrierTimeout, CarrierError)):
            await carrier.hang_up(CALL)
        carrier.close()
