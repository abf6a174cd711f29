"""Kills processes of a running server at instants that a seed brings back; measures the silence after."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx
import psutil

from agent import parts_file
from agent.local_server import LocalServer
from agent.settings import Settings
from telephony.double import CallEvent, CallResult, Kind
from telephony.double.webhooks import CEILING_S

BETWEEN_S = (0.5, 7.0)  # after the process is up again
AFTER_WORDS_S = (0.0, 1.5)  # while they are understood, decided on, stored and answered
WORDS_LIMIT_S = 8.0
POLL_S = 0.02


def part(server: LocalServer, name: str) -> psutil.Process | None:
    """The running process of a part ("web", "ear-1", "mind", "mouth"), None while there is none."""
    told = parts_file.read(server.settings.run_dir).get(name)
    try:
        process = psutil.Process(told.pid) if told and told.pid else None
        return process if process and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


async def kill(server: LocalServer, name: str, signal_number: int = signal.SIGKILL) -> float:
    """Sends the signal to a part as soon as it runs; returns the loop's time of it."""
    while (process := part(server, name)) is None:
        await asyncio.sleep(POLL_S)
    os.kill(process.pid, signal_number)
    return asyncio.get_running_loop().time()


async def up(server: LocalServer) -> None:
    """Returns once the web process answers: on a busy machine it needs its time."""
    async with httpx.AsyncClient(base_url=server.base_url, trust_env=False, verify=False) as http:
        while True:
            try:
                await http.get("/readyz")
            except httpx.HTTPError:
                await asyncio.sleep(10 * POLL_S)
            else:
                return


def with_known_clock(chosen: Settings) -> Settings:
    """NOW holds now: what the server stores can be compared with what its callers saw (`by_its_clock`)."""
    return replace(chosen, now_at=datetime.now(UTC).isoformat())


def by_its_clock(result: CallResult, chosen: Settings) -> CallResult:
    """The same call, placed by the server's time of day instead of ours."""
    assert result.placed_at is not None
    result.placed_at += datetime.fromisoformat(chosen.now) - datetime.fromisoformat(chosen.now_at)
    return result


@dataclass
class Watched:
    """One call as its observer sees it: when it was placed, whether words were spoken, how long it waits."""

    spoke: asyncio.Event
    placed_s: float = 0.0
    over: bool = False
    waits_since_s: float | None = None  # for a stream

    def __call__(self, event: CallEvent) -> None:
        now_s = asyncio.get_running_loop().time()
        match event.kind:
            case Kind.PLACED:
                self.placed_s = self.waits_since_s = now_s
            case Kind.STREAM_STARTED:
                self.waits_since_s = None
            case Kind.STREAM_ENDED:
                self.waits_since_s = now_s
            case Kind.CALLER_SPOKE:
                self.spoke.set()
            case Kind.ENDED:
                self.over = True

    @property
    def waits_s(self) -> float:
        if self.over or self.waits_since_s is None:
            return 0.0
        return asyncio.get_running_loop().time() - self.waits_since_s


@dataclass
class Killer:
    """``run`` kills the web process ``count`` times: half at any time, half just after somebody spoke.

    ``spare`` is asked before each: a line that keeps breaking before a word gets through is given to a
    person, as it should be, so a call that is near that is let through. So is one that the carrier would
    give up before a process that took as long to start as the last one could answer.
    """

    server: LocalServer
    seed: int
    count: int
    spare: Callable[[], Awaitable[bool]]
    spoke: asyncio.Event = field(default_factory=asyncio.Event)
    kills_s: list[float] = field(default_factory=list)
    calls: list[Watched] = field(default_factory=list)

    async def run(self) -> None:
        chance = random.Random(self.seed)
        for _ in range(self.count):
            at_s, after_words, pause_s = (
                chance.uniform(*BETWEEN_S), chance.random() < 0.5, chance.uniform(*AFTER_WORDS_S)
            )  # fmt: skip
            await up(self.server)
            starts_s = asyncio.get_running_loop().time() - self.kills_s[-1] if self.kills_s else 0.0
            await asyncio.sleep(at_s)
            if after_words:
                await self._words(pause_s)
            while await self.spare() or self._is_given_up(starts_s):
                await asyncio.sleep(10 * POLL_S)
            if all(call.over for call in self.calls):
                return
            self.kills_s.append(await kill(self.server, "web"))

    def _is_given_up(self, starts_s: float) -> bool:
        """Whether a process that is killed now and starts as slowly again would be too late for a call."""
        return any(call.waits_s and call.waits_s + 2 * starts_s > CEILING_S for call in self.calls)

    async def _words(self, pause_s: float) -> None:
        self.spoke.clear()
        try:
            async with asyncio.timeout(WORDS_LIMIT_S):
                await self.spoke.wait()
        except TimeoutError:
            return
        await asyncio.sleep(pause_s)

    def silences_s(self, results: list[CallResult]) -> list[float]:
        """From each kill to the agent's next words, in calls that it broke; not where one follows first."""
        found = []
        for watched, result in zip(self.calls, results, strict=True):
            starts = [watched.placed_s + segment.start_ms / 1_000 for segment in result.segments]
            for kill_s, next_s in itertools.pairwise([*self.kills_s, float("inf")]):
                after = next((start for start in starts if start > kill_s), None)
                if kill_s < watched.placed_s or after is None or after > next_s:
                    continue
                if not _went_on(result, *((at_s - watched.placed_s) * 1_000 for at_s in (kill_s, after))):
                    found.append(after - kill_s)
        return found


def _went_on(result: CallResult, from_ms: float, to_ms: float) -> bool:
    """Whether one stream lasted through it: another process led the call, and it was silent for a while."""
    return any(
        stream.started_ms < from_ms and (stream.ended_ms is None or to_ms < stream.ended_ms)
        for stream in result.streams
    )
