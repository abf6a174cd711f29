"""The double's REST side with a small server behind it, and the official client in front."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from twilio.rest import Client  # type: ignore[import-untyped]

from telephony.double import Answer, Exchange, Fate, Manner, RestSide, Staff
from telephony.rest import RebasedHttpClient
from tests.carrier.people import BUSY, DOCTOR, LANDLINE, NOBODY, NURSE, WRONG, Cued
from tests.telephony.pages import Pages
from tests.telephony.serving import account_nearby
from tests.telephony.signing import ACCOUNT, TOKEN


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def nurse() -> Cued:
    return Cued()


@pytest.fixture
def doctor() -> Cued:
    return Cued()


@pytest.fixture
def exchange(pages: Pages, nurse: Cued, doctor: Cued) -> Exchange:
    people = {
        NURSE: Staff(ringing_s=0.1, does=nurse.does),
        DOCTOR: Staff(ringing_s=0.1, does=doctor.does),
        BUSY: Staff(Answer.DECLINE),
        NOBODY: Staff(Answer.RING_OUT),
        WRONG: Staff(Answer.UNREACHABLE),
    }
    manner = Manner(people=people, longest_s=600.0)
    return Exchange(
        account_nearby(pages.app()),
        manner,
        fates={LANDLINE: Fate("undelivered", 30006), WRONG: Fate("failed", 30008)},
    )


@pytest.fixture
async def rest(exchange: Exchange) -> AsyncIterator[RestSide]:
    async with RestSide(exchange) as rest:
        yield rest


class Api:
    """The official client, which blocks, each request in a thread."""

    def __init__(self, url: str, token: str = TOKEN) -> None:
        self.http = RebasedHttpClient(url, 60.0)
        self.client = Client(ACCOUNT, token, http_client=self.http)

    async def ask(self, request: Callable[[Any], Any]) -> Any:
        return await asyncio.to_thread(request, self.client)

    async def create(self, resource: str, **fields: Any) -> Any:
        """A call or message: ``create("calls", to=...)``."""
        return await asyncio.to_thread(getattr(self.client, resource).create, **fields)


@pytest.fixture
def api(rest: RestSide) -> Iterator[Api]:
    api = Api(rest.url)
    yield api
    api.http.session.close()
