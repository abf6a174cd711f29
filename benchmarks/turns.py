"""Start-up, greeting, reply time and memory of the whole server, measured at the carrier's side.

`make bench`: starts the server, lets the double place calls one after the other with the demo's caller clips,
and prints one table. A reply is counted from the last energetic sample of the caller's clip to the first
audible media message received. Machines are noisy: compare figures of one run.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from agent.demo import place
from agent.demo_calls import BOOKING, REFILL, SYMPTOM
from agent.demo_report import percentile
from agent.local_server import LocalServer, demo_settings, running_server
from telephony.double import CallResult

CALLS = (REFILL, BOOKING, SYMPTOM)


@dataclass
class Measured:
    ready_s: float
    loaded_s: float
    results: list[CallResult] = field(default_factory=list)
    peak_bytes: int = 0

    @property
    def greetings_ms(self) -> list[float]:
        return [result.greeting_ms for result in self.results if result.greeting_ms is not None]

    @property
    def replies_ms(self) -> list[float]:
        return [ms for result in self.results for ms in result.reply_times_ms]


def memory_bytes(server: LocalServer) -> int:
    """Proportional memory of the server and all its parts: shared pages are counted once."""
    parent = psutil.Process(server.process.pid)
    total = 0
    for process in [parent, *parent.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total


async def measure(server: LocalServer, rounds: int) -> Measured:
    measured = Measured(server.ready_s, server.loaded_s)
    for _ in range(rounds):
        for call in CALLS:
            measured.results.append(await place(server, call))
            measured.peak_bytes = max(measured.peak_bytes, memory_bytes(server))
    return measured


def table_of(measured: Measured, seconds: float) -> Table:
    table = Table(title=f"One call at a time, pocketsphinx, {len(measured.results)} calls in {seconds:.0f} s")
    for column in ("measure", "figure", "wanted"):
        table.add_column(column)
    replies, greetings = measured.replies_ms, measured.greetings_ms
    table.add_row("/readyz after start", f"{measured.ready_s:.2f} s", "<= 3 s")
    table.add_row("all models loaded", f"{measured.loaded_s:.2f} s", "<= 20 s")
    table.add_row(
        "stream start -> greeting, worst", f"{max(greetings, default=float('nan')):.0f} ms", "<= 500 ms"
    )
    table.add_row(
        f"speech end -> reply, p50 of {len(replies)}", f"{percentile(replies, 50):.0f} ms", "<= 700 ms"
    )
    table.add_row("speech end -> reply, p95", f"{percentile(replies, 95):.0f} ms", "<= 1200 ms")
    table.add_row("memory of all processes (PSS)", f"{measured.peak_bytes / 2**30:.2f} GiB", "<= 1.6 GB")
    return table


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=2, help="how often the three calls are placed")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="firstring-bench-") as folder,
        running_server(demo_settings(Path(folder))) as server,
    ):
        started_s = time.monotonic()
        measured = asyncio.run(measure(server, options.rounds))
        Console().print(table_of(measured, time.monotonic() - started_s))


if __name__ == "__main__":
    main()
