"""Whether the time is to be believed before anything is deleted by it: what is gone does not come back.

A clock may be months ahead for half a minute, or for a night. So it must have run steadily for an hour, and
something must have been stored on the days before, by which it cannot be far ahead. After weeks in which the
practice was really off there is nothing of that kind: then it is written down that deletion was put off, and
from the next day on that is what was stored before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from agent.logs import log
from agent.steady_clock import SteadyClock
from models import retention
from models.storage import Storage

STEADY_FOR = timedelta(hours=1)
FIX = (
    "Look at this machine's date (`timedatectl`) and set it right. If it is right, nothing is to be done: "
    "deletion goes on by itself a day from now."
)


async def is_believed(clock: SteadyClock, storage: Storage, now: datetime) -> bool:
    """What the clock shows now. Says so, once a day, where it is far ahead of all that was stored."""
    if clock.steady_for(now) < STEADY_FOR:
        return False  # as in the first hour of every process
    if await storage.read(partial(retention.was_in_use_before, now=now)):
        return True
    if await storage.write(partial(retention.note_put_off, now=now)):
        log.error("retention.put_off", code="time-not-believed", fix=FIX)
    return False
