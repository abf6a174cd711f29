"""Typed calls of every kind on the demo practice, ended and stored: whose notes are true by construction.

Each call goes through the real understanding, dialog and backends. `benchmarks.note_corruptions` takes them.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from agent import audio_time
from agent.chat import Keyboard
from agent.conversation import Conversation
from agent.local_server import DEMO_NOW, demo_settings
from agent.preparing import prepare_tool
from agent.rehearsal.scenario import Scenario, default_folder, read_folder
from agent.rehearsal.stage import Stage, open_practice, open_stage, set_up
from agent.rehearsal.text_calls import converse
from agent.services import Services, open_local
from agent.settings import Settings, with_secrets
from models import records
from models.contact_tables import TextMessage
from models.domain import CallRecord, CallStarted, Keys

NUMBERS = {
    "MARIA": "+16175550123",
    "ROBERT": "+16175550131",
    "ANNA": "+16175550132",
    "BROOKS": "+16175550133",
    "LINDA": "+16175550136",
    "THOMAS": "+16175550137",
    "JAMES": "+16175550144",
    "HELEN": "+16175550181",
    "WALTER": "+16175550182",
    "TERESA": "+16175550183",
    "FRANK": "+16175550184",
    "NINA": "+16175550185",
    "OSCAR": "+16175550186",
    "GRACE": "+16175550187",
    "STRANGER": "+16175550199",
    "WITHHELD": "",
}
WHO = {
    "MARIA": ("maria lopez", "march fifth nineteen eighty one"),
    "JAMES": ("james walker", "march third nineteen fifty eight"),
    "ROBERT": ("robert smith", "July 12 1949"),
    "ANNA": ("Anna-Maria Keller-Jones", "November 2 1990"),
    "LINDA": ("Linda Nguyen", "December 24 1985"),
    "THOMAS": ("Thomas O'Brien", "February 29 1960"),
    "HELEN": ("Helen Carter", "May 14 1947"),
    "WALTER": ("Walter Kim", "February 11 1952"),
    "TERESA": ("Teresa Alvarez", "September 30 1966"),
    "FRANK": ("Frank Russo", "January 25 1959"),
    "NINA": ("Nina Shah", "July 7 1988"),
    "OSCAR": ("Oscar Bennett", "October 3 1979"),
    "GRACE": ("Grace Turner", "December 12 1961"),
}
DOROTHY = ("dorothy hill", "october thirtieth nineteen thirty eight")
CODE = "{code}"  # stands for the code that was texted last


@dataclass(frozen=True, slots=True)
class TypedCall:
    """What one caller types. ``kind`` is for the report alone."""

    kind: str
    number: str
    lines: tuple[str, ...]


def _read(line: str) -> TypedCall:
    kind, name, said = (part.strip() for part in line.split(" | "))
    number = NUMBERS[name]
    stands_for = {"{who}": WHO.get(name, ()), "{dorothy}": DOROTHY, "{silence}": ("",)}
    lines = [answer for part in said.split(" / ") for answer in stands_for.get(part, (part,))]
    return TypedCall(kind, number, tuple(lines))


_FILE = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
CALLS = tuple(_read(line) for line in _FILE.splitlines() if line and not line.startswith("#"))


async def finished(
    services: Services, calls: Sequence[TypedCall] = CALLS
) -> list[tuple[TypedCall, CallRecord]]:
    """The calls, one after the other on one practice, with their records."""
    return [(call, await _finished(services, n, call)) for n, call in enumerate(calls, start=1)]


async def _finished(services: Services, n: int, call: TypedCall) -> CallRecord:
    conversation = await Conversation.open(services, f"CAnote{n:03d}", call.number)
    keyboard = Keyboard(services, conversation)
    await keyboard.take(CallStarted())
    for line in call.lines:
        if keyboard.ended:
            break
        if line == CODE:
            await keyboard.take(Keys(await _texted_code(services)))
        else:
            await keyboard.hear(line)
    await conversation.hang_up()
    return await record_of(services, conversation.call_id)


async def record_of(services: Services, call_id: str) -> CallRecord:
    """The record of an ended call, as the write-back gets it."""
    zone, versions = services.practice.timezone, services.versions()
    return await services.storage.read(
        lambda session: records.call_record(session, call_id, practice_timezone=zone, models=versions)
    )


async def _texted_code(services: Services) -> str:
    def work(session: Session) -> list[str]:
        texts = session.exec(select(TextMessage).order_by(col(TextMessage.id).desc())).all()
        return [code for text in texts for code in re.findall(r"\b\d{6}\b", text.body)]

    return next(iter(await services.storage.read(work)), "000000")


def records_of(calls: Sequence[TypedCall] = CALLS) -> list[tuple[TypedCall, CallRecord]]:
    """The same on a practice of their own, made for this and thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = demo_settings(Path(folder), now=DEMO_NOW)
        prepare_tool(chosen)
        return asyncio.run(_opened(Path(folder), calls))


async def _opened(folder: Path, calls: Sequence[TypedCall]) -> list[tuple[TypedCall, CallRecord]]:
    async with open_local(with_secrets(demo_settings(folder, now=DEMO_NOW))) as services:
        return await finished(services, calls)


def rehearsed(scenarios: Sequence[Scenario], seed: int) -> Iterator[tuple[TypedCall, CallRecord]]:
    """The records of rehearsed callers, each on a practice of its own: notes of calls as they come."""
    with open_stage() as stage:
        for scenario in scenarios:
            chosen = stage.fresh(scenario)
            try:
                record = audio_time.run(_rehearsed(stage, chosen, scenario, seed))
            finally:
                stage.done(chosen)
            yield TypedCall(scenario.theme, scenario.number, ()), record


async def _rehearsed(stage: Stage, chosen: Settings, scenario: Scenario, seed: int) -> CallRecord:
    async with open_practice(chosen, stage.mind) as opened:
        await set_up(opened.services, scenario)
        played = await converse(opened, scenario, seed, 0.0, f"CAnote{seed}")
        return await record_of(opened.services, played.call_id)


def all_records(rehearsed_calls: int, seed: int) -> dict[str, CallRecord]:
    """Typed calls and the first so many rehearsed ones, by a name for each."""
    typed = {f"{call.kind} {record.call_id}": record for call, record in records_of()}
    scenarios = read_folder(default_folder())[:rehearsed_calls]
    names = (scenario.name for scenario in scenarios)
    played = zip(names, rehearsed(scenarios, seed), strict=True) if scenarios else ()
    return {**typed, **{name: record for name, (_, record) in played}}
