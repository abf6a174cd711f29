"""A whole server of our own beside us, for demo, tests and measurements: the real one, as a child process."""

from __future__ import annotations

import contextlib
import json
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from agent.part_environment import environment_of
from agent.settings import NO_ORDERS, Settings
from models.errors import FirstringError

PUBLIC_URL = "https://firstring.example"
ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
START_LIMIT_S = 180.0
STOP_LIMIT_S = 30.0
# A Tuesday morning in opening hours, so that a demo is the same at any hour of any day.
DEMO_NOW = "2026-11-24T10:05:00-05:00"


class ServerDidNotStart(FirstringError):
    """The child server ended or was not ready in time."""

    code = "server-start"
    fix = "The lines above, from the server itself, say why; `firstring doctor` checks the machine."


@dataclass
class LocalServer:
    settings: Settings
    process: subprocess.Popen[bytes]
    ready_s: float = 0.0  # from start to /readyz
    loaded_s: float = 0.0  # from start to all models loaded

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def private_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.private_port}"


def demo_settings(data_dir: Path, **changes: object) -> Settings:
    """Settings of an embedded practice on free ports, with an account of its own."""
    settings = Settings(
        data_dir=data_dir,
        public_url=PUBLIC_URL,
        twilio_account_sid=ACCOUNT_SID,
        twilio_auth_token=secrets.token_hex(16),
        twilio_api_base=NO_ORDERS,  # there is no such account
        host="127.0.0.1",
        port=free_port(),
        private_port=free_port(),
        stt="pocketsphinx",
        demo_practice=True,
        turn_away=False,  # on whatever machine, beside whatever else it does
        second_factor=False,  # nobody who tries this out should need a telephone for it
        now=DEMO_NOW,
    )
    return replace(settings, **changes)  # type: ignore[arg-type]


def free_port() -> int:
    """Not one of those that the system gives to whoever connects: it must still be free when it is used."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)  # Linux gives from 32,768 on: ip_local_port_range
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def running_server(
    settings: Settings, log: Path | None = None, program: str = "agent.cli"
) -> Iterator[LocalServer]:
    """Starts ``firstring serve`` and waits until it can take calls; ends it on the way out.

    ``program``: a module that serves as the command line does. Raises ServerDidNotStart.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(log or settings.data_dir / "server.log", "ab") as output:
        server = LocalServer(settings, _start(settings, output.fileno(), program))
        try:
            _wait(server)
            yield server
        finally:
            server.process.send_signal(signal.SIGTERM)
            try:
                server.process.wait(STOP_LIMIT_S + settings.drain_s)
            except subprocess.TimeoutExpired:
                server.process.kill()
                server.process.wait()


def _start(settings: Settings, output: int, program: str) -> subprocess.Popen[bytes]:
    environment = environment_of(settings, settings.private_port)
    command = [sys.executable, "-m", program, "serve", "--config", str(settings.data_dir / "none.toml")]
    return subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=_root())


def _root() -> Path:
    return Path(__file__).resolve().parent.parent


def _wait(server: LocalServer) -> None:
    started_s = time.monotonic()
    while time.monotonic() - started_s < START_LIMIT_S:
        if server.process.poll() is not None:
            break
        status = _readiness(server.base_url)
        if status:
            server.ready_s = server.ready_s or time.monotonic() - started_s
        if status.get("models") == "loaded":
            server.loaded_s = time.monotonic() - started_s
            return
        time.sleep(0.05)
    log = server.settings.data_dir / "server.log"
    tail = log.read_text(errors="replace")[-3_000:] if log.exists() else ""
    raise ServerDidNotStart(f"the server did not become ready in {START_LIMIT_S:.0f} s\n{tail}")


def _readiness(base_url: str) -> dict[str, str]:
    try:
        with urllib.request.urlopen(f"{base_url}/readyz", timeout=2) as answer:
            status: dict[str, str] = json.load(answer)
            return status
    except OSError:
        return {}
