"""A server on a free port, in the test's own event loop; and telephones that need no port."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import uvicorn
from fastapi import FastAPI

from telephony import twiml
from telephony.config import UNSERVED, TelephonyConfig
from telephony.doors import Door, build_doors
from telephony.double import Account, Double
from telephony.double.ways import InProcess
from telephony.handlers import CallHandlers
from telephony.webhooks import build_router
from tests.telephony.signing import ACCOUNT, CONFIG, PUBLIC_URL, TOKEN

NEARBY = "http://in-process"


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", ws="websockets-sansio", ws_max_size=65_536,
        ws_per_message_deflate=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


def app_of(handlers: CallHandlers, config: TelephonyConfig = CONFIG) -> FastAPI:
    app = FastAPI()
    app.include_router(build_router(config, handlers))
    app.include_router(build_doors(config, {UNSERVED.split("/")[2]: Door(_was_rung)}, {}))
    return app


async def _was_rung(name: str, form: Mapping[str, str]) -> str:
    return twiml.hang_up()


def account_nearby(app: FastAPI) -> Account:
    """An account whose server is the application in this process: no port, and the test's own clock."""
    return Account(NEARBY, PUBLIC_URL, ACCOUNT, TOKEN, InProcess(app))


def double_nearby(app: FastAPI, *, token: str = TOKEN, **more: Any) -> Double:
    """A telephone that calls the application in this process."""
    return Double(NEARBY, PUBLIC_URL, token, ACCOUNT, way=InProcess(app), **more)
