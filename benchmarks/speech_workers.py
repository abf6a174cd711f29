"""Ten utterances at once: in this process, in worker processes, over websockets, on Ray.

    python -m benchmarks.speech_workers [--rounds 3] [--only ray] [--engine whisper] [--save]

The same utterances, the same engine, two workers each (in this process one, which is all that an engine's
thread allows). All ten are asked at the same moment; a time is from then to the transcript. Engines:
``pocketsphinx``, which hears; ``whisper``: random weights of tiny.en's size, forced to as many tokens as
speech has, for the work alone. With ``--save`` the table is appended to benchmarks/results/speech_workers.md.
Ray runs on this machine, for this run; where it is not installed (requirements-ray.txt) its row says so.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import pickle
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.demo_report import percentile
from agent.ear_services import ear_service
from agent.local_server import demo_settings, free_port
from agent.preparing import prepare_tool
from agent.settings import Settings
from agent.speech_client import SpeechClient
from agent.workers import WorkerClient, local
from benchmarks.forced_whisper import write_clips
from benchmarks.speech_worker_part import Engine, PatientService
from benchmarks.voice_rows import machine
from benchmarks.whisper import SIZES
from models.domain import Expectation, Remote, Transcript
from telephony.double.sound import read_wav, to_mulaw
from tests.voice.whisper_checkpoints import checkpoint
from voice import g711
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.ears import Ears

FIXTURES = Path(__file__).parent.parent / "audio_fixtures"
RESULTS = Path(__file__).parent / "results" / "speech_workers.md"
TOGETHER = 10
WORKERS = 2
FRAME_BYTES = 320
LIMIT_S = 120.0  # nobody waits on a telephone here
HEAD = "| binding | workers | p50 | p95 | utterances/s | same words | note |\n" + "| --- " * 7 + "|"


@dataclass
class Figures:
    times_s: list[float]
    whole_s: float
    heard: list[str]
    note: str = ""


def utterances() -> list[tuple[str, bytes]]:
    """Ten clips as a call has them."""
    clips = sorted(FIXTURES.glob("*.wav"))[:TOGETHER]
    return [(clip.stem, g711.decode(to_mulaw(read_wav(clip))).astype("<i2").tobytes()) for clip in clips]


async def measured(remotes: Sequence[Remote], rounds: int) -> Figures:
    """Each round asks all at once; the first, which warms everything up, does not count."""
    said, times_s, whole_s, heard = utterances(), [], 0.0, []
    for number in range(rounds + 1):
        ears = Ears(remotes, time_limit_s=LIMIT_S)
        began_s = time.perf_counter()
        found = await asyncio.gather(*(_heard(ears, pcm) for _, pcm in said))
        if number:
            whole_s += time.perf_counter() - began_s
            times_s += [took_s for took_s, _ in found]
            heard = [transcript.text for _, transcript in found]
    return Figures(times_s, whole_s, heard)


async def _heard(ears: Ears, pcm: bytes) -> tuple[float, Transcript]:
    began_s = time.perf_counter()
    session = ears.open(Expectation(), secrets.token_hex(8))
    session.feed(pcm)
    transcript = await session.finish()
    return time.perf_counter() - began_s, transcript


# ---------------------------------------------------------------------- the bindings


@contextlib.asynccontextmanager
async def in_process(engine: Engine) -> AsyncIterator[list[Remote]]:
    service = engine.made()
    await asyncio.to_thread(service.load)
    yield [local(service)]


@contextlib.asynccontextmanager
async def worker_processes(engine: Engine) -> AsyncIterator[list[Remote]]:
    with tempfile.TemporaryDirectory() as folder, _processes(engine, folder, "unix") as paths:
        clients = [WorkerClient(Path(path), limit_s=LIMIT_S) for path in paths]
        await _ready(clients)
        yield list(clients)
        for client in clients:
            await client.close()


@contextlib.asynccontextmanager
async def websocket_workers(engine: Engine) -> AsyncIterator[list[Remote]]:
    token = secrets.token_hex(32)
    with tempfile.TemporaryDirectory() as folder, _processes(engine, folder, "ws", token) as addresses:
        clients = [SpeechClient(address, token, finish_limit_s=LIMIT_S) for address in addresses]
        await _ready(clients)
        yield list(clients)
        for client in clients:
            await client.close()


@contextlib.asynccontextmanager
async def on_ray(engine: Engine) -> AsyncIterator[list[Remote]]:
    import ray
    from ray import serve

    from agent import ray_hearing

    ray_hearing.FINISH_LIMIT_S = LIMIT_S
    quiet = {"log_to_driver": False, "configure_logging": False, "include_dashboard": False}
    ray.init(num_cpus=WORKERS + 1, **quiet)
    try:
        handle = await asyncio.to_thread(
            ray_hearing.deploy, engine.config, replicas=WORKERS, service=engine.service
        )
        yield [ray_hearing.RayHearing(handle=handle)]
        batches = [await handle.batches.remote() for _ in range(4 * WORKERS)]
        print(f"ray: sizes of the batches of some replicas: {batches}")
    finally:
        serve.shutdown()
        ray.shutdown()


BINDINGS: dict[str, tuple[int, Callable[[Engine], AbstractAsyncContextManager[list[Remote]]]]] = {
    "in-process": (1, in_process),
    "worker process": (WORKERS, worker_processes),
    "websocket worker": (WORKERS, websocket_workers),
    "ray": (WORKERS, on_ray),
}


async def _ready(clients: Sequence[WorkerClient | SpeechClient]) -> None:
    for client in clients:
        while not await client.ready():
            await asyncio.sleep(0.1)


# ---------------------------------------------------------------------- processes


@contextlib.contextmanager
def _processes(engine: Engine, folder: str, kind: str, token: str = "") -> Iterator[list[str]]:
    """Workers of one kind, each a process with the engine; gives their addresses."""
    made = Path(folder) / "engine"
    made.write_bytes(pickle.dumps(engine))
    ports = [free_port() for _ in range(WORKERS)]
    addresses = [
        f"{folder}/ear-{port}.sock" if kind == "unix" else f"ws://127.0.0.1:{port}" for port in ports
    ]
    command = [sys.executable, "-m", "benchmarks.speech_worker_part", str(made)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "SPEECH_WORKER_TOKEN": token}
    running = [subprocess.Popen([*command, address], env=environment) for address in addresses]
    try:
        yield addresses
    finally:
        for process in running:
            process.kill()
            process.wait()


# ---------------------------------------------------------------------- the table


def engine_of(name: str, folder: Path) -> Engine:
    if name == "whisper":
        weights = checkpoint(folder / "tiny.en.pt", SIZES["tiny.en"])
        clips = write_clips(FIXTURES, folder / "clips.jsonl")
        config = EarConfig("whisper", whisper_model=str(weights), clips=str(clips))
        return Engine("Whisper's work, random weights of tiny.en's size", PatientService, config)
    chosen: Settings = demo_settings(folder / "data")
    prepare_tool(chosen)
    config = ear_service(chosen).config
    return Engine("pocketsphinx", EarService, config)


def row(name: str, engine: Engine, rounds: int, expected: list[str]) -> str:
    workers, binding = BINDINGS[name]

    async def work() -> Figures:
        async with binding(engine) as remotes:
            return await measured(remotes, rounds)

    try:
        found = asyncio.run(work())
    except ImportError as missing:
        return f"| {name} | {workers} | | | | | not measured: {missing.name} is not installed |"
    expected[:] = expected or found.heard
    same = sum(heard == first and bool(heard) for heard, first in zip(found.heard, expected, strict=True))
    p50, p95 = (percentile(found.times_s, share) for share in (50, 95))
    rate = len(found.times_s) / found.whole_s
    times = f"{p50:.2f} s | {p95:.2f} s | {rate:.1f}"
    return f"| {name} | {workers} | {times} | {same} of {len(expected)} | {found.note} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(BINDINGS))
    parser.add_argument("--engine", choices=("pocketsphinx", "whisper"), default="pocketsphinx")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    lines = [f"## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {options.engine}", "", machine() + "."]
    with tempfile.TemporaryDirectory() as folder:
        engine = engine_of(options.engine, Path(folder))
        lines += [f"{engine.name}; {TOGETHER} utterances at once, {options.rounds} rounds.", "", HEAD]
        print("\n".join(lines), flush=True)
        expected: list[str] = []
        for name in options.only.split(","):
            lines.append(row(name, engine, options.rounds, expected))
            print(lines[-1], flush=True)
    if options.save:
        RESULTS.parent.mkdir(exist_ok=True)
        with RESULTS.open("a") as file:
            file.write("\n".join(lines) + "\n\n")


if __name__ == "__main__":
    main()
