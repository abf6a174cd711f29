"""A worker is killed while it decodes several calls: each has its outcome, and the worker is replaced."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from agent.part_environment import environment_of
from agent.settings import Settings
from agent.supervisor import Part, Supervisor, build, listen, socket_of
from agent.transcribe import telephone
from agent.workers import WorkerClient
from models.domain import Expectation, Transcript
from tests.voice.whisper_checkpoints import Shape, checkpoint
from voice.ears import FAILED, Ears
from voice.whisper_ear import ENGINE

CLIP = Path(__file__).resolve().parents[2] / "audio_fixtures" / "maria-wants-refill.wav"
UNSURE_OF_ITSELF = 1.0  # every text is doubted and tried again at 30 s, which takes its time
BUSY_S = 0.15  # of processor since the question: it is decoding
CALLS = 4
LIMIT_S = 120.0  # of the whole test, on a busy machine


@dataclass
class Supervised:
    """One speech-to-text worker and who starts it again."""

    supervisor: Supervisor
    part: Part
    client: WorkerClient

    async def loaded(self) -> None:
        while not await self.client.ready():
            self.supervisor.look()
            await asyncio.sleep(0.1)

    async def decoding(self) -> None:
        """Returns when the worker has begun to work on what it was just asked."""
        process = psutil.Process(self.process_id)
        before_s = process.cpu_times().user
        while process.cpu_times().user < before_s + BUSY_S:
            await asyncio.sleep(0.005)

    def kill(self) -> None:
        os.kill(self.process_id, signal.SIGKILL)
        assert self.part.process
        self.part.process.wait()

    @property
    def process_id(self) -> int:
        assert self.part.process
        return self.part.process.pid


@contextlib.asynccontextmanager
async def supervised(folder: Path) -> AsyncIterator[Supervised]:
    shape = Shape(width=128, heads=4, layers=2, text_layers=3)
    weights = checkpoint(folder / "noise.pt", shape, loudness=UNSURE_OF_ITSELF)
    chosen = Settings(data_dir=folder / "data", stt="whisper", whisper_model=str(weights), ears=1)
    with listen("127.0.0.1", 0, "PORT") as public, listen("127.0.0.1", 0, "PRIVATE_PORT") as private:
        (part,) = (each for each in build(chosen, public, private) if each.name == "ear-1")
    part.start_after_s = 0.0
    worker = Supervised(
        Supervisor([part], environment_of(chosen, 0)), part, WorkerClient(socket_of(chosen, "ear-1"))
    )
    try:
        worker.supervisor.look()
        await worker.loaded()
        yield worker
    finally:
        await worker.client.close()
        if part.pulse:
            part.pulse.reset()
        if part.running:
            worker.kill()


def finishing(ears: Ears, clip: bytes) -> list[asyncio.Task[Transcript]]:
    sessions = [ears.open(Expectation(), f"call-{number}") for number in range(CALLS)]
    for session in sessions:
        session.feed(clip)
    return [asyncio.create_task(session.finish()) for session in sessions]


async def test_each_call_has_its_outcome_and_the_worker_is_replaced(tmp_path: Path) -> None:
    clip = telephone(CLIP, wideband=False)
    async with asyncio.timeout(LIMIT_S), supervised(tmp_path) as worker:
        ears = Ears([worker.client])
        waiting = finishing(ears, clip)
        await worker.decoding()
        first = worker.process_id
        worker.kill()
        lost = await asyncio.gather(*waiting)
        assert lost == [Transcript("", failure=FAILED)] * CALLS, "an outcome that the dialog can speak to"

        worker.supervisor.look()
        await worker.loaded()
        assert worker.process_id != first
        heard = await asyncio.gather(*finishing(ears, clip))
        assert [found.engine for found in heard] == [ENGINE] * CALLS
