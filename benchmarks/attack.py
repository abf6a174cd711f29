"""Live calls while others attack: what the calls notice, and what the server's memory does.

    python -m benchmarks.attack                              # about three minutes, one table
    python -m benchmarks.attack --only frames --frames 100000

A real server (`benchmarks.line_server`: the carrier's real doors and stream rules) on one core; on the other
its callers and, with a lower priority, the attackers (`benchmarks.attackers`). Every attack stands beside a
control: the same calls on the same server just before and just after it. Every run adds a line an
attack to ``benchmarks/results/attack.jsonl``. What the calls notice is the way there and back: a key pressed
to the mark that answers it. To reach: p95 (p99 for frames) within 15 % of the control, no call lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from agent.demo_report import percentile
from benchmarks.attackers import KINDS
from benchmarks.line_load import Caller, Figures, speak
from benchmarks.machine import commit, size
from benchmarks.transport import SETTLE_S, Clock, begin_calls, cores, end_calls, late_share, served

RESULTS = Path(__file__).parent / "results" / "attack.jsonl"
WITHIN = 1.15
WATCHED = {
    "frames": 99,
    "loris": 95,
    "bodies": 95,
    "messages": 95,
    "flood": 95,
}  # percentile of the way there and back
MIB = 2**20


@dataclass
class Seen:
    """What the calls and the server were like for some seconds."""

    trips_ms: list[float]
    late: float
    cpu: float
    others: float
    peak_bytes: int


@dataclass
class Row:
    attack: str
    calls: int
    control_ms: float  # at the watched percentile: the better of before and after
    attacked_ms: float
    control_p50_ms: float
    attacked_p50_ms: float
    late_control: float
    late_attacked: float
    cpu_control: float
    cpu_attacked: float
    others: float
    lost_calls: int
    memory_mib: float  # at its most during the attack, above the control before it
    tried: dict[str, int] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return self.attacked_ms / self.control_ms if self.control_ms else 0.0


class Server:
    """The server under its calls; ``look`` measures some seconds of it."""

    def __init__(self, process: psutil.Process, pair: tuple[int, int] | None, callers: list[Caller]) -> None:
        self._process, self._pair, self._callers = process, pair, callers
        self._figures = callers[0].figures

    async def look(self, seconds: float) -> Seen:
        self._figures.round_trips_ms.clear()
        clock, peak = Clock(self._process, self._pair), asyncio.create_task(self._peak(seconds))
        await speak(self._callers, Figures(), seconds)
        cpu, others = clock.shares()
        trips = list(self._figures.round_trips_ms)
        return Seen(trips, late_share(self._callers, clock.began_s), cpu, others, await peak)

    async def _peak(self, seconds: float) -> int:
        most, loop = 0, asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until:
            most = max(most, int(self._process.memory_info().rss))
            await asyncio.sleep(0.2)
        return most


async def measure(kind: str, options: argparse.Namespace, pair: tuple[int, int] | None) -> Row:
    """A new server: control, attack, control. Raises ``SystemExit`` when the server dies."""
    with tempfile.TemporaryFile() as log, served("firstring", pair and pair[0], log) as (url, process):
        figures = Figures()
        callers = await begin_calls(url, "firstring", options.calls, figures)
        server = Server(process, pair, callers)
        await server.look(SETTLE_S)
        before = await server.look(options.seconds)
        attacking = await _attacker(kind, url, options, pair)
        attacked = await server.look(_length_s(kind, options))
        tried = json.loads((await attacking.communicate())[0] or b"{}")
        await server.look(SETTLE_S)
        after = await server.look(options.seconds)
        if not process.is_running():
            log.seek(0)
            raise SystemExit(f"the server died of {kind}\n{log.read().decode()[-2_000:]}")
        lost = figures.lost_calls
        await end_calls(callers)
        return _row(kind, options.calls, (before, attacked, after), lost, tried)


def _length_s(kind: str, options: argparse.Namespace) -> float:
    return float(max(options.seconds, options.frames / options.rate) if kind == "frames" else options.seconds)


async def _attacker(
    kind: str, url: str, options: argparse.Namespace, pair: tuple[int, int] | None
) -> asyncio.subprocess.Process:
    length_s = _length_s(kind, options)
    command = [sys.executable, "-m", "benchmarks.attackers", kind, "--base", url, "--seconds", str(length_s)]
    command += ["--seed", str(options.seed), "--rate", str(options.rate)]
    command += [] if pair is None else ["--core", str(pair[1])]
    return await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)


def _row(kind: str, calls: int, seen: tuple[Seen, Seen, Seen], lost: int, tried: dict[str, int]) -> Row:
    before, attacked, after = seen
    watched = WATCHED[kind]

    def control(at: int) -> float:
        return min(percentile(before.trips_ms, at), percentile(after.trips_ms, at))

    return Row(
        kind, calls, control(watched), percentile(attacked.trips_ms, watched),
        control(50), percentile(attacked.trips_ms, 50),
        min(before.late, after.late), attacked.late, min(before.cpu, after.cpu), attacked.cpu,
        max(each.others for each in seen), lost,
        (attacked.peak_bytes - before.peak_bytes) / MIB, tried,
    )  # fmt: skip


def table_of(rows: list[Row]) -> Table:
    table = Table(title=f"Calls under attack, {size()}, at {commit()}")
    columns = "attack,control ms,attacked ms,ratio,p50,late,CPU,others,lost,memory MiB,tried"
    for column in columns.split(","):
        table.add_column(column, justify="left" if column in ("attack", "tried") else "right")
    for row in rows:
        table.add_row(
            f"{row.attack} (p{WATCHED[row.attack]})", f"{row.control_ms:.1f}", f"{row.attacked_ms:.1f}",
            f"{row.ratio:.2f}{_far(row)}",
            f"{row.control_p50_ms:.1f} / {row.attacked_p50_ms:.1f}",
            f"{row.late_control:.2%} / {row.late_attacked:.2%}",
            f"{row.cpu_control:.0%} / {row.cpu_attacked:.0%}",
            f"{row.others:.0%}", str(row.lost_calls), f"{row.memory_mib:+.1f}",
            " ".join(f"{name}={count}" for name, count in sorted(row.tried.items())),
        )  # fmt: skip
    return table


def _far(row: Row) -> str:
    return "" if row.ratio <= WITHIN else " (!)"


def record(row: Row, seed: int) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    line = {
        "on": date.today().isoformat(),
        "commit": commit(),
        "machine": size(),
        "seed": seed,
        **asdict(row),
    }
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps({name: _short(value) for name, value in line.items()}) + "\n")


def _short(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(KINDS), help="attacks, with commas between")
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each row and each control")
    parser.add_argument("--frames", type=int, default=100_000, help="that attack takes as long")
    parser.add_argument("--rate", type=float, default=1_000.0, help="hostile frames or connections a second")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    pair = cores()
    if pair:
        os.sched_setaffinity(0, {pair[1]})
    rows = []
    for kind in options.only.split(","):
        rows.append(asyncio.run(measure(kind, options, pair)))
        record(rows[-1], options.seed)
        print(f"{kind}: {rows[-1].ratio:.2f} of the control", flush=True)
    Console(width=170).print(table_of(rows))


if __name__ == "__main__":
    main()
