"""A speech-to-text worker of its own whose Whisper file is corrupt: it says so, and what to do, and ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNLOADABLE = 3


@pytest.mark.parametrize("engine", ["whisper", "ctranslate2"])
def test_a_corrupt_whisper_file_ends_the_worker_with_its_name_and_a_fix(engine: str, tmp_path: Path) -> None:
    weights = tmp_path / "base.en.pt"
    weights.write_bytes(b"half of a download")
    settings = {"STT": engine, "WHISPER_MODEL": str(weights), "DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "agent.worker_process",
            "ear-1",
            "--socket",
            str(tmp_path / "run" / "ear.sock"),
        ],
        env=os.environ
        | {"PYTHONPATH": str(ROOT)}
        | {f"FIRSTRING_{key}": value for key, value in settings.items()},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == UNLOADABLE, done.stderr
    assert "base.en.pt is not a Whisper checkpoint: it is damaged" in done.stderr
    assert "fetch-speech" in done.stderr
    assert "Traceback" not in done.stderr
