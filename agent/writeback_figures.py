"""How the write-back stands, for Prometheus: counts and ages, nothing personal."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import ehr_writeback
from agent.logs import log
from agent.metrics import DEAD_UNOWNED, WRITEBACK, WRITEBACK_OLDEST
from agent.services import Services
from ehr_writeback import Figures
from models.errors import FirstringError

EVERY_S = 10.0


async def watch(services: Services) -> None:
    """For ever: a database that refuses is asked again."""
    while True:
        try:
            await look(services)
        except FirstringError as problem:
            log.warning("writeback.figures_not_read", code=problem.code)
        await asyncio.sleep(EVERY_S)


async def look(services: Services) -> None:
    show(await services.storage.read(ehr_writeback.figures), services.clock())


def show(found: Figures, now: datetime) -> None:
    for state, count in found.states.items():
        WRITEBACK.labels(state).set(count)
    waited = now - found.oldest_open if found.oldest_open else timedelta()
    WRITEBACK_OLDEST.set(max(0.0, waited.total_seconds()))
    DEAD_UNOWNED.set(found.unowned)
