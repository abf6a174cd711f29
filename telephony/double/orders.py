"""The carrier's REST side, as far as live calls are concerned: new TwiML, and hanging up.

Source: https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import parse_qs

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

TWIML_LIMIT = 4_000


@dataclass(frozen=True, slots=True)
class Order:
    """``twiml`` for the live call; ``""`` ends it."""

    twiml: str


class OrderDesk:
    """``async with OrderDesk(...) as desk``: serves at ``desk.url`` what ``TWILIO_API_BASE`` may name."""

    def __init__(self, account_sid: str, auth_token: str, port: int = 0) -> None:
        self._account_sid = account_sid
        self._authorization = "Basic " + base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._calls: dict[str, Callable[[Order], None]] = {}
        self._port = port
        self._server: _QuietServer | None = None
        self._serving: asyncio.Task[None] | None = None
        self.url = ""

    def register(self, call_sid: str, deliver: Callable[[Order], None]) -> None:
        self._calls[call_sid] = deliver

    def forget(self, call_sid: str) -> None:
        self._calls.pop(call_sid, None)

    async def __aenter__(self) -> OrderDesk:
        listener = socket.create_server(("127.0.0.1", self._port))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(self._app(), log_level="warning", lifespan="off", ws="none")
        self._server = _QuietServer(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        return self  # the socket listens already: who connects now waits a moment in its queue

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await self._serving

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        app.add_api_route(
            "/2010-04-01/Accounts/{account_sid}/Calls/{call_sid}.json",
            self._update,
            methods=["POST"],
            response_model=None,
        )
        return app

    async def _update(self, account_sid: str, call_sid: str, request: Request) -> JSONResponse:
        given = request.headers.get("authorization", "").encode()
        if account_sid != self._account_sid or not hmac.compare_digest(given, self._authorization.encode()):
            return _refusal(401, 20003, "Authenticate")
        deliver = self._calls.get(call_sid)
        if deliver is None:
            return _refusal(404, 20404, f"The requested resource /Calls/{call_sid}.json was not found")
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        return self._deliver(account_sid, call_sid, form, deliver)

    def _deliver(
        self, account_sid: str, call_sid: str, form: dict[str, list[str]], deliver: Callable[[Order], None]
    ) -> JSONResponse:
        twiml, status = form.get("Twiml", [""])[0], form.get("Status", [""])[0]
        if len(twiml) > TWIML_LIMIT:
            return _refusal(400, 21605, "Twiml is longer than 4000 characters")
        if not twiml and status not in ("completed", "canceled"):
            return _refusal(400, 21218, "Neither Twiml nor a Status that ends the call was given")
        deliver(Order(twiml))
        return JSONResponse(_call(account_sid, call_sid, "in-progress" if twiml else "completed"))


class _QuietServer(uvicorn.Server):
    """Runs inside another program: signals stay with that program."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _refusal(status: int, code: int, message: str) -> JSONResponse:
    info = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": info, "status": status}, status)


def _call(account_sid: str, call_sid: str, status: str) -> dict[str, object]:
    return {
        "sid": call_sid,
        "account_sid": account_sid,
        "status": status,
        "direction": "inbound",
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{account_sid}/Calls/{call_sid}.json",
    }
