"""Sees to it that a peer is installed, and says why when it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNREACHABLE = 75  # the exit code of scripts/peers.sh when a package registry does not answer


def installed(peer: str) -> Path:
    """The folder of ``pipecat`` or ``prism``. Skips where their registry cannot be reached."""
    done = subprocess.run(
        [ROOT / "scripts" / "peers.sh", peer],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    if done.returncode == UNREACHABLE:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / ".peers" / peer
