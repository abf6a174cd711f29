"""Looks into a foreign chart: each within a time limit, the same one only once at a time, kept for seconds.

What is kept is kept by patient and never beyond one: a key names whose chart it is from, and a write about
that patient forgets it. What belongs to nobody (providers, places, schedules) is kept for minutes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from backends.reading.documents import fit_for_use
from backends.reading.problems import ChartNotReached, problem_of
from backends.refusals import Json
from fhir.capability import Capabilities, read_capabilities
from fhir.client import FhirClient
from fhir.errors import FhirError
from models.domain import Clock
from models.errors import NotFound

LOOK_S = 3.0  # one interaction: shorter than the second "one moment" of a call
KEPT = timedelta(seconds=30)  # of one patient
KEPT_SHARED = timedelta(minutes=10)  # of nobody in particular
QUIET = timedelta(seconds=5)  # after a server was not reached nobody waits for it again
MOST_KEPT = 2_000
NOBODY = ""
T = TypeVar("T")
Key = tuple[str, str, tuple[tuple[str, str], ...]]  # whose, resource type or reference, search


@dataclass(frozen=True, slots=True)
class _Kept:
    documents: tuple[Json, ...]
    until: datetime


class Looks:
    """Reads from one server for all calls of this process. ``region``: of numbers without country code.

    Every method raises the errors of `problems`; ``client`` bounds an interaction.
    """

    def __init__(self, client: FhirClient, clock: Clock, region: str) -> None:
        self.client = client
        self.clock = clock
        self._region = region
        self._kept: dict[Key, _Kept] = {}
        self._running: dict[Key, asyncio.Task[tuple[Json, ...]]] = {}
        self._capabilities: tuple[Capabilities, datetime] | None = None
        self._asking = asyncio.Lock()
        self._quiet_until: datetime | None = None

    async def search(self, whose: str, resource_type: str, **wanted: str) -> tuple[Json, ...]:
        """The resources that match; those of an earlier look where that was a moment ago.

        A parameter's hyphen is written as an underscore; a leading one stands for itself.
        """
        params = {_parameter(name): value for name, value in wanted.items()}
        key = (whose, resource_type, tuple(sorted(params.items())))
        return await self._look(key, lambda: self.client.search(resource_type, params))

    async def fresh(self, interaction: Callable[[], Awaitable[list[Json]]]) -> list[Json]:
        """What the server says now; nothing of it is kept."""
        found = await self.ask(interaction)
        return fit_for_use(found, self.client.base_url, self._region)

    async def read(self, whose: str, reference: str) -> Json:
        """One resource. Raises `NotFound` where it is gone."""

        async def ask() -> list[Json]:
            found = await self.client.read(reference)
            return [found.resource] if found.resource else []

        for document in await self._look((whose, reference, ()), ask):
            return document
        raise NotFound(f"{reference.partition('/')[0]} is not there")

    def forget(self, whose: str) -> None:
        """After a write: the next look asks the server, also where one is under way now."""
        self._kept = {key: kept for key, kept in self._kept.items() if key[0] != whose}
        self._running = {key: task for key, task in self._running.items() if key[0] != whose}

    async def capabilities(self) -> Capabilities:
        """What the server says of itself, asked anew every ten minutes."""
        async with self._asking:
            now = self.clock()
            if self._capabilities is None or self._capabilities[1] <= now:
                statement = await self.ask(self.client.metadata)
                self._capabilities = (read_capabilities(statement), now + KEPT_SHARED)
            return self._capabilities[0]

    async def ask(self, interaction: Callable[[], Awaitable[T]]) -> T:
        """One interaction, its failure in our own words: at once where none was reached just now."""
        if self._quiet_until is not None and self.clock() < self._quiet_until:
            raise ChartNotReached("the server was not reached a moment ago")
        try:
            return await interaction()
        except FhirError as error:
            problem = problem_of(error)
            if isinstance(problem, ChartNotReached):
                self._quiet_until = self.clock() + QUIET
            raise problem from error

    async def _look(self, key: Key, ask: Callable[[], Awaitable[list[Json]]]) -> tuple[Json, ...]:
        kept = self._kept.get(key)
        if kept is not None and self.clock() < kept.until:
            return kept.documents
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = asyncio.ensure_future(self._fetch(key, ask))
            running.add_done_callback(lambda task: self._over(key, task))
        return await asyncio.shield(running)

    async def _fetch(self, key: Key, ask: Callable[[], Awaitable[list[Json]]]) -> tuple[Json, ...]:
        return tuple(await self.fresh(ask))

    def _over(self, key: Key, task: asyncio.Task[tuple[Json, ...]]) -> None:
        failed = task.cancelled() or task.exception() is not None
        if self._running.get(key) is not task:
            return  # forgotten meanwhile: what it read may be older than the write
        del self._running[key]
        if not failed:
            self._keep(key, task.result())

    def _keep(self, key: Key, documents: tuple[Json, ...]) -> None:
        now = self.clock()
        if len(self._kept) >= MOST_KEPT:
            self._kept = {old: kept for old, kept in self._kept.items() if now < kept.until}
        if len(self._kept) < MOST_KEPT:
            self._kept[key] = _Kept(documents, now + (KEPT if key[0] else KEPT_SHARED))


def _parameter(name: str) -> str:
    return name[0] + name[1:].replace("_", "-")
