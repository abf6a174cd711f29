"""The demo, run once as a user runs it; then its data served again, to be read and called."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent import settings as settings_module
from agent.demo import resources_of
from agent.local_server import LocalServer, demo_settings, running_server
from agent.preparing import keyring_of
from models import records
from models.storage import Storage

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "audio_fixtures"
DEMO_LIMIT_S = 420


@dataclass
class Demo:
    folder: Path
    exit_code: int
    output: str


@dataclass
class Practice:
    """A served practice: its database, and its chart over HTTP."""

    server: LocalServer
    storage: Storage

    async def stored(self, call_sid: str) -> records.StoredCall:
        """The call as stored, once it has been closed."""
        for _ in range(900):
            call = await self.storage.read(lambda session: records.load_call(session, call_sid))
            if call and call.ended:
                return call
            await asyncio.sleep(0.1)
        raise AssertionError(f"call {call_sid} was never closed")

    async def written(self, call_sid: str, *, kinds: set[str]) -> list[dict[str, Any]]:
        """The chart's resources of this call, once all ``kinds`` are there; what there is after a minute."""
        found: list[dict[str, Any]] = []
        async with self.chart() as chart:
            for _ in range(300):
                found = await resources_of(chart, call_sid)
                if kinds <= {resource["resourceType"] for resource in found}:
                    break
                await asyncio.sleep(0.2)
        return found

    def chart(self) -> httpx.AsyncClient:
        token = settings_module.own_secret(self.server.settings, "fhir-token")
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.AsyncClient(base_url=f"{self.server.private_url}/fhir", headers=headers, timeout=60)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "agent.cli", "demo", "--keep", str(folder)]
    environment = os.environ | {"COLUMNS": "200"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=DEMO_LIMIT_S, check=False
    )
    return Demo(folder, done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def served(demo: Demo) -> Iterator[LocalServer]:
    """A new server on the demo's own data; gone with the file's last test, as it costs the others."""
    with running_server(demo_settings(demo.folder / "data")) as server:
        yield server


@pytest.fixture
async def practice(served: LocalServer) -> AsyncIterator[Practice]:
    storage = await asyncio.to_thread(Storage.open, served.settings.database, keyring_of(served.settings))
    yield Practice(served, storage)
    storage.close()


def wav(name: str) -> str:
    return f"wav:{FIXTURES / name}.wav"
