"""How many calls one core carries with frames only: no recogniser, no dialog, no voice.

`make bench-transport`: a server on one core, its callers on another, over loopback and without TLS. Each call
sends 50 frames a second and is sent 200 ms of sound at a time, as in a call. A second server that keeps no
rules takes the same load for comparison. Machines are noisy: compare rows of one run.

- late: media messages that came more than 40 ms after the carrier had room for them. What is played is a
  second behind, so a late message is heard only when it is later than that.
- there and back: from a key pressed to the mark that answers it, at the caller.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import psutil
from rich.console import Console
from rich.table import Table

from agent.demo_report import percentile
from benchmarks.line_load import AHEAD_S, CHUNK_S, Caller, Figures, place, speak

LEVELS = (50, 100, 200, 300, 400)
PLANNED_LOAD = 0.7  # of a core: beyond it, delays grow fast
SETTLE_S = 2.0
LATE_S = 0.04
TOO_LATE_SENDING = 0.01  # share of frames: above it the callers, not the server, were measured
TOO_BUSY = 0.15  # of either core, spent by other programs: above it, they were measured


@dataclass
class Row:
    """One server under one load."""

    calls: int
    cpu_share: float  # of one core
    bytes_per_call: float
    late_share: float
    round_trips_ms: list[float]
    sent_late_share: float
    others_share: float  # of the busier core, spent by other programs

    @property
    def ms_per_call_second(self) -> float:
        return self.cpu_share * 1_000 / self.calls

    @property
    def doubtful(self) -> bool:
        return self.sent_late_share > TOO_LATE_SENDING or self.others_share > TOO_BUSY


@contextlib.contextmanager
def served(app: str, core: int | None, log: IO[bytes]) -> Iterator[tuple[str, psutil.Process]]:
    with socket.create_server(("127.0.0.1", 0), backlog=1_024) as listener:
        command = [sys.executable, "-m", "benchmarks.line_server", app, "--listener", str(listener.fileno())]
        command += [] if core is None else ["--core", str(core)]
        server = subprocess.Popen(command, pass_fds=[listener.fileno()], stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", psutil.Process(server.pid)
        finally:
            server.kill()
            server.wait()


class Clock:
    """Processor time from now on: the server's, and what other programs took of both cores."""

    def __init__(self, server: psutil.Process, pair: tuple[int, int] | None) -> None:
        self._ours = (server, psutil.Process())
        self._pair = pair or ()
        self.began_s = time.monotonic()
        self._before = self._read()

    def _read(self) -> tuple[list[float], list[float]]:
        cores = psutil.cpu_times(percpu=True)
        own = [process.cpu_times() for process in self._ours]
        idle = [cores[number].idle + cores[number].iowait for number in self._pair]
        return [float(each.user + each.system) for each in own], idle

    def shares(self) -> tuple[float, float]:
        """Of one core: the server's part, and the others' part of the core where that was larger."""
        length_s = time.monotonic() - self.began_s
        (own, idle), (own_before, idle_before) = self._read(), self._before
        ours = [now - before for now, before in zip(own, own_before, strict=True)]
        free = [now - before for now, before in zip(idle, idle_before, strict=True)]
        others = [length_s - each - unused for each, unused in zip(ours, free, strict=False)]
        return ours[0] / length_s, max(others, default=0.0) / length_s


async def measure(app: str, pair: tuple[int, int] | None, calls: int, window_s: float) -> Row:
    """A new server for every row, so that memory is that of these calls. Raises ``SystemExit``."""
    with tempfile.TemporaryFile() as log, served(app, pair and pair[0], log) as (url, process):
        await end_calls(
            await begin_calls(url, app, 1, Figures())
        )  # it is up, and has loaded what it loads late
        empty_bytes = process.memory_info().rss
        figures = Figures()
        callers = await begin_calls(url, app, calls, figures)
        await speak(callers, Figures(), SETTLE_S)
        figures.round_trips_ms.clear()
        clock = Clock(process, pair)
        await speak(callers, figures, window_s)
        cpu_share, others_share = clock.shares()
        _check(figures, app, log)
        row = Row(
            calls, cpu_share, (process.memory_info().rss - empty_bytes) / calls,
            late_share(callers, clock.began_s), list(figures.round_trips_ms),
            figures.sent_late / figures.sent, others_share,
        )  # fmt: skip
        await end_calls(callers)
        return row


