"""Retention by itself: once a day, at night, by whichever process comes first."""

from __future__ import annotations

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.custody import retention
from agent.logs import log
from agent.services import Services
from models.errors import FirstringError

AT_HOUR = 3  # of the practice's night
EVERY_S = 600.0
WHO = "retention"


async def watch(services: Services) -> None:
    """For ever. Without a period nothing is done: recordings have their own (`agent.recording.tidy`)."""
    while retention.is_set(services.settings):
        try:
            await once_a_day(services)
        except FirstringError as problem:
            log.error("retention.stopped", code=problem.code, fix=problem.fix)
        await asyncio.sleep(EVERY_S)


async def once_a_day(services: Services) -> bool:
    """Whether it ran now."""
    last = await services.storage.read(retention.last_run)
    if not is_due(last, services.clock(), ZoneInfo(services.practice.timezone)):
        return False
    done = await asyncio.to_thread(retention.run, services.settings, services.storage, services.clock, WHO)
    log.info("retention.done", count=done.calls)
    return True


def is_due(last: datetime | None, now: datetime, zone: ZoneInfo) -> bool:
    """Not yet today, and it is night already, or later."""
    today = now.astimezone(zone)
    return today.hour >= AT_HOUR and (last is None or last.astimezone(zone).date() < today.date())
