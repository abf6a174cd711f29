"""Counts what the public listener refuses: by door and status, both from closed lists."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REFUSED = Counter(
    "firstring_requests_refused_total",
    "Requests answered with 400 or above, by door and status.",
    ["door", "status"],
)
DOORS: Final = frozenset(
    "voice resume status sms media wait staff key leg page text line sound healthz readyz".split()
)
FORBIDDEN: Final = 403  # what an upgrade gets that is closed before it is accepted


class CountRefused:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepted = False

        async def counted(message: Message) -> None:
            nonlocal accepted
            accepted = accepted or message["type"] == "websocket.accept"
            status = message.get("status", 0)
            if message["type"] == "websocket.close" and not accepted:
                status = FORBIDDEN
            if status >= 400:
                REFUSED.labels(door_of(scope["path"]), str(status)).inc()
            await send(message)

        await self._app(scope, receive, counted if scope["type"] in ("http", "websocket") else send)


def door_of(path: str) -> str:
    """Its name where we have such a door; whatever else a stranger writes is "other"."""
    parts = path.strip("/").split("/")
    name = parts[1] if parts[0] == "twilio" and len(parts) > 1 else parts[0]
    return name if name in DOORS else "other"
