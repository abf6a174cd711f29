"""The event loop looked at, on real time: what holds it up is seen."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from prometheus_client import REGISTRY

from agent.admission import Admission
from agent.load_watch import watch_load


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
