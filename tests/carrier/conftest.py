"""The double's REST side with a small server behind it, and the official client in front."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from twilio.rest import Client  # type: ignore[import-untyped]

from telephony.double import Account, Answer, Exchange, Fate, Manner, RestSide, Staff
from telephony.rest import RebasedHttpClient
from tests.carrier.people import BUSY, DOCTOR, LANDLINE, NOBODY, NURSE, WRONG, person
from tests.telephony.pages import Pages
from tests.telephony.serving import served
from tests.telephony.signing import ACCOUNT, PUBLIC_URL, TOKEN


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
async def base(pages: Pages) -> AsyncIterator[str]:
    async with served(pages.app()) as url:
        yield url


@pytest.fixture
def exchange(base: str) -> Exchange:
    people = {
        NURSE: Staff(ringing_s=0.1, does=person("say:nurse", "wait:60")),
        DOCTOR: Staff(ringing_s=0.1, does=person("say:doctor", "wait:60")),
        BUSY: Staff(Answer.DECLINE),
        NOBODY: Staff(Answer.RING_OUT),
        WRONG: Staff(Answer.UNREACHABLE),
    }
    manner = Manner(people=people, longest_s=15.0)
    account = Account(base, PUBLIC_URL, ACCOUNT, TOKEN)
    return Exchange(
        account, manner, fates={LANDLINE: Fate("undelivered", 30006), WRONG: Fate("failed", 30008)}
    )


@pytest.fixture
async def rest(exchange: Exchange) -> AsyncIterator[RestSide]:
    async with RestSide(exchange) as rest:
        yield rest


class Api:
    """The official client, which blocks, each request in a thread."""

    def __init__(self, url: str, token: str = TOKEN) -> None:
        self.http = RebasedHttpClient(url, 8.0)
        self.client = Client(ACCOUNT, token, http_client=self.http)

    async def ask(self, request: Callable[[Any], Any]) -> Any:
        return await asyncio.to_thread(request, self.client)


@pytest.fixture
def api(rest: RestSide) -> Iterator[Api]:
    api = Api(rest.url)
    yield api
    api.http.session.close()
