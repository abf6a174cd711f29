"""The agent on pipecat that the voice benchmark compares us with: it hears as we do, and answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from agent.workers import WorkerClient, serve
from benchmarks.pipecat_server import running_agents
from benchmarks.turn_calls import Script, Socket
from benchmarks.turn_line import TurnCaller
from models.domain import Transcript
from tests.peers.installed import ROOT
from voice.ear_config import EarConfig
from voice.ear_service import EarService

DATE = "march fifth nineteen eighty one"


class NotedEar(EarService):
    """Keeps what it made of each utterance."""

    def __init__(self, model_dir: Path) -> None:
        super().__init__(EarConfig("pocketsphinx", model_dir=str(model_dir), sentences=(DATE,)))
        self.heard: list[str] = []

    def finish_later(self, session: str) -> Future[Transcript]:
        transcript = super().finish_later(session)
        self.heard.append(transcript.result().text)
        return transcript


@pytest.fixture
def agent_installed() -> None:
    if not (ROOT / ".peers" / "pipecat-agent.installed").exists():
        pytest.skip("pipecat's own environment is not installed: scripts/peers.sh pipecat-agent")


@pytest.fixture
async def ear(tmp_path: Path) -> AsyncIterator[tuple[Path, NotedEar]]:
    """A recogniser behind its socket, as in its worker process."""
    service, socket = NotedEar(tmp_path / "model"), tmp_path / "ear.sock"
    serving = asyncio.create_task(serve(service, socket))
    client = WorkerClient(socket)
    while not await client.ready():
        await asyncio.sleep(0.05)
    await client.close()
    yield socket, service
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


@pytest.fixture
def door(agent_installed: None, ear: tuple[Path, NotedEar]) -> Iterator[Socket]:
    with running_agents("ours", [ear[0]], 1) as (door, _):
        yield door


@pytest.mark.slow
async def test_the_agent_on_pipecat_greets_hears_a_birth_date_and_answers(
    door: Socket, ear: tuple[Path, NotedEar]
) -> None:
    script = Script("+16175550123", (("maria-dob", "dob"),))
    called = await TurnCaller(await door.open(script, 0), script.played()).run()
    assert called.ended == "hung up"
    assert called.greeting_ms is not None
    assert ear[1].heard == [DATE]
    assert called.turns[0].reply_ms is not None
    assert not called.turns[0].early
