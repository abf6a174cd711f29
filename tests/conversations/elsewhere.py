"""A practice whose charts and schedule are another system's: ours takes calls, the other holds charts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from agent import settings as settings_module
from agent.local_server import DEMO_NOW, demo_settings
from agent.preparing import backends_of, keyring_of
from agent.services import assemble
from agent.settings import with_secrets
from agent.workers import local
from backends.embedded import EmbeddedBackends
from backends.fhir_routes import build_router
from intents.understand import MindService
from models.desk import open_tasks
from models.storage import Storage
from tests.conversations.conftest import Line
from tests.reading.conftest import Server
from voice.ears import Ears
from voice.mouth import Mouth

BASE, TOKEN = "http://ehr.test/fhir", "of-the-other-system"


@dataclass
class Elsewhere:
    """``line`` takes the calls; ``theirs`` is the other system, and ``server`` the wire to it."""

    line: Line
    theirs: EmbeddedBackends
    server: Server

    async def held(self, kind: str, **query: str) -> list[dict[str, Any]]:
        page = await self.theirs.chart.search(kind, list(query.items()))
        return [stored.body for stored in page.found]

    async def tasks(self) -> list[str]:
        return [task.kind for task in await self.line.services.storage.read(open_tasks)]


@asynccontextmanager
async def practice_elsewhere(
    their_folder: Path, our_folder: Path, mind: MindService, *, operations: bool
) -> AsyncIterator[Elsewhere]:
    """``their_folder`` is a practice's data folder, ``our_folder`` one that does not exist yet."""
    away = with_secrets(demo_settings(their_folder, now=DEMO_NOW))
    parts = "patients medicines appointments"
    reading = {"fhir_base_url": BASE, "fhir_token": TOKEN, "fhir_read": parts}
    here = demo_settings(our_folder, now=DEMO_NOW, **reading)
    here.data_dir.mkdir()
    with closing(_storage(away)) as their_storage, closing(_storage(here)) as storage:
        clock = settings_module.clock_of(here)
        theirs = backends_of(away, their_storage, clock)
        server = _served(theirs, operations=operations)
        async with httpx.AsyncClient(transport=server) as http:
            ears, mouth = Ears([local(None)]), Mouth(None)
            services = assemble(here, storage, BASE, http, ears, mouth, local(mind), clock)
            yield Elsewhere(Line(services), theirs, server)


def _storage(chosen: settings_module.Settings) -> Storage:
    return Storage.open(chosen.database, keyring_of(chosen))


def _served(theirs: EmbeddedBackends, *, operations: bool) -> Server:
    app = FastAPI()
    app.include_router(build_router(theirs.chart, TOKEN, theirs.operations if operations else None))
    return Server(httpx.ASGITransport(app=app, raise_app_exceptions=False))
