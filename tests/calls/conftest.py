"""Calls on audio time to a practice in this process: the real ears, mouth, mind, dialog and storage.

What the caller does stands in recorded/*.call, a step a line, as `firstring call --script` plays it too.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent import audio_time
from agent.ear_services import ear_service
from agent.in_process import Engines, PlacedCall, open_in_process
from agent.local_server import DEMO_NOW, demo_settings
from agent.preparing import prepare_tool
from agent.settings import Settings, with_secrets
from agent.workers import local
from audio_fixtures.sounds import Samples
from models.domain import Remote
from telephony.double import Answer, Caller, Manner, Staff, Step, StepKind, parse_script
from telephony.double.connection import CLEAR, Connection
from telephony.double.sound import to_mulaw, write_wav

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(__file__).parent / "recorded"
MARIA = "+16175550123"
EVENING = "2026-11-24T20:05:00-05:00"


def steps_of(name: str) -> tuple[Step, ...]:
    """A recorded caller."""
    lines = (RECORDED / f"{name}.call").read_text().splitlines()
    return parse_script(line.replace("audio_fixtures/", f"{ROOT}/audio_fixtures/") for line in lines)


@dataclass
class Practice:
    """``plays`` a recorded caller, steps or a person; the call, once it is over and written back."""

    settings: Settings
    engines: Engines

    def plays(
        self,
        caller: str | tuple[Step, ...] | Caller,
        *,
        number: str = MARIA,
        connection: Connection = CLEAR,
        staff: Staff | None = None,
        ears: tuple[Remote, ...] = (),
        now: str = DEMO_NOW,
        **manner: Any,
    ) -> PlacedCall:
        steps = steps_of(caller) if isinstance(caller, str) else caller
        person = steps if isinstance(steps, Caller) else Caller(steps)
        carrier = Manner(
            staff=staff or Staff(Answer.ANSWER), unhurried=False, connection=connection, **manner
        )
        engines = replace(self.engines, ears=ears or self.engines.ears)

        async def place() -> PlacedCall:
            async with open_in_process(replace(self.settings, now=now), engines) as practice:
                return await practice.call(number, person, manner=carrier)

        return audio_time.run(place())

    def was_played(self, call: PlacedCall, sentence: str) -> bool:
        """Whether the whole sentence came out of the caller's telephone, sample by sample."""
        spoken = audio_time.run(self.engines.mouth.render(sentence))
        return spoken in call.result.agent_mulaw


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo practice's data folder with its language model, made once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "calls" / "data"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder.parent / "ready").exists():
            prepare_tool(demo_settings(folder))
            ear_service(demo_settings(folder)).load()
            (folder.parent / "ready").touch()
    return folder


@pytest.fixture(scope="session")
def loaded(prepared: Path) -> Engines:
    return Engines.load(demo_settings(prepared))


@pytest.fixture(scope="module")
def engines(loaded: Engines, prepared: Path) -> Engines:
    """With an ear of each file's own: it keeps a trace of what it heard, and files run in any order."""
    ear = ear_service(demo_settings(prepared))
    ear.load()
    return replace(loaded, ears=(local(ear),))


def _new(prepared: Path, engines: Engines, folder: Path) -> Practice:
    shutil.copytree(prepared, folder, ignore=shutil.ignore_patterns("speech"))
    return Practice(with_secrets(demo_settings(folder)), engines)


@pytest.fixture
def practice(prepared: Path, engines: Engines, tmp_path: Path) -> Practice:
    """A practice on a Tuesday morning that nobody has called yet."""
    return _new(prepared, engines, tmp_path / "data")


@pytest.fixture
def again(prepared: Path, engines: Engines, tmp_path: Path) -> Practice:
    """Another one."""
    return _new(prepared, engines, tmp_path / "again")


@pytest.fixture
def sound(tmp_path: Path) -> Callable[[str, Samples], Step]:
    """A step that plays made samples at once, whoever is speaking."""

    def step(name: str, samples: Samples) -> Step:
        path = tmp_path / f"{name}.wav"
        write_wav(path, to_mulaw(np.asarray(samples, dtype=np.int16)))
        return Step(StepKind.NOW, str(path))

    return step
