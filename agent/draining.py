"""A process that is to end, or has not begun, leaves what comes to the others; its own calls go on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from agent.machine_settings import MOVE_S

CARRIER = "/twilio/"
NEW_CALL = f"{CARRIER}voice"
TRY_AGAIN_S = "1"
LOOK_EVERY_S = 0.2
BETWEEN_S = 0.2


class LeaveToSiblings:
    """ASGI middleware: where ``takes`` says no to a path, the carrier gets 503 before anything is done.

    So the balancer may give every one of them to the next process, whatever its method.
    """

    def __init__(self, app: ASGIApp, *, takes: Callable[[str], bool]) -> None:
        self._app = app
        self._takes = takes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = scope["type"] in ("http", "websocket") and scope["path"].startswith(CARRIER)
        if not wanted or self._takes(scope["path"]):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(_unavailable())
        else:
            await _unavailable()(scope, receive, send)


def _unavailable() -> JSONResponse:
    return JSONResponse(
        {"status": "ask another process"}, status_code=503, headers={"Retry-After": TRY_AGAIN_S}
    )


class Standing:
    """How this process stands towards what comes: not ready yet, taking calls, or on its way out."""

    def __init__(self, siblings: bool, drain_s: float) -> None:
        self.siblings, self.drain_s = siblings, drain_s
        self.loaded = False  # the models
        self.draining = False

    @property
    def ready(self) -> bool:
        """Whether a call that comes is answered here."""
        return self.loaded and not self.draining

    def takes(self, path: str = NEW_CALL) -> bool:
        """Whether it is to be asked. Without siblings it is, and passes on what it cannot answer; on its way
        out it goes on with the calls that it has, for nobody else could.
        """
        if self.ready or not (self.draining or self.siblings):
            return True
        return not self.siblings and path != NEW_CALL

    @property
    def word(self) -> str:
        if self.draining:
            return "draining"
        return "ready" if self.takes() else "loading"

    async def drain(self, on_line: Callable[[], int]) -> None:
        """Nothing new is taken from now on. Returns once no call is here, or ``drain_s`` have passed."""
        self.draining = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.drain_s):
                while on_line():
                    await asyncio.sleep(LOOK_EVERY_S)


async def hand_over(moves: Sequence[Callable[[], None]], on_line: Callable[[], int]) -> None:
    """To the siblings, one call after the other: of a crowd that comes at once each waits for all.

    Each of ``moves`` asks a call to go at the next good moment. Returns once no call is here, and after
    `MOVE_S` at the latest.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(MOVE_S):
            for move in moves:
                move()
                await asyncio.sleep(min(BETWEEN_S, MOVE_S / 2 / len(moves)))
            while on_line():
                await asyncio.sleep(LOOK_EVERY_S)
