"""What the page *Try it* needs of the rest: a telephone that the browser is the handset of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from starlette.websockets import WebSocket

from models.errors import FirstringError


class Busy(FirstringError):
    """No further call can be taken from a browser just now; the message is for who wanted it."""

    code = "try-busy"


@dataclass(frozen=True, slots=True)
class DemoCaller:
    """A fictional patient whom one may call as."""

    number: str  # E.164; "" where others call for them
    name: str
    born: date
    zip: str
    medicines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rung:
    """A call that waits for its browser. ``token`` opens its stream: once, within a minute, for the
    session that rang."""

    call_id: str
    token: str
    stream_sid: str


class Telephone(Protocol):
    @property
    def callers(self) -> tuple[DemoCaller, ...]: ...

    def ready(self) -> bool:
        """False: the models are still loading."""

    async def ring(self, number: str, session: str) -> Rung:
        """Raises `Busy`. ``number``: one of the callers', "" for a withheld one."""

    async def media(self, socket: WebSocket, call_id: str, token: str, session: str) -> None:
        """Serves the call's stream by the carrier's protocol until it ends; refuses it before it is
        accepted unless the token is this call's and this session's."""
