"""A limit on each of many short waits, at the price of one timer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")


CHECKS = 4  # while one limit passes


class IdleLimit:
    """``await limit.wait(...)`` raises ``TimeoutError`` when that one wait takes longer than ``limit_s``.

    At the latest a quarter of it later. As ``asyncio.timeout`` around each, which makes and drops a timer and
    asks the clock at every frame of every call: a fifth of all that a call costs. One wait at a time.
    """

    def __init__(self, limit_s: float) -> None:
        self._every_s = limit_s / CHECKS
        self._waiting: asyncio.Task[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._checked = 0  # how often the wait that goes on has been found at a check
        self._expired = False

    async def wait(self, awaitable: Awaitable[T], task: asyncio.Task[Any] | None = None) -> T:
        """``task`` is the one that calls: knowing it spares the look-up, a system call before Python 3.12."""
        task = task or asyncio.current_task()
        assert task is not None
        self._waiting, self._checked = task, 0
        cancels = task.cancelling()
        if self._timer is None:
            self._look_later(task)
        try:
            return await awaitable
        except asyncio.CancelledError:
            if self._expired and task.uncancel() <= cancels:
                raise TimeoutError from None
            raise  # somebody else cancelled too
        finally:
            self._waiting = None

    def _look_later(self, task: asyncio.Task[Any]) -> None:
        self._timer = task.get_loop().call_later(self._every_s, self._check)

    def _check(self) -> None:
        """A wait that is found once more than ``CHECKS`` times has begun before the first of them."""
        self._timer = None
        if self._waiting is None:
            return  # the next wait sets it again
        self._checked += 1
        if self._checked <= CHECKS:
            self._look_later(self._waiting)
        else:
            self._expired = True
            self._waiting.cancel()
