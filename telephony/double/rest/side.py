"""The carrier's REST side on a local port: what ``TWILIO_API_BASE`` may name in tests and trials.

Source: https://www.twilio.com/docs/iam/api (basic authentication by account SID and auth token).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import socket
from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from telephony.double.exchange import Exchange
from telephony.double.rest.answers import Refusal, not_found
from telephony.double.rest.calls import Calls
from telephony.double.rest.conferences import Conferences
from telephony.double.rest.messages import Messages
from telephony.double.rest.recordings import Recordings

Work = Callable[[Request], Awaitable[Any]]


class RestSide:
    """``async with RestSide(exchange) as rest``: serves at ``rest.url``."""

    def __init__(self, exchange: Exchange, port: int = 0) -> None:
        account = exchange.account
        self._exchange = exchange
        self._account_sid = account.account_sid
        pair = f"{account.account_sid}:{account.auth_token}"
        self._authorization = ("Basic " + base64.b64encode(pair.encode()).decode()).encode()
        self._port = port
        self.url = ""

    async def __aenter__(self) -> RestSide:
        listener = socket.create_server(("127.0.0.1", self._port))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(self._app(), log_config=None, lifespan="off", ws="none")
        self._server = _QuietServer(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        return self  # the socket listens already: who connects now waits a moment in its queue

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exchange.close()
        self._server.should_exit = True
        await self._serving

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        for method, path, status, work in self._routes():
            app.add_api_route(
                "/2010-04-01/Accounts/{account_sid}" + path,
                self._answering(work, status),
                methods=[method],
                response_model=None,
            )
        return app

    def _routes(self) -> list[tuple[str, str, int, Work]]:
        calls, messages = Calls(self._exchange), Messages(self._exchange)
        conferences, recordings = Conferences(self._exchange), Recordings(self._exchange, calls)
        people, one = "/Conferences/{conference_sid}/Participants", "/{call_sid}.json"
        tapes = "/Calls/{call_sid}/Recordings"
        return [
            ("POST", "/Calls.json", 201, calls.create),
            ("GET", "/Calls.json", 200, calls.listed),
            ("GET", "/Calls/{sid}.json", 200, calls.fetch),
            ("POST", "/Calls/{sid}.json", 200, calls.update),
            ("POST", f"{tapes}.json", 201, recordings.create),
            ("GET", f"{tapes}.json", 200, recordings.listed),
            ("GET", tapes + "/{sid}.json", 200, recordings.fetch),
            ("POST", tapes + "/{sid}.json", 200, recordings.update),
            ("GET", "/Recordings.json", 200, recordings.listed),
            ("GET", "/Recordings/{sid}.json", 200, recordings.fetch),
            ("GET", "/Recordings/{sid}.wav", 200, recordings.media),
            ("GET", "/Conferences.json", 200, conferences.listed),
            ("GET", "/Conferences/{conference_sid}.json", 200, conferences.fetch),
            ("POST", "/Conferences/{conference_sid}.json", 200, conferences.update),
            ("GET", f"{people}.json", 200, conferences.participants),
            ("POST", f"{people}.json", 201, conferences.call_in),
            ("GET", people + one, 200, conferences.participant),
            ("POST", people + one, 200, conferences.change),
            ("DELETE", people + one, 204, conferences.remove),
            ("POST", "/Messages.json", 201, messages.create),
            ("GET", "/Messages.json", 200, messages.listed),
            ("GET", "/Messages/{sid}.json", 200, messages.fetch),
        ]

    def _answering(self, work: Work, status: int) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                self._check(request)
                result = await work(request)
            except Refusal as refusal:
                return refusal.answer()
            if isinstance(result, Response):
                return result
            return JSONResponse(result, status) if result is not None else Response(status_code=status)

        return answer

    def _check(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, self._authorization):
            raise Refusal(401, 20003, "Authenticate")
        if request.path_params["account_sid"] != self._account_sid:
            raise not_found(request)


class _QuietServer(uvicorn.Server):
    """Runs inside another program: signals stay with that program."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
