"""A time limit that a busy machine does not use up: time in which nobody ran does not count twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")
LATE = 1.5  # woken after so many times the limit: we did not run, and what we wait for perhaps neither


async def in_time(work: Awaitable[T], limit_s: float) -> T:
    """The work's result. Raises TimeoutError, and cancels the work, when it does not come in time.

    Where this process was held up itself, the work gets the limit once more: its answer may be there.
    """
    task, loop = asyncio.ensure_future(work), asyncio.get_running_loop()
    began_s = loop.time()
    try:
        await asyncio.wait({task}, timeout=limit_s)
        if not task.done() and loop.time() - began_s > LATE * limit_s:
            await asyncio.wait({task}, timeout=limit_s)
        if not task.done():
            raise TimeoutError
        return task.result()
    finally:
        task.cancel()
