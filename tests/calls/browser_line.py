"""The double as the console's page: it rings by the page's form, and comes to the page's socket."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from agent.in_process import InProcessPractice
from agent.web import private_app
from models import desk, records
from models.desk_tables import StaffTask
from models.tables import Call, StaffUser
from telephony.double import Caller, CallResult, Double, Manner, Step
from telephony.double.ways import InProcess, Socket
from tests.console.browser import HOST, PASSWORD_HASH, Browser, browser

HANG_UP = "<Response><Hangup/></Response>"


class ByBrowser:
    """A way for the double: its carrier's side is what the page does, its socket the page's own."""

    def __init__(self, app: FastAPI, staff: Browser, rung: Mapping[str, str]) -> None:
        self._way, self._staff, self._rung = InProcess(app), staff, rung

    def http(self, timeout: httpx.Timeout) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        stream = f'<Response><Connect><Stream url="{socket_address(self._rung)}"/></Connect></Response>'
        return httpx.Response(200, text=stream if request.url.path == "/twilio/voice" else HANG_UP)

    def socket(self, address: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[Socket]:
        return self._way.socket(address, headers_of(self._staff))


def socket_address(rung: Mapping[str, str]) -> str:
    return HOST.replace("https", "wss") + rung["socket"]


def headers_of(staff: Browser) -> dict[str, str]:
    """What a browser sends with the upgrade from a page of ours."""
    return {"cookie": "; ".join(f"{key}={value}" for key, value in staff.cookies.items()), "origin": HOST}


@dataclass
class BrowserLine:
    """A practice whose staff call it from their browser."""

    practice: InProcessPractice
    app: FastAPI

    async def ring(self, staff: Browser, number: str) -> dict[str, str]:
        answer = await staff.post("/try/calls", data={"number": number})
        assert answer.status_code == 200, answer.text
        rung: dict[str, str] = answer.json()
        return rung

    async def call(self, number: str, steps: tuple[Step, ...], name: str = "kim") -> CallResult:
        """One call, from the form to its end."""
        async with browser(self.app, name) as staff:
            rung = await self.ring(staff, number)
            double = Double(
                HOST, HOST, "no-token", "browser", number, way=ByBrowser(self.app, staff, rung),
                manner=Manner(unhurried=False),
            )  # fmt: skip
            return await double.place_call(Caller(steps), call_sid=rung["call_id"])

    async def row(self, call_id: str) -> Call:
        return await self.practice.services.storage.read(lambda session: session.get_one(Call, call_id))

    async def tasks(self, call_id: str) -> list[StaffTask]:
        return await self.practice.services.storage.read(lambda session: desk.tasks_of(session, call_id))

    async def stored(self, call_id: str) -> records.StoredCall:
        return await self.practice.services.storage.read(lambda s: records.require_call(s, call_id))


@contextlib.asynccontextmanager
async def browser_line(practice: InProcessPractice) -> AsyncIterator[BrowserLine]:
    people = {"kim": "front_desk", "lee": "nurse", "audrey": "auditor"}
    now: Any = practice.services.clock()
    rows = [
        StaffUser(name=n, password_hash=PASSWORD_HASH, roles=r, created_at=now) for n, r in people.items()
    ]
    await practice.services.storage.write(lambda session: session.add_all(rows))
    yield BrowserLine(practice, private_app(practice.services, practice.answering))
