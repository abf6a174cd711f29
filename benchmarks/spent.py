"""Processor time spent by some programs, and by everything else meanwhile."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Spent:
    """``by_us_s``: of the programs watched; ``others_share``: of the whole machine, by all others."""

    by_us_s: float
    others_share: float


class Watch:
    """Watches these processes and their children, from now on; none of them may end before ``spent``."""

    def __init__(self, parents: Sequence[int]) -> None:
        self._parents = parents
        self._before = (time.monotonic(), _of(parents), _idle_s())

    def spent(self, *, also_s: float = 0.0) -> Spent:
        """``also_s``: of programs of ours that have ended meanwhile."""
        began_s, ours_s, idle_s = self._before
        by_us_s = _of(self._parents) - ours_s
        capacity_s = (time.monotonic() - began_s) * (os.cpu_count() or 1)
        others_s = capacity_s - (_idle_s() - idle_s) - by_us_s - also_s
        return Spent(by_us_s, max(0.0, others_s) / capacity_s)


def _of(parents: Sequence[int]) -> float:
    total = 0.0
    for parent in map(psutil.Process, parents):
        for process in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                total += times.user + times.system
    return total


def _idle_s() -> float:
    times = psutil.cpu_times()
    return float(times.idle + times.iowait)
