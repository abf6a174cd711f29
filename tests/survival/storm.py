"""Kills web processes under many calls, on one machine or on two that share a database; writes a result.

    python -m tests.survival.storm --kills 50 --calls 50 [--database postgresql] [--machines 2] [--seed N]
        [--stt pocketsphinx] [--thinks 5] [--spares 60]

With two machines whoever asks anew is sent to the one that was not killed, as by a proxy that
looks whether its machines answer. The clock of every silence is the carrier's. Nobody is turned away:
how many calls there are is the plan's, not the door's; ``callers_late_ms`` tells whether it was too much
for the machine. ``played_not_stored``: turns that were heard before the database had them, as where it takes
longer than a caller can wait, and that went with their process; what a caller said in one is in the losses.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil
from sqlmodel import col, select

from agent.answering import MAX_RESUMPTIONS
from agent.demo import double_for
from agent.demo_report import percentile
from agent.left_behind import SUFFIX, UNSTORED
from agent.local_server import LocalServer, demo_settings, free_port, running_server
from agent.preparing import keyring_of
from agent.settings import Settings
from benchmarks.booking_race import postgresql
from models.storage import Storage
from models.tables import Call
from telephony.double import CallResult
from telephony.double.ways import OverNetwork, Socket
from tests.survival.callers import QUIET_S, Clips
from tests.survival.crowd import DANGER, Crowd, Stored, Visitor, losses, settled, words
from tests.survival.killing import (
    AFTER_WORDS_S,
    Killer,
    Watched,
    by_its_clock,
    kill,
    part,
    up,
    with_known_clock,
)
from tests.survival.ledger import acknowledged
from tests.survival.spoken import unstored
from voice import flite

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "kills.jsonl"
BETWEEN_S = (1.0, 6.0)  # after the process is up again
SPARED_S = 60.0  # a line that breaks again and again before a word gets through goes to a person
VOICE = "rms"  # flite's
WARM_LIMIT_S = 300.0
TAKEN_UP_LIMIT_S = 90.0
POLL_S = 0.1
LOOK_S = 0.02


@dataclass(frozen=True)
class Plan:
    kills: int
    calls: int
    seed: int
    database: str = "sqlite"
    machines: int = 1
    stt: str = "stand-in"
    thinks: float = QUIET_S  # seconds, after what the agent says, of those who ask on and on
    spares: float = SPARED_S  # seconds at most, between kills, for lines that would soon go to a person

    @property
    def voice(self) -> str:
        """The callers': a real recogniser hears little of what espeak says."""
        return VOICE if self.stt != "stand-in" and flite.installed() else ""


class TooMany(Exception):
    """More calls than this machine can have on the line at once."""


class Lateness:
    """How much later than asked the loop of the callers' program woke: beyond some ms it measures itself."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []

    async def watch(self, until: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        while not until():
            due_s = loop.time() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self.late_ms.append((loop.time() - due_s) * 1_000)


class Balanced(OverNetwork):
    """Every request and socket goes to the machine that is chosen now."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports, self.chosen = ports, 0

    @property
    def port(self) -> int:
        return self._ports[self.chosen]

    def next(self) -> None:
        self.chosen = (self.chosen + 1) % len(self._ports)

    def http(self, timeout: httpx.Timeout) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=timeout, trust_env=False, transport=_Chosen(self))

    @contextlib.asynccontextmanager
    async def socket(self, address: str, headers: Mapping[str, str]) -> AsyncIterator[Socket]:
        parts = urlsplit(address)
        there = urlunsplit(parts._replace(netloc=f"{parts.hostname}:{self.port}"))
        async with super().socket(there, headers) as socket:
            yield socket


class _Chosen(httpx.AsyncHTTPTransport):
    def __init__(self, way: Balanced) -> None:
        super().__init__(verify=False)  # no certificates to read, which takes longer than a server's answer
        self._way = way

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=self._way.port)
        return await super().handle_async_request(request)


