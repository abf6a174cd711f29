"""Retention by itself: once a day, at night, by whichever process comes first."""

from __future__ import annotations

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.custody import retention
from agent.custody.believed import is_believed
from agent.logs import log
from agent.services import Services
from models.errors import FirstringError
from models.retention import WHO

AT_HOUR = 3  # of the practice's night
EVERY_S = 600.0


async def watch(services: Services) -> None:
    """For ever. Without a period nothing is done: recordings have their own (`agent.recording.tidy`)."""
    while retention.is_set(services.settings):
        try:
            await once_a_day(services)
        except FirstringError as problem:
            log.error("retention.stopped", code=problem.code, fix=problem.fix)
        await asyncio.sleep(EVERY_S)


async def once_a_day(services: Services) -> bool:
    """Whether it ran now. It waits where it is not known what day it is."""
    last, now = await services.storage.read(retention.last_run), services.clock()
    if not is_due(last, now, ZoneInfo(services.practice.timezone)):
        return False
    due = await asyncio.to_thread(retention.due, services.settings, services.storage, now)
    if due.anything and not await is_believed(services.steady_clock, services.storage, now):
        return False
    done = await asyncio.to_thread(retention.run, services.settings, services.storage, lambda: now, WHO)
    log.info("retention.done", count=done.calls)
    return True


def is_due(last: datetime | None, now: datetime, zone: ZoneInfo) -> bool:
    """Not yet today, and it is night already, or later. A run on a day to come had a wrong clock."""
    today = now.astimezone(zone)
    return today.hour >= AT_HOUR and (last is None or last.astimezone(zone).date() != today.date())
