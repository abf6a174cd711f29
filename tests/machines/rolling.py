"""Two processes on one PostgreSQL behind nginx, and callers who talk while each process is replaced."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from agent.demo import double_for
from agent.local_server import LocalServer, demo_settings, running_server
from agent.settings import Settings
from models import records
from models.storage import Storage
from telephony.double import Caller, CallEvent, CallResult, Kind, Step, StepKind
from telephony.double.result import Ending
from tests.survival.callers import Clips

QUESTIONS = ("what are your opening hours", "where are you located")
NO_MORE = "no that's all"
ASKED = ("call.open", "call.more", "repair.offer")
POLL_S = "0.3"
QUIET_S = 0.8
BETWEEN_CALLS_S = 0.4
DRAIN_S = 2


def two_processes(folder: Path, database_url: str, clips: Clips) -> tuple[Settings, Settings]:
    """Identical but for their folder and ports; ``clips`` are what the stand-in recogniser knows."""
    first = demo_settings(
        folder / "one",
        database_url=database_url,
        siblings=True,
        drain_s=DRAIN_S,
        secrets_dir=folder / "secrets",
        recordings_dir=folder / "recordings",
        stt="stand-in",
        stand_in_clips=clips.list,
        ears=1,
        now_at=datetime.now(UTC).isoformat(),  # or each process would have a clock of its own
    )
    second = demo_settings(folder / "two")
    ports = {name: getattr(second, name) for name in ("data_dir", "port", "private_port")}
    return first, replace(first, **ports)


def clips_of(folder: Path) -> Clips:
    return Clips(folder / "clips", {*QUESTIONS, NO_MORE})


class Process:
    """One of the processes, started and stopped as an operator's service manager would."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._running = contextlib.ExitStack()
        self.server: LocalServer | None = None

    def start(self) -> None:
        """Returns once it is ready."""
        self.server = self._running.enter_context(running_server(self.settings))

    def stop(self) -> None:
        """SIGTERM; returns once it has ended."""
        self._running.close()


@dataclass
class Watching:
    """One call as its observer sees it."""

    answered: asyncio.Event = field(default_factory=asyncio.Event)
    replies: int = 0
    over: bool = False

    def __call__(self, event: CallEvent) -> None:
        if event.kind is Kind.REPLY:
            self.replies += 1
            self.answered.set()
        self.over = self.over or event.kind is Kind.ENDED


@dataclass
class Asker:
    """Asks one question after the other until it is enough."""

    call_sid: str
    clips: Clips
    storage: Storage
    enough: asyncio.Event
    questions: itertools.cycle[str] = field(default_factory=lambda: itertools.cycle(QUESTIONS))
    has_asked: bool = False

    async def next(self) -> Step | None:
        stored = await self.storage.read(lambda session: records.load_call(session, self.call_sid))
        state = (stored.state if stored else None) or {}
        if state.get("phase") in ("closing", "ended"):
            return None
        if state.get("asking") not in ASKED:
            return Step(StepKind.WAIT, POLL_S)
        words = NO_MORE if self.enough.is_set() and self.has_asked else next(self.questions)
        self.has_asked = True
        return Step(StepKind.WAV, str(self.clips.path(words)))


@dataclass
class Rolled:
    """What the carrier saw, and what the database holds."""

    results: list[CallResult]
    stored: list[records.StoredCall]
    owners: set[str]  # who led a call while all were on the line

    @property
    def dropped(self) -> list[CallResult]:
        """Calls that did not go on with the agent to their end."""
        return [
            result
            for result in self.results
            if result.ended is not Ending.AGENT_HUNG_UP or result.dialled or result.said
        ]

    def story(self, result: CallResult) -> list[str]:
        """What the carrier saw of a call and what we stored of it, for who asks why it was dropped."""
        told = {Kind.DOCUMENT, Kind.DIAL, Kind.FALLBACK, Kind.STREAM_STARTED, Kind.STREAM_ENDED, Kind.REPLY}
        seen = [f"{event.at_ms:.0f} ms {event.to_json()}" for event in result.events if event.kind in told]
        call = next(call for call in self.stored if call.call_id == result.call_sid)
        turns = [f"{turn.number}: {turn.caller_text!r} {turn.agent_text!r}" for turn in call.turns]
        return [result.call_sid, *seen, *turns, f"done: {[type(done.result).__name__ for done in call.done]}"]

    @property
    def moved(self) -> int:
        """How often a call went on with another process."""
        return sum(len(result.streams) - 1 for result in self.results)

    @property
    def gaps_s(self) -> list[float]:
        """From the end of a stream to the agent's first sound on the next one."""
        return [
            (after.first_audio_ms - before.ended_ms) / 1_000
            for result in self.results
            for before, after in itertools.pairwise(result.streams)
            if after.first_audio_ms is not None and before.ended_ms is not None
        ]


async def rolling_restart(
    balanced: LocalServer, processes: Sequence[Process], storage: Storage, clips: Clips, calls: int
) -> Rolled:
    """Replaces one process after the other while ``calls`` are on the line, then lets the callers finish."""
    enough = asyncio.Event()
    watched = [Watching() for _ in range(calls)]
    async with asyncio.TaskGroup() as tasks:
        placed = []
        for number, watching in enumerate(watched):
            placed.append(tasks.create_task(_call(balanced, storage, clips, enough, number, watching)))
            await asyncio.sleep(BETWEEN_CALLS_S)
        await _all_answered(watched)
        owners = await _owners(storage)
        for process in processes:
            await asyncio.to_thread(process.stop)
            await _all_answered(watched)
            await asyncio.to_thread(process.start)
        enough.set()
    results = [task.result() for task in placed]
    stored = [
        await storage.read(lambda session, sid=result.call_sid: records.require_call(session, sid))  # type: ignore[misc]
        for result in results
    ]
    return Rolled(results, stored, owners)


async def _call(
    balanced: LocalServer,
    storage: Storage,
    clips: Clips,
    enough: asyncio.Event,
    number: int,
    watching: Watching,
) -> CallResult:
    call_sid = "CA" + secrets.token_hex(16)
    asker = Asker(call_sid, clips, storage, enough)
    caller = Caller((), attend=asker.next, quiet_s=QUIET_S, patience_s=30.0)
    double = double_for(balanced, f"+1617555{7_000 + number}", watching)
    return await double.place_call(caller, call_sid=call_sid)


async def _all_answered(watched: Sequence[Watching]) -> None:
    """Returns once every caller has had an answer from now on, or is gone."""
    before = [watching.replies for watching in watched]
    while any(
        watching.replies == replies and not watching.over
        for watching, replies in zip(watched, before, strict=True)
    ):
        await asyncio.sleep(0.2)


async def _owners(storage: Storage) -> set[str]:
    from sqlmodel import col, select

    from models.tables import Call

    rows = await storage.read(
        lambda session: list(session.exec(select(Call.owner).where(col(Call.ended).is_(None))).all())
    )
    return {owner for owner in rows if owner}
