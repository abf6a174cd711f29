"""Calls that lost their process, or their line, and never came back: closed, with what was said in them."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

from sqlmodel import Session

from agent import gaps, recording
from agent.conversation import Conversation
from agent.logs import log
from agent.reaching import Reaching
from agent.ringing_back import lost_calls
from agent.services import Services
from agent.stillness import Stillness
from models import records
from models.errors import FirstringError, StorageError

RECONCILE_EVERY_S = 30.0
ABANDONED_AFTER = timedelta(minutes=2)
LOST_AFTER = timedelta(seconds=45)  # a live call is stored more often; the carrier's way back takes 15 s
TOKENS_FOR = timedelta(days=1)  # a stream token lives a minute
# Of texts that chose: a carrier's signature has no age, and may be replayed.
TEXTS_FOR = timedelta(days=5 * 365)
SIBLINGS_STORE_S = 3.0  # `agent.keeping` offers again every second
CLOSE_LIMIT_S = 1.0  # a caller is waiting for the first ring to be answered


class Tidying:
    """``live``: the calls whose stream this process has just now."""

    def __init__(self, services: Services, live: set[str], reaching: Reaching) -> None:
        self._services, self._live, self._reaching = services, live, reaching
        self._stillness = Stillness()

    async def reconcile(self) -> None:
        """For ever: tidies up. A database that refuses is tried again; live calls must not notice."""
        while True:
            try:
                await self.tidy()
            except FirstringError as problem:
                log.warning("reconcile.failed", code=problem.code)
            await asyncio.sleep(RECONCILE_EVERY_S)

    async def tidy(self) -> None:
        """Closes calls that lost their process and never came back; forgets old guards against replay.

        Then offers what has become free to who waits for it.
        """
        storage, now = self._services.storage, self._services.clock()
        for call_id in await self._abandoned():
            if (
                call_id not in self._live
                and not self._services.keeper.is_behind(call_id)
                and not await self._reaching.is_waiting(call_id)
            ):
                await self._close_abandoned(call_id)
        await gaps.tell(self._services, self._live)
        forget = partial(records.forget_guards, before=now - TOKENS_FOR, webhooks_before=now - TEXTS_FOR)
        await storage.write(forget)
        await recording.tidy(self._services, self._live)
        await self._services.backends.operations.tidy(now)
        await self._services.backends.offers.offer_openings(now)

    async def _abandoned(self) -> list[str]:
        """A database that was away hears of live calls a moment after it is back: they are not abandoned."""
        found = await self._still()
        if found and self._services.settings.siblings:
            await self._siblings_store()
            found = await self._still()
        return found

    async def _still(self) -> list[str]:
        read = self._services.storage.read
        left = [] if self._stillness.has_looked else await self._left_before()
        self._stillness.look(await read(records.unended), left)
        return self._stillness.still_for(ABANDONED_AFTER)

    async def _left_before(self) -> list[str]:
        """As a process begins that is alone: whoever led these is gone, and their times are this clock's."""
        if self._services.settings.siblings:
            return []
        quiet_since = self._services.clock() - ABANDONED_AFTER
        return await self._services.storage.read(partial(records.unfinished_calls, quiet_since=quiet_since))

    async def _siblings_store(self) -> None:
        await asyncio.sleep(SIBLINGS_STORE_S)

    async def _close_abandoned(self, call_id: str) -> None:
        """One that cannot be closed keeps neither the others nor the process from going on."""
        try:
            await self.close(call_id)
        except StorageError:
            raise
        except Exception as problem:
            log.error("call.not_closed", call_id=call_id, kind=type(problem).__name__)

    async def close_lost(self, number: str) -> None:
        """A caller rings back before the carrier has told us that their line was lost.

        It is done before the new call is answered, but never holds it up for long.
        """
        now = self._services.clock()
        lost = partial(lost_calls, number=number, now=now, quiet_since=now - LOST_AFTER)
        try:
            async with asyncio.timeout(CLOSE_LIMIT_S):
                for call_id in await self._services.storage.read(lost):
                    if call_id not in self._live and not await self._is_there(call_id):
                        await self.close(call_id)
        except (TimeoutError, FirstringError) as problem:  # tidying comes to it
            log.warning("call.not_closed_yet", kind=type(problem).__name__)

    async def _is_there(self, call_id: str) -> bool:
        """On hold, or led by another process whose clock is not ours."""
        if await self._reaching.is_waiting(call_id):
            return True
        calls = await self._services.storage.read(records.unended)
        return any(call[0] == call_id and self._stillness.has_changed(call, LOST_AFTER) for call in calls)

    async def close(self, call_id: str) -> None:
        """Takes the call over, so that a turn still on its way to the database is not missed, and ends it."""
        services = self._services

        def work(session: Session) -> records.StoredCall | None:
            stored = records.load_call(session, call_id)
            if stored is None or stored.ended:
                return None
            return records.take_over(session, call_id, owner=services.owner, at=services.clock())

        await services.keeper.settle(call_id, taken_elsewhere_too=True)
        stored = await services.storage.write(work)
        alone = await self._reaching.caller_left(call_id)
        if stored is not None:
            log.info("call.closed_late", call_id=call_id)
            await Conversation(services, stored).hang_up(alone=alone)
