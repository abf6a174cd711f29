"""The practice that is rehearsed with: the demo's, seeded once for each day, copied for each call.

Everything is real but the line: understanding, dialog, schedule, pharmacy, storage and chart.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from agent import audio_time
from agent.chart_app import chart_transport
from agent.in_process import CHART, AtOnce
from agent.local_server import demo_settings
from agent.preparing import backends_of, keyring_of, prepare_tool
from agent.rehearsal.scenario import Scenario
from agent.services import CHART_LIMIT_S, Services, assemble
from agent.settings import Settings, with_secrets
from agent.workers import local
from intents.understand import MindService
from models.domain import BookOpening, FindOpenings, Remote
from voice.ears import Ears
from voice.mouth import Mouth

BEFORE = "rehearsal"  # the bookings that a scenario sets up belong to no caller
DEFAULT_AHEAD = 7  # days from the call to a visit that a scenario sets up


@dataclass
class Stage:
    """Seeded practices by day, and the one mind that all calls share."""

    folder: Path
    mind: Remote
    _seeded: dict[str, Path] = field(default_factory=dict)
    _calls: int = 0

    def fresh(self, scenario: Scenario) -> Settings:
        """Settings of a practice of its own, as of the scenario's day."""
        self._calls += 1
        folder = self.folder / f"call-{self._calls}"
        shutil.copytree(self._template(scenario.now), folder)
        return with_secrets(demo_settings(folder, now=scenario.now))

    def done(self, chosen: Settings) -> None:
        shutil.rmtree(chosen.data_dir, ignore_errors=True)

    def _template(self, now: str) -> Path:
        day = now[:10]
        if day not in self._seeded:
            folder = self.folder / f"seeded-{day}"
            prepare_tool(demo_settings(folder, now=now))
            self._seeded[day] = folder
        return self._seeded[day]


@contextlib.contextmanager
def open_stage(mind: Remote | None = None) -> Iterator[Stage]:
    """``mind`` None: it is loaded, which takes some seconds."""
    with tempfile.TemporaryDirectory(prefix="firstring-rehearse-") as folder:
        yield Stage(Path(folder), mind or loaded_mind())


def loaded_mind() -> Remote:
    service = MindService()
    service.load()
    return local(service)


@dataclass(frozen=True)
class Opened:
    """One practice, open for a call."""

    services: Services
    chart: httpx.AsyncClient  # its /fhir, as any program reads it


@contextlib.asynccontextmanager
async def open_practice(chosen: Settings, mind: Remote) -> AsyncIterator[Opened]:
    """On the loop's clock, from the settings' NOW on. Only on audio time."""
    clock = audio_time.clock_from(datetime.fromisoformat(chosen.now))
    storage = AtOnce.open(chosen.database, keyring_of(chosen))
    try:
        transport = chart_transport(backends_of(chosen, storage, clock), chosen.fhir_token)
        token = {"Authorization": f"Bearer {chosen.fhir_token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url=CHART, headers=token, timeout=CHART_LIMIT_S
        ) as http:
            services = assemble(chosen, storage, CHART, http, Ears([local(None)]), Mouth(None), mind, clock)
            yield Opened(services, http)
    finally:
        storage.close()


async def set_up(services: Services, scenario: Scenario) -> None:
    """Books the visits that the scenario starts with."""
    for place, visit in enumerate(scenario.setup.visits):
        await _book(services, visit, place)


async def _book(services: Services, visit: Mapping[str, Any], place: int) -> None:
    kind, ahead = str(visit.get("visit", "follow-up")), int(visit.get("days", DEFAULT_AHEAD))
    first = services.clock().date() + timedelta(days=ahead)
    wish = FindOpenings(
        f"{BEFORE}-find-{place}", kind, str(visit.get("provider", "")), first,
        near_time=str(visit.get("at", "10:00")), limit=1,
    )  # fmt: skip
    found = await services.backends.scheduling.find(wish)
    booking = BookOpening(f"{BEFORE}-{place}", str(visit["patient"]), found.openings[0].opening_id, kind)
    await services.backends.scheduling.book(booking, call_id=BEFORE)
