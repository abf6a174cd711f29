"""What of the write-back is stuck, told to a person or a program; and another try of what was given up."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlmodel import Session

import ehr_writeback
from agent import settings
from agent.preparing import keyring_of, practice_of, prepare_tool, writeback_config
from agent.settings import Settings
from ehr_writeback import Stuck, WritebackStatus
from models.calls import call_record
from models.storage import Storage


def status(chosen: Settings, *, as_json: bool) -> Iterator[str]:
    """Lines to show. Changes nothing."""
    now = settings.clock_of(chosen)()
    with _storage(chosen) as storage:
        counts = storage.read_now(ehr_writeback.writeback_status)
        groups = storage.read_now(ehr_writeback.stuck)
    if as_json:
        yield json.dumps(_plain(counts, groups, now), default=str)
    else:
        yield from report(counts, groups, now, practice_of(chosen).zone)


def retry(chosen: Settings, call_id: str) -> int:
    """How many resources are tried again."""
    now = settings.clock_of(chosen)()
    with _storage(chosen) as storage:
        return storage.write_now(lambda session: ehr_writeback.retry_dead(session, now, call_id=call_id))


def link(chosen: Settings, call_id: str, reference: str) -> int:
    """How many resources of the call will be written into this chart.

    Raises `NotFound` for an unknown call, `BadReference` for what is no chart.
    """
    now = settings.clock_of(chosen)()
    practice = practice_of(chosen)
    config = writeback_config(chosen, practice.facts(now).name)
    versions = {"firstring": importlib.metadata.version("firstring")}

    def work(session: Session) -> int:
        record = call_record(session, call_id, practice_timezone=practice.timezone, models=versions)
        return ehr_writeback.link_call(session, record, reference, now, config=config)

    with _storage(chosen) as storage:
        return storage.write_now(work)


@contextmanager
def _storage(chosen: Settings) -> Iterator[Storage]:
    prepare_tool(chosen)
    storage = Storage.open(chosen.database, keyring_of(chosen))
    try:
        yield storage
    finally:
        storage.close()


def report(counts: WritebackStatus, groups: list[Stuck], now: datetime, zone: tzinfo = UTC) -> Iterator[str]:
    """Lines for a person: the counts, then what is waited for, in the order in which to act."""
    waiting = counts.pending + counts.sent + counts.accepted
    yield f"in the chart: {counts.confirmed} resources; waiting: {waiting}; given up: {counts.dead}"
    if counts.unsupported:
        yield f"   {counts.unsupported} are of types that the chart does not take: they stand in the note"
    if counts.held:
        yield f"   {counts.held} calls of unknown patients are kept here until somebody links them to a chart"
    if not groups:
        yield "nothing is stuck"
        return
    yield "nothing is lost: all of it is kept here" + (
        ". Do this, in this order:" if len(groups) > 1 else "."
    )
    for number, group in enumerate(groups, start=1):
        yield from _told(number, group, now, zone)


def _told(number: int, group: Stuck, now: datetime, zone: tzinfo) -> Iterator[str]:
    head = "THE SERVER" if group.is_server else "NEEDS A PERSON" if group.next_at is None else "waits"
    yield ""
    yield f"{number}. {head}: {group.means}"
    since = group.since.astimezone(zone)
    waited = span(now - group.since)
    yield f"   since {since:%Y-%m-%d %H:%M %Z} ({waited}), the end of the oldest of its calls"
    yield f"   {_many(group.resources, 'resource')} of {_many(group.calls, 'call')}: {_named(group)}"
    if group.next_at is not None:
        yield (
            f"   next try: {span(group.next_at - now)} from now"
            if group.next_at > now
            else "   next try: now"
        )
    yield f"   do: {group.do}"
    if group.cause:
        yield f"   code: {group.cause}"


def _named(group: Stuck) -> str:
    return ", ".join(group.call_ids) + (" ..." if group.calls > len(group.call_ids) else "")


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def span(time: timedelta) -> str:
    """Rounded as people say it: "40 s", "12 min", "3 h", "2 days"."""
    seconds = max(0, round(time.total_seconds()))
    for limit, unit, name in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{seconds // unit} {name}"
    return f"{seconds // 86_400} days"


def _plain(counts: WritebackStatus, groups: list[Stuck], now: datetime) -> dict[str, Any]:
    return {**asdict(counts), "lag_s": counts.lag_s(now), "stuck": [asdict(group) for group in groups]}
