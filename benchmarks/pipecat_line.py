"""The same turns through pipecat: our server's recognisers and voice, pipecat's line and turn-taking.

    python -m benchmarks.pipecat_line [--at-once 1,10] [--rounds 2]

Starts one Firstring server, whose recogniser processes both sides use, one after the other: first our own
calls, then pipecat's with its recommended turn-taking, then pipecat's after our silences. Each of pipecat's
calls has a process of its own, warm before the first call, as its authors advise. What the comparison can
and cannot say: docs/adr/0013.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from agent.demo_report import percentile
from agent.local_server import LocalServer, demo_settings, free_port, running_server
from agent.supervisor import socket_of, worker_names
from benchmarks.hesitation import PAUSED, hesitating
from benchmarks.spent import Spent, Watch
from benchmarks.turn_calls import SCRIPTS, Figures, Script, Socket, Webhook, measured
from models.errors import FirstringError

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".peers" / "pipecat-agent" / "bin" / "python"
OURS, RECOMMENDED, OUR_SILENCE = "ours", "pipecat", "pipecat, our silence"
TURNS = {RECOMMENDED: "recommended", OUR_SILENCE: "ours"}
START_LIMIT_S = 60.0
TOO_BUSY = 0.1  # of the machine, by other programs
TOO_LATE = 0.01  # of the callers' frames
SLOW_MS = 1_500.0  # calls count as carried while the p95 of their replies is below


class PeerUnavailable(FirstringError):
    """pipecat's environment is not here, or its agent does not start."""

    code = "peer"
    fix = "Run scripts/peers.sh pipecat-agent; it says what is missing."


@dataclass(frozen=True)
class Load:
    """What all sides are given: these callers, so many at once, each for some calls."""

    at_once: int
    rounds: int = 1
    scripts: Sequence[Script] = SCRIPTS
    hesitating: bool = False


@dataclass(frozen=True)
class Row:
    """One side under one load."""

    side: str
    load: Load
    figures: Figures
    spent: Spent  # by the side's processes and the recognisers

    def reply_ms(self, percent: float) -> float:
        return percentile(self.figures.replies_ms(), percent)

    @property
    def cut_off(self) -> tuple[int, int]:
        """Turns answered too early, of how many; of hesitating callers, only those with a pause in them."""
        turns = [turn for turn in self.figures.turns if PAUSED in turn.clip or not self.load.hesitating]
        return sum(turn.early for turn in turns), len(turns)

    @property
    def carried(self) -> bool:
        """Every turn that was not cut off got its answer, 95 of 100 within 1.5 s."""
        return not self.figures.missing and self.reply_ms(95) <= SLOW_MS

    @property
    def doubtful(self) -> bool:
        """Other programs, or the callers themselves, were measured."""
        return self.spent.others_share > TOO_BUSY or self.figures.late_share > TOO_LATE

    @property
    def cpu_share(self) -> float:
        """Processor seconds a second of call."""
        return self.spent.by_us_s / self.figures.length_s if self.figures.length_s else math.nan


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
    """``count`` servers on pipecat, a process each, ready for calls; their addresses and parent process.

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


def compare(server: LocalServer, loads: Sequence[Load]) -> list[Row]:
    """Every side under every load, on this server's recognisers. Raises PeerUnavailable."""
    settings = server.settings
    webhook = Webhook(
        server.base_url, settings.public_url, settings.twilio_account_sid, settings.twilio_auth_token
    )
    ears = [socket_of(settings, name) for name in worker_names(settings) if name.startswith("ear-")]
    rows = [_row(OURS, webhook, load, [server.process.pid]) for load in loads]
    for side, turns in TURNS.items():
        with running_agents(turns, ears, max(load.at_once for load in loads)) as (door, parent):
            rows += [_row(side, door, load, [server.process.pid, parent]) for load in loads]
    return rows


def _row(side: str, door: Socket | Webhook, load: Load, parents: Sequence[int]) -> Row:
    watch = Watch(parents)
    figures = measured(door, load.scripts, at_once=load.at_once, rounds=load.rounds)
    return Row(side, load, figures, watch.spent(also_s=figures.client_cpu_s))


# ---------------------------------------------------------------------------------------------- what it says


def ratio(rows: Sequence[Row], at_once: int, percent: float) -> float:
    """Our reply time as a share of pipecat's better setting at this load."""
    fluent = [row for row in rows if row.load.at_once == at_once and not row.load.hesitating]
    found = {row.side: row.reply_ms(percent) for row in fluent}
    theirs = [ms for side, ms in found.items() if side != OURS and not math.isnan(ms)]
    return found[OURS] / min(theirs) if theirs and OURS in found else math.nan


def carried(rows: Sequence[Row]) -> dict[str, int]:
    """The most calls at once that each side carried, of the loads measured; 0 for none."""
    most: dict[str, int] = {}
    for row in (row for row in rows if not row.load.hesitating):
        most[row.side] = max(most.get(row.side, 0), row.load.at_once if row.carried else 0)
    return most


def table_of(rows: Sequence[Row]) -> Table:
    table = Table(title="The same turns through pipecat 1.14.0; pocketsphinx and espeak-ng on both sides")
    for column in ("side", "calls", "reply p50", "p95", "cut off early", "no reply", "CPU", "others"):
        table.add_column(column)
    for row in sorted(rows, key=lambda row: (row.load.hesitating, row.load.at_once)):
        early, turns = row.cut_off
        table.add_row(
            row.side, f"{row.load.at_once}{' hesitating' if row.load.hesitating else ''}",
            f"{row.reply_ms(50):.0f} ms", f"{row.reply_ms(95):.0f} ms",
            f"{early} of {turns}", str(row.figures.missing), f"{row.cpu_share:.3f}",
            f"{row.spent.others_share:.0%}{'?' if row.doubtful else ''}",
        )  # fmt: skip
    return table


def summary(rows: Sequence[Row]) -> list[str]:
    """The two targets, one a line."""
    loads = sorted({row.load.at_once for row in rows if not row.load.hesitating})
    lines = [
        f"ours / better pipecat, {calls} at once: "
        f"p50 {ratio(rows, calls, 50):.2f}, p95 {ratio(rows, calls, 95):.2f} (wanted <= 0.7)"
        for calls in loads
    ]
    told = ", ".join(f"{side} {calls}" for side, calls in carried(rows).items())
    return [*lines, f"most calls at once with p95 <= 1.5 s, of {loads}: {told} (wanted ours >= 3 times)"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--at-once", default="1,5,10,20", help="calls at once, by commas")
    parser.add_argument("--rounds", type=int, default=1, help="calls of each line, one after another")
    options = parser.parse_args()
    console = Console()
    try:
        ensure_installed()
    except PeerUnavailable as problem:
        console.print(f"Not compared with pipecat: {problem}")
        return
    with (
        tempfile.TemporaryDirectory(prefix="firstring-pipecat-") as folder,
        running_server(demo_settings(Path(folder))) as server,
    ):
        loads = [Load(int(calls), options.rounds) for calls in options.at_once.split(",")]
        loads.append(Load(2, options.rounds, hesitating(Path(folder)), hesitating=True))
        rows = compare(server, loads)
    console.print(table_of(rows))
    for line in summary(rows):
        console.print(line)


if __name__ == "__main__":
    main()
