"""PostgreSQL really stands still in the middle of a call: its processes are stopped, its sockets are open."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from agent import services as services_module
from agent.answering import Answering
from agent.local_server import demo_settings
from agent.preparing import prepare_tool
from agent.services import open_local
from agent.settings import with_secrets
from benchmarks.booking_race import postgresql
from intents.understand import MindService
from models import records
from telephony.handlers import ArrivingCall
from tests.conversations.conftest import STRANGER, Line, _Loaded
from tests.conversations.staffed import answering_of

pytestmark = pytest.mark.slow(about_s=20)

PAUSE_S = 30.0 if os.environ.get("BUDGET") else 1.0


@contextlib.contextmanager
def paused(server: Path) -> Iterator[None]:
    """Every process of the server in this folder stands still."""
    first = psutil.Process(int((server / "postmaster.pid").read_text().split()[0]))
    stopped = [first, *first.children(recursive=True)]
    for process in stopped:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(stopped):
            process.send_signal(signal.SIGCONT)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Open to PostgreSQL's user, which pytest's own folders are not."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
async def line(folder: Path, mind: MindService, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    """The demo practice on a PostgreSQL of its own."""
    with postgresql(folder) as url:
        chosen = with_secrets(replace(demo_settings(folder / "data"), database_url=url))
        await asyncio.to_thread(prepare_tool, chosen)
        monkeypatch.setattr(services_module, "mind_service", lambda _: _Loaded(mind))
        async with open_local(chosen) as services:
            yield Line(services)


async def test_the_caller_is_answered_and_every_turn_is_stored_once_it_goes_on(
    line: Line, folder: Path
) -> None:
    call = await line.call(STRANGER)
    with paused(folder / "server"):
        assert "Monday" in await call.says("what are your opening hours")
        await asyncio.sleep(PAUSE_S)
        assert "911" in await call.says("i have chest pain")
    record = await call.hangs_up()
    said = [turn.caller_text for turn in record.turns]
    assert said == ["", "what are your opening hours", "i have chest pain"]
    assert len(await line.services.storage.read(records.waiting_pages)) == 1


async def test_a_call_that_arrives_meanwhile_is_not_waited_for(line: Line, folder: Path) -> None:
    """The edge dials the practice for it, `answer_limit_s` after it came; what it was to store is stored."""
    answering = answering_of(line, Answering)
    with paused(folder / "server"), pytest.raises(TimeoutError):
        async with asyncio.timeout(answering.config.answer_limit_s):
            await answering.arriving(ArrivingCall("CA" + "7" * 32, STRANGER, "+16175550100"))
    assert "<Stream" in await answering.arriving(ArrivingCall("CA" + "8" * 32, STRANGER, "+16175550100"))