@dataclass
class Storm(Killer):
    """Kills the machine that leads the calls, once ``least`` of them are on the line."""

    servers: Sequence[LocalServer] = ()
    way: Balanced = field(default_factory=lambda: Balanced((0,)))
    least: int = 1
    spares_s: float = SPARED_S
    in_flight: list[int] = field(default_factory=list)  # at each kill: calls with a live stream
    over: bool = False

    async def run(self) -> None:
        chance = random.Random(self.seed)
        try:
            await self._full()
            for _ in range(self.count):
                at_s, after_words, pause_s = (
                    chance.uniform(*BETWEEN_S), chance.random() < 0.5, chance.uniform(*AFTER_WORDS_S)
                )  # fmt: skip
                await asyncio.gather(*(up(server) for server in self.servers))
                await asyncio.sleep(at_s)
                if after_words:
                    await self._words(pause_s)
                await self._spared()
                await self._strike()
        finally:
            self.over = True

    @property
    def talking(self) -> int:
        return sum(not call.over and call.placed_s > 0 and call.waits_since_s is None for call in self.calls)

    async def _full(self) -> None:
        try:
            async with asyncio.timeout(WARM_LIMIT_S):
                while self.talking < self.least:
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            over = sum(call.over for call in self.calls)
            raise TooMany(
                f"after {WARM_LIMIT_S:.0f} s there were {self.talking} of {self.least} calls, {over} were "
                "over: too many for this machine; take fewer, or callers who think for longer (--thinks)"
            ) from None

    async def _spared(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.spares_s):
                while await self.spare():
                    await asyncio.sleep(POLL_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SPARED_S):
                while self.talking < self.least:
                    await asyncio.sleep(POLL_S)

    async def _strike(self) -> None:
        struck = self.servers[self.way.chosen]
        while part(struck, "web") is None:
            await asyncio.sleep(POLL_S)
        self.in_flight.append(self.talking)
        self.way.next()
        self.kills_s.append(await kill(struck, "web"))


# asyncio.run writes out what it returns, and throws that away: minutes, and gigabytes of sound.
@dataclass(repr=False)
class Outcome:
    plan: Plan
    kills: int
    in_flight: list[int]
    silences_s: list[float]
    calls: list[tuple[Visitor, CallResult, Stored]]
    clips: Clips
    load: float
    passed_on: int  # to the practice, before a word was said
    callers_late_ms: list[float]

    @property
    def losses(self) -> list[str]:
        exact = self.plan.stt == "stand-in"
        return [
            f"{visitor.kind} {visitor.call_sid}: {loss}"
            for visitor, result, stored in self.calls
            for loss in losses(visitor, result, stored, self.clips, exact=exact)
        ]

    def row(self) -> dict[str, Any]:
        kinds = Counter(visitor.kind for visitor, _, _ in self.calls)
        silences = self.silences_s or [0.0]
        said = [
            self.clips.words_of(each.label)
            for _, result, stored in self.calls
            for each in acknowledged(result, stored.call.turns)
        ]
        return {
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
            "commit": _commit(),
            "machine": f"{os.cpu_count()} cores, {_memory_gib():.0f} GiB, load {self.load:.1f}",
            "python": platform.python_version(),
            "seed": self.plan.seed,
            "thinks_s": self.plan.thinks,
            "spares_s": self.plan.spares,
            "callers_late_ms": {
                "p95": round(percentile(self.callers_late_ms, 95), 1),
                "longest": round(max(self.callers_late_ms), 1),
            },
            "recogniser": self.plan.stt,
            "callers_voice": self.plan.voice or "espeak",
            "database": self.plan.database,
            "processes": self.plan.machines,
            "kills": self.kills,
            "in_flight": {"least": min(self.in_flight, default=0), "most": max(self.in_flight, default=0)},
            "calls": dict(kinds),
            "acknowledged_turns": len(said),
            "bookings": sum(len(stored.cells) for _, _, stored in self.calls),
            "refills": sum(stored.refills for _, _, stored in self.calls),
            "escalations": sum(words == DANGER for words in said),
            "passed_on": self.passed_on,
            "dialled": sum(
                bool(result.dialled) for visitor, result, _ in self.calls if visitor.kind != "danger"
            ),
            "played_not_stored": sum(
                len(unstored(result, stored.call.turns)) for _, result, stored in self.calls
            ),
            "told_to_staff": sum(len(stored.told) for _, _, stored in self.calls),
            "lost_or_doubled": self.losses,
            "audible_again_s": {
                "p50": round(percentile(silences, 50), 2),
                "p95": round(percentile(silences, 95), 2),
                "longest": round(max(silences), 2),
                "of": len(self.silences_s),
            },
        }


