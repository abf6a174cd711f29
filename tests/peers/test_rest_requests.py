"""Our REST requests, and the double's answers, against Twilio's own description of its API."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from telephony.double import OrderDesk
from telephony.rest import Carrier, RebasedHttpClient
from tests.peers.rest_rows import ALLOWED, ORDERS, REFUSED, Order, Request
from tests.telephony.signing import ACCOUNT, CALL, TOKEN


class RememberingHttpClient(RebasedHttpClient):
    """Keeps the last answer's text: the SDK's exception drops the validator's reasons."""

    last = ""

    def request(self, *args: Any, **kwargs: Any) -> Response:
        answer = super().request(*args, **kwargs)
        self.last = answer.text
        return answer


@pytest.fixture(scope="module")
def http(mock_url: str) -> Iterator[RememberingHttpClient]:
    client = RememberingHttpClient(mock_url, 30.0)
    yield client
    client.session.close()


@pytest.fixture(scope="module")
def twilio(http: RememberingHttpClient) -> Client:
    return Client(ACCOUNT, TOKEN, http_client=http)


def by_method(order: Order) -> str:
    return order.method


@pytest.fixture
async def carrier_at() -> AsyncIterator[Callable[[str], Carrier]]:
    made: list[Carrier] = []

    def make(url: str) -> Carrier:
        made.append(Carrier(ACCOUNT, TOKEN, api_base=url, timeout_s=30.0))
        return made[-1]

    yield make
    for carrier in made:
        carrier.close()


def test_every_order_to_the_carrier_has_a_row() -> None:
    methods = {name for name, _ in inspect.getmembers(Carrier, inspect.iscoroutinefunction)}
    assert {order.method for order in ORDERS} == {name for name in methods if not name.startswith("_")}


@pytest.mark.parametrize("order", ORDERS, ids=by_method)
async def test_twilio_would_take_each_order(
    mock_url: str, carrier_at: Callable[[str], Carrier], order: Order
) -> None:
    assert await getattr(carrier_at(mock_url), order.method)(*order.arguments, **order.named)


@pytest.mark.parametrize("order", ORDERS, ids=by_method)
async def test_the_double_answers_each_order_as_twilio_would(
    watched_url: str, desk: OrderDesk, carrier_at: Callable[[str], Carrier], order: Order
) -> None:
    desk.register(CALL, lambda order: None)
    assert await getattr(carrier_at(watched_url), order.method)(*order.arguments, **order.named)


@pytest.mark.parametrize("request_of", ALLOWED.values(), ids=ALLOWED.keys())
def test_requests_that_the_description_allows(twilio: Client, request_of: Request) -> None:
    request_of(twilio)  # a refusal is an exception


@pytest.mark.parametrize(("words", "request_of"), REFUSED.values(), ids=REFUSED.keys())
def test_requests_that_the_description_refuses(
    twilio: Client, http: RememberingHttpClient, words: str, request_of: Request
) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        request_of(twilio)
    assert refusal.value.status == 422
    assert words in complaints(http.last)


def complaints(text: str) -> str:
    """Where the validator found fault, and what it says there."""
    return " ".join(f"{fault['location']} {fault['message']}" for fault in json.loads(text)["validation"])


async def test_an_answer_that_twilio_would_not_give_is_found_out(watched_url: str, desk_port: int) -> None:
    """The proof that the watch over the double sees anything."""
    address = f"{watched_url}/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json"
    async with (
        await asyncio.start_server(_answer_nonsense, "127.0.0.1", desk_port),
        httpx.AsyncClient(auth=(ACCOUNT, TOKEN), trust_env=False) as client,
    ):
        answer = await client.post(address, data={"Status": "completed"})
    assert "Response body property sid must match pattern" in complaints(answer.text)
    assert "Response body property status must be equal to one of" in complaints(answer.text)


async def _answer_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = b'{"sid": "CA1", "status": "asleep"}'
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    writer.write(head.encode() + b"\r\nConnection: close\r\n\r\n" + body)
    await writer.drain()
    writer.close()
