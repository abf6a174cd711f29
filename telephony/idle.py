"""A limit on each of many short waits, at the price of one timer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class IdleLimit:
    """``await limit.wait(...)`` raises ``TimeoutError`` when that one wait takes longer than ``limit_s``.

    As ``asyncio.timeout`` around each, which makes and drops a timer at every frame of every call: an
    eighth of all that a call costs. One wait at a time.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._since_s = 0.0
        self._waiting: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._expired = False

    async def wait(self, awaitable: Awaitable[T]) -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._since_s, self._waiting = loop.time(), task
        cancels = task.cancelling()
        if self._timer is None:
            self._timer = loop.call_at(self._since_s + self._limit_s, self._check)
        try:
            return await awaitable
        except asyncio.CancelledError:
            if self._expired and task.uncancel() <= cancels:
                raise TimeoutError from None
            raise  # somebody else cancelled too
        finally:
            self._waiting = None

    def _check(self) -> None:
        """The wait that goes on now may be a later one than that the timer was set for."""
        self._timer = None
        if self._waiting is None:
            return  # the next wait sets it again
        loop, due_s = self._waiting.get_loop(), self._since_s + self._limit_s
        if loop.time() < due_s:
            self._timer = loop.call_at(due_s, self._check)
        else:
            self._expired = True
            self._waiting.cancel()
