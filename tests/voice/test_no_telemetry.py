"""Libraries that report to their makers are told not to, before any of them is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.local_server import demo_settings
from agent.part_environment import environment_of
from models import no_telemetry
from models.errors import SynthesisError
from voice import piper

HEARS = "import numpy; from voice import vad; vad.SileroVad().probability(numpy.zeros(256, numpy.int16))"
SETS = {*no_telemetry.SWITCHES, "CI", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"}


def left_at_home(program: str, home: Path) -> list[str]:
    """Files that a program of a user without settings leaves in the user's home."""
    bare = {name: value for name, value in os.environ.items() if name not in SETS}
    subprocess.run([sys.executable, "-c", program], check=True, env={**bare, "HOME": str(home)})
    return [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]


def test_the_models_runtime_makes_no_identifier_and_queues_nothing_for_its_maker(tmp_path: Path) -> None:
    assert left_at_home(HEARS, tmp_path) == []


def test_a_neural_voice_is_told_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    with pytest.raises(SynthesisError):
        piper.load(tmp_path / "none.onnx")
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


def test_every_part_of_a_server_is_told(tmp_path: Path) -> None:
    assert no_telemetry.SWITCHES.items() <= environment_of(demo_settings(tmp_path), 8081).items()
