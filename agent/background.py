"""Work that goes on beside the calls: an error that nobody foresaw ends none of it, and no call."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agent.logs import log, place_of
from agent.metrics import LOOPS_FAILED

PAUSES_S = (1.0, 2.0, 5.0, 10.0)  # no longer: some of it pages people
STEADY_S = 60.0  # work that went on for so long begins again after the shortest pause


async def keep_going(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Until ``work`` returns. When it fails it is begun again after a pause, longer each time.

    Errors that are known are handled where they happen. Of one that is not the kind and the place are told:
    its text may quote anybody.
    """
    LOOPS_FAILED.labels(name)  # a rise from nothing at all would be seen by no alarm
    now_s, failures = asyncio.get_running_loop().time, 0
    while True:
        began_s = now_s()
        try:
            return await work()
        except Exception as problem:
            failures = 1 if now_s() - began_s > STEADY_S else failures + 1
            pause_s = PAUSES_S[min(failures, len(PAUSES_S)) - 1]
            LOOPS_FAILED.labels(name).inc()
            log.error(
                "loop.failed",
                worker=name,
                kind=type(problem).__name__,
                reason=place_of(problem),
                seconds=pause_s,
            )
        await asyncio.sleep(pause_s)
