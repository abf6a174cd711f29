"""How long a caller waits for the database: not longer than a pause in talk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from models.errors import StorageLate
from telephony import in_time as limited

T = TypeVar("T")
PATIENCE_S = 1.0


async def in_time(work: Awaitable[T], limit_s: float = PATIENCE_S) -> T:
    """The work's result. Raises `StorageLate` when it does not come in time; it may still be carried out."""
    try:
        return await limited.in_time(work, limit_s)
    except TimeoutError:
        raise StorageLate("the database does not answer") from None


class Deadline:
    """One time limit for several questions, one after the other."""

    def __init__(self, limit_s: float = PATIENCE_S) -> None:
        self._until_s = asyncio.get_running_loop().time() + limit_s

    async def in_time(self, work: Awaitable[T]) -> T:
        return await in_time(work, max(self._until_s - asyncio.get_running_loop().time(), 0.0))
