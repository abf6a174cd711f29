"""Calls that another process leads: the carrier tells any of us that they are over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agent.logs import log
from agent.owners import lives_elsewhere
from agent.services import Services
from models import records
from models.errors import FirstringError

LEAVE_TO_IT_S = 12.0  # a process has last words understood and answered in less


class Elsewhere:
    """``close(call_id)`` ends a call's record; whoever led it may write nothing more of it."""

    def __init__(self, services: Services, close: Callable[[str], Awaitable[None]]) -> None:
        self._services, self._close = services, close
        self._later: set[asyncio.Task[None]] = set()

    async def closes(self, call_id: str) -> bool:
        """Whether another process leads it. That one may still be hearing the caller's last words, which may
        be a danger sign, and closes the call itself; what it leaves undone is done here after a while."""
        if not self._services.settings.siblings:
            return False
        stored = await self._services.storage.read(lambda session: records.load_call(session, call_id))
        if stored is None or stored.ended or not lives_elsewhere(stored.owner, self._services.owner):
            return False
        self._later.add(task := asyncio.create_task(self._close_late(call_id)))
        task.add_done_callback(self._later.discard)
        return True

    async def _close_late(self, call_id: str) -> None:
        await asyncio.sleep(LEAVE_TO_IT_S)
        try:
            await self._close(call_id)
        except FirstringError as problem:  # tidying comes to it
            log.warning("call.not_closed_yet", kind=type(problem).__name__)
