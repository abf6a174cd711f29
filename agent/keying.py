"""Calls from before calls could be searched are made searchable, a few at a time, while others come in."""

from __future__ import annotations

import asyncio
from functools import partial

from agent.logs import log
from models.rekeying import key_older_calls
from models.storage import Storage

AT_ONCE = 5  # calls: a turn that is to be stored waits for no more
PAUSE_S = 0.1
AGAIN_S = 30.0


async def key_all(storage: Storage) -> None:
    """Until none is left. A database that refuses is asked again, and so is one with a call that cannot be
    read: some calls are not found then, and all are answered."""
    while True:
        try:
            if not await storage.write(partial(key_older_calls, limit=AT_ONCE)):
                return
        except Exception as problem:
            log.warning(
                "keying.stopped", code=getattr(problem, "code", "defect"), kind=type(problem).__name__
            )
            await asyncio.sleep(AGAIN_S)
        await asyncio.sleep(PAUSE_S)