async def begin_calls(url: str, app: str, calls: int, figures: Figures) -> list[Caller]:
    gate = asyncio.Semaphore(20)
    placing = [place(url, app == "control", figures, gate) for _ in range(calls)]
    return await asyncio.gather(*placing)


async def end_calls(callers: list[Caller]) -> None:
    for caller in callers:
        caller.close()
    await asyncio.sleep(0.1)


def _check(figures: Figures, app: str, log: IO[bytes]) -> None:
    """A server that gave calls up has been measured at nothing."""
    if figures.lost_calls or not figures.round_trips_ms:
        log.seek(0)
        raise SystemExit(f"{app} gave {figures.lost_calls} calls up\n{log.read().decode()[-2_000:]}")


def late_share(callers: list[Caller], since_s: float) -> float:
    """Of media messages since then, those later than their place in a steady stream by over 40 ms."""
    late, total = 0, 0
    for caller in callers:
        steady = caller.arrivals_s[round(AHEAD_S / CHUNK_S) :]  # the first second comes at once
        places = [arrived_s - number * CHUNK_S for number, arrived_s in enumerate(steady)]
        lags = [place - min(places) for place, at_s in zip(places, steady, strict=True) if at_s >= since_s]
        late += sum(lag > LATE_S for lag in lags)
        total += len(lags)
    return late / total if total else 0.0


def table_of(rows: list[tuple[str, Row]], window_s: float, pinned: bool) -> Table:
    place = "server and callers on a core each" if pinned else "NOT pinned: fewer than two cores"
    title = f"Frames only, {place}, {window_s:.0f} s a row, Python {sys.version.split()[0]}"
    table = Table(
        title=title,
        caption="(!) disturbed: other programs took more than 15 % of a core, or the callers' core was full",
    )
    for column in (
        "server", "calls", "CPU %", "ms CPU per call-second", f"calls a core at {PLANNED_LOAD:.0%}",
        "late", "there and back p50 / p99 ms", "kB a call",
    ):  # fmt: skip
        table.add_column(column, justify="left" if column == "server" else "right")
    for app, row in rows:
        table.add_row(app, *cells(row))
    return table


def cells(row: Row) -> list[str]:
    trips = row.round_trips_ms
    return [
        f"{row.calls}{' (!)' if row.doubtful else ''}",
        f"{row.cpu_share:.0%}",
        f"{row.ms_per_call_second:.2f}",
        f"{PLANNED_LOAD * 1_000 / row.ms_per_call_second:.0f}",
        f"{row.late_share:.2%}",
        f"{percentile(trips, 50):.1f} / {percentile(trips, 99):.1f}",
        f"{row.bytes_per_call / 1_000:.0f}",
    ]


def cores() -> tuple[int, int] | None:
    """One for the server, one for its callers."""
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", default=",".join(map(str, LEVELS)), help="loads, with commas between")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long each row is measured")
    parser.add_argument("--servers", default="firstring,control")
    options = parser.parse_args()
    pair = cores()
    if pair:
        os.sched_setaffinity(0, {pair[1]})
    rows = []
    for app in options.servers.split(","):
        for calls in map(int, options.calls.split(",")):
            rows.append((app, asyncio.run(measure(app, pair, calls, options.seconds))))
            print(f"{app}: {calls} calls, {rows[-1][1].cpu_share:.0%} of a core", flush=True)
    Console(width=120).print(table_of(rows, options.seconds, pair is not None))


if __name__ == "__main__":
    main()
