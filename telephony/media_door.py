"""The way in for a media stream, whoever brings it: the carrier, or a browser that speaks like one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import WebSocket

from models.errors import FirstringError
from telephony.config import TelephonyConfig
from telephony.events import StreamStarted
from telephony.handlers import CallHandlers
from telephony.media_stream import GOING_AWAY, POLICY, MediaStream

log = structlog.get_logger("telephony")

LATE = "late"  # the log's word for what did not answer in its time: the database, most often

Begin = Callable[[StreamStarted], Awaitable[None]]
Admit = Callable[[WebSocket], Awaitable[Begin]]


class MediaDoor:
    """Refuses a socket before it is accepted, or serves its stream until it ends."""

    def __init__(self, config: TelephonyConfig, handlers: CallHandlers) -> None:
        self._config = config
        self._handlers = handlers

    async def enter(self, socket: WebSocket, admit: Admit) -> None:
        """``admit`` looks at the upgrade; what it returns, at the start message. Both raise to refuse."""
        begin = await self._admitted(socket, admit)
        if begin is None:
            await socket.close(POLICY)  # before accept: HTTP 403
            return
        await socket.accept()
        stream = MediaStream(socket, self._config)
        if await self._begun(stream, begin):
            await self._serve(stream)

    async def _admitted(self, socket: WebSocket, admit: Admit) -> Begin | None:
        try:
            begin = await admit(socket)
        except FirstringError as refusal:
            log.warning("stream refused", code=refusal.code)
            return None
        return begin if self._handlers.ready() else None

    async def _begun(self, stream: MediaStream, begin: Begin) -> bool:
        try:
            await begin(await stream.open())
        except Exception as failure:  # also a database that cannot burn: the carrier then asks /resume
            log.warning("stream not begun", **named(failure))
            await stream.close(POLICY)
            return False
        return True

    async def _serve(self, stream: MediaStream) -> None:
        try:
            await self._handlers.stream(stream)
        except Exception as failure:
            log.error("stream handler failed", call_sid=stream.started.call_sid, **named(failure))
            await stream.close(GOING_AWAY)
        finally:
            await stream.close()


def named(failure: Exception) -> Mapping[str, str]:
    """What may be logged of a failure: its kind, never its text, which may hold personal data."""
    other = LATE if isinstance(failure, TimeoutError) else "unexpected"
    code = failure.code if isinstance(failure, FirstringError) else other
    return {"code": code, "kind": type(failure).__name__}
