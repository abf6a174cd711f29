"""Starts the phone agent on pipecat in its own environment, a process for each call."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.local_server import free_port
from benchmarks.turn_calls import ROOT, Socket
from models.errors import FirstringError

PYTHON = ROOT / ".peers" / "pipecat-agent" / "bin" / "python"
START_LIMIT_S = 60.0


class PeerUnavailable(FirstringError):
    """pipecat's environment is not here, or its agent does not start."""

    code = "peer"
    fix = "Run scripts/peers.sh pipecat-agent; it says what is missing."


def ensure_installed() -> None:
    """Raises PeerUnavailable with the installer's last words."""
    done = subprocess.run(
        [ROOT / "scripts" / "peers.sh", "pipecat-agent"],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise PeerUnavailable((done.stderr or done.stdout).strip().splitlines()[-1])


@contextlib.contextmanager
def running_agents(turns: str, ears: Sequence[Path], count: int) -> Iterator[tuple[Socket, int]]:
    """``count`` servers on pipecat, warm and ready for a call each; where they are, and their parent process.

    ``ears``: sockets of recogniser processes. Raises PeerUnavailable.
    """
    ports = [free_port() for _ in range(count)]
    command = [str(PYTHON), "-W", "ignore", "-m", "benchmarks.pipecat_agent", "--turns", turns]
    command += [word for port in ports for word in ("--port", str(port))]
    command += [word for ear in ears for word in ("--ear", str(ear))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        for port in ports:
            _wait(process, port)
        yield Socket(" ".join(f"ws://127.0.0.1:{port}/ws" for port in ports)), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline_s and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz"):
            return
        time.sleep(0.05)
    raise PeerUnavailable("the agent on pipecat did not start; its own words stand above")
