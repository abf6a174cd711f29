"""The write-back: how soon a note is in the chart, how fast a backlog drains, and that nothing is lost.

    python -m benchmarks.writeback [--only latency,rate,backlog,faults] [--calls N] [--kills N] [--seed N]

Calls are stand-ins: what they say is made by hand, what is written for them is what the product writes. The
servers are real ones on the loopback; all parts but ``latency`` use one that counts what it made in a journal
of its own, and the differences are counted there. In ``faults`` the sender is killed (SIGKILL) at random
instants while the server fails; every run is added to ``--results``, and the kills of all runs count.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from agent.logs import configure
from benchmarks.booking_race import postgresql
from benchmarks.writeback_chaos import Chaos, Result, run
from benchmarks.writeback_speed import MEDPLUM, backlog, embedded_latencies_s, medplum_latencies_s
from ehr_writeback.faulty_server import Mode

RESULTS = Path(__file__).with_name("writeback_kills.jsonl")
MODES = (Mode.TRANSACTION, Mode.CONDITIONAL, Mode.PLAIN)
KILLS_A_RUN = 50
TIMED = 100  # calls


@dataclass(frozen=True)
class Chosen:
    calls: int
    kills: int
    seed: int
    results: Path
    folder: Path
    engine: str = "ours"
    database: str = "sqlite"  # of ``faults``


def latency(chosen: Chosen) -> Iterator[str]:
    found = asyncio.run(embedded_latencies_s(TIMED, chosen.folder / "latency"))
    yield _latency("embedded chart", found, "p95 <= 2 s")
    if (MEDPLUM / "node-path").exists():
        yield _latency("Medplum", medplum_latencies_s(TIMED, chosen.folder / "medplum"), "p95 <= 5 s")
    else:
        yield _row("call end to note, Medplum", "not installed: scripts/peers.sh medplum", "p95 <= 5 s")


def _latency(server: str, found: Sequence[float], reach: str) -> str:
    cuts = statistics.quantiles(found, n=20)
    return _row(f"call end to note, {server}", f"p50 {cuts[9]:.2f} s, p95 {cuts[18]:.2f} s", reach)


def drain(chosen: Chosen) -> Iterator[str]:
    done = backlog(
        chosen.calls,
        f"sqlite:///{chosen.folder}/backlog/calls.db",
        chosen.folder / "backlog",
        engine=chosen.engine,
    )
    figures = f"{done.drained_s / 60:.1f} min, seen after {done.noticed_s:.0f} s, {done.dead_letters} dead"
    yield _row(
        f"backlog of {done.calls} calls, SQLite", f"{figures}; {done.difference}", "<= 10 min, no difference"
    )


def rate(chosen: Chosen) -> Iterator[str]:
    """Of a backlog of a tenth: what one process writes."""
    calls = max(20, chosen.calls // 10)
    for mode in MODES:
        folder = chosen.folder / f"rate-{mode}"
        yield _rate("SQLite", calls, mode, f"sqlite:///{folder}/calls.db", folder, chosen.engine)
    with postgresql(chosen.folder) as url:
        yield _rate(
            "PostgreSQL", calls, Mode.TRANSACTION, url, chosen.folder / "rate-postgresql", chosen.engine
        )


def _rate(engine: str, calls: int, mode: Mode, url: str, folder: Path, sender: str) -> str:
    done = backlog(calls, url, folder, mode, sender)
    return _row(
        f"calls written, {engine}, {mode}",
        f"{done.calls_per_s:.0f}/s, {done.cpu_ms:.0f} ms of CPU each; {done.difference}",
        ">= 20/s",
    )


def faults(chosen: Chosen) -> Iterator[str]:
    """Runs of `KILLS_A_RUN` kills, each with the next seed and the next kind of server."""
    for number, first in enumerate(range(0, chosen.kills, KILLS_A_RUN)):
        seed, kills = chosen.seed + number, min(KILLS_A_RUN, chosen.kills - first)
        folder = chosen.folder / f"faults-{seed}"
        folder.mkdir(mode=0o755)
        with _database(chosen.database, folder) as url:
            chaos = Chaos(seed, kills, url, MODES[seed % len(MODES)], engine=chosen.engine)
            result = run(chaos, folder)
        _keep(chosen, chaos, result)
        figures = f"{result.difference}; {result.dead_letters} dead letters; {result.took_s:.0f} s"
        what = f"faults, {chosen.database}, {chaos.mode}, {kills} kills, seed {seed}"
        yield _row(what, figures, "no difference")
    yield _row("kills in all runs on record", _all_kills(chosen.results), ">= 300, no difference")


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty one."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/calls.db"
        return
    with postgresql(folder) as url:
        yield url


def _keep(chosen: Chosen, chaos: Chaos, result: Result) -> None:
    line = {
        "on": date.today().isoformat(), "seed": chaos.seed, "mode": chaos.mode, "share": chaos.share,
        "engine": chaos.engine, "database": chosen.database, "kills": result.kills, "calls": result.calls,
        "dead_letters": result.dead_letters, "sent": result.difference.sent, "held": result.difference.held,
        "lost": len(result.difference.lost), "doubled": len(result.difference.doubled),
        "disordered": len(result.difference.disordered), "good": result.good,
    }  # fmt: skip
    with chosen.results.open("ab") as out:
        out.write(orjson.dumps(line) + b"\n")


def _all_kills(file: Path) -> str:
    lines = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    bad = sum(not line["good"] for line in lines)
    return f"{sum(line['kills'] for line in lines)} kills in {len(lines)} runs, {bad} with a difference"


PARTS: dict[str, Callable[[Chosen], Iterator[str]]] = {
    "latency": latency, "rate": rate, "backlog": drain, "faults": faults,
}  # fmt: skip


def _row(what: str, found: str, reach: str) -> str:
    return f"| {what} | {found} | {reach} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument(
        "--engine", choices=("ours", "dbos"), default="ours", help="dbos: needs `pip install dbos`"
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="of faults")
    chosen = parser.parse_args()
    configure(logging.CRITICAL)
    print("| measure | found | reach |\n| --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as name:
        what = Chosen(
            chosen.calls,
            chosen.kills,
            chosen.seed,
            chosen.results,
            Path(name),
            chosen.engine,
            chosen.database,
        )
        for part in chosen.only.split(","):
            for row in PARTS[part](what):
                print(row, flush=True)


if __name__ == "__main__":
    main()