async def storm(plan: Plan, servers: Sequence[LocalServer], storage: Storage, clips: Clips) -> Outcome:
    async def near_a_person() -> bool:
        limit = MAX_RESUMPTIONS - 1
        waiting = select(Call.id).where(col(Call.ended).is_(None), col(Call.stalled) >= limit)
        return await storage.read(lambda session: session.exec(waiting).first()) is not None

    way = Balanced([server.settings.port for server in servers])
    killer = Storm(
        servers[0],
        plan.seed,
        plan.kills,
        near_a_person,
        servers=servers,
        way=way,
        least=plan.calls,
        spares_s=plan.spares,
    )
    watching: list[tuple[Watched, CallResult]] = []

    async def place(visitor: Visitor) -> CallResult:
        watched = Watched(killer.spoke)
        killer.calls.append(watched)
        result = await double_for(servers[0], visitor.number, watched, way).place_call(
            visitor.caller(clips, storage), call_sid=visitor.call_sid
        )
        watching.append((watched, result))
        return by_its_clock(result, servers[0].settings)

    # some more than wanted: who has just left is being followed
    crowd = Crowd(plan.calls + max(2, plan.calls // 8), place, lambda: killer.over, plan.thinks)
    lateness = Lateness()
    too_many: list[Exception] = []
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(lateness.watch(lambda: killer.over))
            group.create_task(crowd.run())
            group.create_task(killer.run())
    except* TooMany as raised:
        too_many += raised.exceptions
    if too_many:
        raise too_many[0]
    killer.calls = [watched for watched, _ in watching]
    silences_s = killer.silences_s([result for _, result in watching])
    ours = [(visitor, result) for visitor, result in crowd.ended if result.streams]
    await _taken_up(servers)
    calls = [(visitor, result, await settled(storage, visitor.call_sid)) for visitor, result in ours]
    passed_on = len(crowd.ended) - len(ours)
    return Outcome(
        plan=plan,
        kills=len(killer.kills_s),
        in_flight=killer.in_flight,
        silences_s=silences_s,
        calls=calls,
        clips=clips,
        load=os.getloadavg()[1],
        passed_on=passed_on,
        callers_late_ms=lateness.late_ms,
    )


async def _taken_up(servers: Sequence[LocalServer]) -> None:
    """Waits until nothing that killed processes could not store is left in their files."""
    folders = [server.settings.data_dir / UNSTORED for server in servers]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(TAKEN_UP_LIMIT_S):
            while any(any(folder.glob(f"*/*{SUFFIX}")) for folder in folders):
                await asyncio.sleep(POLL_S)


def run(plan: Plan, folder: Path) -> Outcome:
    """The whole thing, its servers included."""
    clips = Clips(folder / "clips", words(), plan.voice)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(postgresql(folder)) if plan.database == "postgresql" else None
        chosen = demo_settings(
            folder / "one", stt=plan.stt, stand_in_clips=clips.list, ears=2 if plan.machines == 1 else 1
        )
        chosen = replace(chosen, secrets_dir=folder / "secrets", recordings_dir=folder / "recordings")
        chosen = with_known_clock(replace(chosen, turn_away=False))
        if url:
            chosen = replace(chosen, database_url=url, siblings=plan.machines > 1)
        servers = [stack.enter_context(running_server(chosen))]
        others = (_beside(chosen, folder / f"machine{number}") for number in range(1, plan.machines))
        servers += [stack.enter_context(running_server(each)) for each in others]
        storage = Storage.open(chosen.database, keyring_of(chosen))
        stack.callback(storage.close)
        return asyncio.run(storm(plan, servers, storage, clips))


def _beside(chosen: Settings, folder: Path) -> Settings:
    """Another machine: the same secrets and recordings, ports and files of its own."""
    folder.mkdir(mode=0o700)
    return replace(chosen, data_dir=folder, port=free_port(), private_port=free_port())


def _memory_gib() -> float:
    return float(psutil.virtual_memory().total) / 2**30


def _commit() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=RESULTS.parents[2],
    )
    return asked.stdout.strip()


def note(outcome: Outcome) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as file:
        file.write(json.dumps(outcome.row()) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--machines", type=int, choices=(1, 2), default=1)
    parser.add_argument("--stt", default="stand-in")
    parser.add_argument("--thinks", type=float, default=QUIET_S)
    parser.add_argument("--spares", type=float, default=SPARED_S)
    plan = Plan(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root PostgreSQL runs as a user of its own
        print(f"SEED={plan.seed}", flush=True)
        try:
            outcome = run(plan, folder)
        except TooMany as error:
            raise SystemExit(str(error)) from None
    note(outcome)
    print(json.dumps(outcome.row(), indent=1))
    if outcome.losses:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
