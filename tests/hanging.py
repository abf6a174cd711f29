"""All of the event loop's own threads wait for something that hangs: a disk, say."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

LIMIT_S = 20.0


@contextlib.asynccontextmanager
async def threads_hang() -> AsyncIterator[None]:
    """Fails where what is done inside has waited for one of them."""
    goes_on, loop = threading.Event(), asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as only:
        loop.set_default_executor(only)
        hanging = only.submit(goes_on.wait, LIMIT_S)
        try:
            yield
            assert not hanging.done(), "it waited for the others' threads"
        finally:
            goes_on.set()
    loop.set_default_executor(ThreadPoolExecutor())
