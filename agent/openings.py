"""`firstring openings`: bookable openings from the practice's hours, for some days."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from agent import settings as settings_module
from agent.preparing import backends_of, keyring_of
from agent.settings import Settings
from backends.embedded import EmbeddedBackends
from backends.publishing import publish_openings
from models.errors import SettingsError
from models.storage import Storage

MAX_DAYS = 366
MAX_AHEAD_DAYS = 730  # no visit type may be booked further ahead


async def run(
    chosen: Settings, from_date: str, days: int, show: Callable[[Any], None], *, as_json: bool
) -> None:
    """Publishes and says how many were made. Raises SettingsError for dates and counts that make no sense."""
    if chosen.fhir_base_url:
        raise SettingsError(
            "FHIR_BASE_URL is set: the schedule is in that system",
            fix="Publish the openings there, or unset FHIR_BASE_URL.",
        )
    first = _date(from_date)
    _check_days(days)
    storage = await asyncio.to_thread(Storage.open, chosen.database, keyring_of(chosen))
    try:
        backends = backends_of(chosen, storage, settings_module.clock_of(chosen))
        _check_first(first, backends)
        made = await publish_openings(backends.chart, backends.practice, first, days)
    finally:
        storage.close()
    last = first + timedelta(days=days - 1)
    if as_json:
        show({"from": first.isoformat(), "to": last.isoformat(), **asdict(made)})
        return
    show(f"{made.new} new openings from {first} to {last} ({made.open_days} of {days} days are open)")
    if made.known:
        show(f"   {made.known} were published before and stay as they are")
    if made.taken:
        show(f"   {made.taken} not made: their time is taken")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"--from is {text!r}, which is no date", fix="Write it as 2026-12-01.") from None


def _check_days(days: int) -> None:
    if not 1 <= days <= MAX_DAYS:
        raise SettingsError(f"--days is {days}; it may be 1 to {MAX_DAYS}", fix="Publish less at a time.")


def _check_first(first: date, backends: EmbeddedBackends) -> None:
    today = backends.clock().astimezone(backends.practice.zone).date()
    if not today <= first <= today + timedelta(days=MAX_AHEAD_DAYS):
        raise SettingsError(
            f"--from is {first}; today is {today}",
            fix=f"Take a day from today on, at most {MAX_AHEAD_DAYS} days ahead.",
        )
