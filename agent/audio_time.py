"""Calls on audio time: an event loop whose clock moves only when everybody waits.

A call waits most of the time: for the next 20 ms of audio, for a silence to be long enough. On this loop
such a wait takes no time; the clock jumps to whatever is due next. Work takes none either: what would go to a
thread is done where it is asked for, so nothing depends on the speed of the machine, and the same call
is the same to the last frame. See docs/adr/0014.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar, TypeVarTuple

from models.domain import Clock

T = TypeVar("T")
Args = TypeVarTuple("Args")

STARTS_S: Final = 1_000.0  # not 0: code may take a clock of 0 for "never"
OUTSIDE_LIMIT_S: Final = 5.0  # of real time


class NothingToWaitFor(RuntimeError):
    """Every task waits for another one, or for something outside that does not come."""


class AudioTimeLoop(asyncio.SelectorEventLoop):
    """``time()`` is in seconds of audio time. Real sockets and other threads' answers work, but do not hold
    the clock: between them and a timer the timer is first."""

    def __init__(self) -> None:
        self._now_s = STARTS_S
        super().__init__(_Jumping(self._jump))

    def time(self) -> float:
        return self._now_s

    def _jump(self, wait_s: float) -> None:
        self._now_s += wait_s

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Args], T], *args: *Args
    ) -> asyncio.Future[T]:
        """Done at once, in this thread."""
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as problem:
            done.set_exception(problem)
        return done


class _Jumping(selectors.DefaultSelector):
    """A selector that is told how long to wait, and jumps there."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(OUTSIDE_LIMIT_S if timeout is None else 0)
        if not events and timeout is None:
            raise NothingToWaitFor("no timer is set, and nothing comes from outside")
        if not events and timeout is not None and timeout > 0:
            self._jump(timeout)
        return events


def run(main: Coroutine[Any, Any, T]) -> T:
    """As ``asyncio.run``, on audio time. Raises NothingToWaitFor instead of waiting for ever."""
    with asyncio.Runner(loop_factory=AudioTimeLoop) as runner:
        return runner.run(main)


def clock_from(began: datetime) -> Clock:
    """A wall clock that shows ``began`` now and goes as the running loop's does."""
    loop = asyncio.get_running_loop()
    started_s = loop.time()

    def clock() -> datetime:
        return began.astimezone(UTC) + timedelta(seconds=loop.time() - started_s)

    return clock
