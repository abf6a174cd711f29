"""Looks at this process's event loop four times a second: how late it is, how busy, with how many calls."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from agent.admission import Admission
from agent.metrics import (
    CALLS_CEILING,
    LOOP_BUSY,
    LOOP_LAG_SECONDS,
    LOOP_LAG_WORST,
    LOOP_TASKS,
    TRANSACTIONS,
    WRITES,
)

EVERY_S = 0.25
SCHEDSTAT = Path("/proc/thread-self/schedstat")
LATELY = 60  # looks: fifteen seconds, as long as Prometheus usually leaves between two scrapes


def wanted_s() -> float:
    """Seconds that this thread has run or was ready to (schedstat, proc(5)); elsewhere that it has run."""
    try:
        ran_ns, waited_ns, _ = map(int, SCHEDSTAT.read_text().split())
    except (OSError, ValueError):
        return time.thread_time()
    return (ran_ns + waited_ns) / 1e9 if ran_ns else time.thread_time()


async def watch_load(
    admission: Admission, live: Callable[[], int], written: Callable[[], tuple[int, int]] = lambda: (0, 0)
) -> None:
    """For ever. Lag: how much later than asked a sleeper wakes. Busy: processor time of the loop's thread,
    and what it has waited for a processor: where others take it, less is left for calls.

    ``written``: pieces of work and transactions of the database's writer so far.
    """
    counted = (0, 0)
    lately: deque[float] = deque(maxlen=LATELY)
    was_s, had_s = time.monotonic(), wanted_s()
    while True:
        await asyncio.sleep(EVERY_S)
        now_s, has_s = time.monotonic(), wanted_s()
        lag_s, busy_share = max(0.0, now_s - was_s - EVERY_S), (has_s - had_s) / (now_s - was_s)
        was_s, had_s = now_s, has_s
        admission.looked(live(), lag_s * 1_000, busy_share)
        lately.append(lag_s)
        LOOP_LAG_SECONDS.observe(lag_s)
        LOOP_LAG_WORST.set(max(lately))
        LOOP_BUSY.set(busy_share)
        LOOP_TASKS.set(len(asyncio.all_tasks()))
        CALLS_CEILING.set(admission.most)
        before, counted = counted, written()
        WRITES.inc(counted[0] - before[0])
        TRANSACTIONS.inc(counted[1] - before[1])
