"""The event loop looked at, on real time: what holds it up is seen."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from agent import load_watch
from agent.admission import Admission
from agent.load_watch import wanted_s, watch_load


class Noted(Admission):
    def __init__(self) -> None:
        super().__init__()
        self.lags_ms: list[float] = []
        self.live: list[int] = []

    def looked(self, live: int, lag_ms: float, busy_share: float) -> None:
        super().looked(live, lag_ms, busy_share)
        self.lags_ms.append(lag_ms)
        self.live.append(live)


async def test_a_loop_that_is_held_up_is_seen_to_be() -> None:
    noted = Noted()
    watching = asyncio.create_task(watch_load(noted, lambda: 7))
    await asyncio.sleep(0)
    time.sleep(0.6)  # noqa: ASYNC251  the fault: somebody works in the loop
    while not noted.lags_ms:
        await asyncio.sleep(0.05)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    assert noted.lags_ms[0] >= 300
    assert noted.live[0] == 7
    assert (REGISTRY.get_sample_value("firstring_loop_lag_worst_seconds") or 0) >= 0.3


@pytest.mark.skipif(not load_watch.SCHEDSTAT.exists(), reason="this system tells no waiting times")
def test_time_that_others_take_of_its_processor_is_wanted_too() -> None:
    """Some other program on the same core: half of what we want we get."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})  # the program inherits it
    others = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        wanted, ran = wanted_s(), time.thread_time()
        while time.thread_time() - ran < 0.5:
            pass
        assert wanted_s() - wanted > 1.3 * (time.thread_time() - ran)
    finally:
        others.kill()
        others.wait()
        os.sched_setaffinity(0, cores)


@pytest.mark.parametrize("told", [None, "", "0 0 0", "no numbers here"])
def test_where_nothing_is_told_of_waiting_it_is_what_was_taken(
    told: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "schedstat"
    if told is not None:
        file.write_text(told)
    monkeypatch.setattr(load_watch, "SCHEDSTAT", file)
    assert wanted_s() == pytest.approx(time.thread_time(), abs=0.5)
