"""One Chromium and one seeded practice for the tests of a file."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from intents.understand import MindService
from tests.chromium.browser import running_chromium
from tests.chromium.day import play
from tests.chromium.rows import ask_for_refills, fill
from tests.chromium.site import Site, running_site, seed


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo practice's data folder, to be copied: its keys are the same in every copy."""
    folder = tmp_path_factory.mktemp("seeded") / "data"
    seed(folder)
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A day at the practice."""
    folder = tmp_path_factory.mktemp("day") / "data"
    shutil.copytree(seeded, folder)
    async with running_site(folder, fill) as running:
        await running.write_note("CA-booking")
        await ask_for_refills(running.services.backends)
        yield running


@pytest.fixture(scope="module")
def mind() -> MindService:
    service = MindService()
    service.load()
    return service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def busy_site(site: Site, mind: MindService) -> Site:
    """The same, and real calls besides: what they book, ask for and say."""
    await play(site.services, mind)
    return site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def empty_site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Before the first call."""
    folder = tmp_path_factory.mktemp("empty") / "data"
    shutil.copytree(seeded, folder)
    async with running_site(folder) as running:
        yield running
