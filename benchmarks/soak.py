"""Calls without end at a share of the capacity: does memory, or anything else, grow?

    python -m benchmarks.soak --minutes 60 --share 0.8 --capacity 18

A real server with the stand-in recogniser; its callers call again and again. Every ten seconds memory, open
descriptors and threads of every part are read, and tasks of the event loop. After the warm-up a straight line
is laid through each; its slope is appended to benchmarks/results/soak.jsonl, also when it is ended early
(Ctrl-C). ``--capacity``: calls a core, as `make bench-load` has found them here.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from agent.local_server import LocalServer
from benchmarks.load_calls import Lines, crowd
from benchmarks.load_report import last_run
from benchmarks.load_sections import capacity_of, cores
from benchmarks.load_server import STAND_IN, Point, counters, loaded, on_cores, part_of
from benchmarks.machine import commit, size
from benchmarks.reply_load import SHORT
from benchmarks.turn_calls import Webhook

RESULTS = Path(__file__).resolve().parent / "results" / "soak.jsonl"
EVERY_S = 10.0
WARM_UP_SHARE, WARM_UP_MOST_S = 0.3, 600.0
MOST_MB_PER_H = 1.0
MOST_FILES_GROWN = 8  # descriptors come and go with calls


@dataclass
class Series:
    """What was read, by name, and when."""

    at_s: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, at_s: float, values: Mapping[str, float]) -> None:
        self.at_s.append(at_s)
        for name, value in values.items():
            self.values[name].append(value)

    def after(self, warm_up_s: float) -> Series:
        kept = [at for at, at_s in enumerate(self.at_s) if at_s >= warm_up_s]
        values = {name: [all_of[at] for at in kept] for name, all_of in self.values.items()}
        return Series([self.at_s[at] for at in kept], defaultdict(list, values))

    def slope_per_h(self, name: str) -> float:
        """Of a straight line by least squares; NaN with fewer than three readings."""
        if len(self.at_s) < 3:
            return float("nan")
        return float(np.polyfit(np.array(self.at_s), np.array(self.values[name]), 1)[0] * 3_600)


def read(server: LocalServer) -> dict[str, float]:
    """Private memory in MB, descriptors and threads by part; tasks of the web process' loop."""
    found: dict[str, float] = defaultdict(float)
    for process in psutil.Process(server.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            part = part_of(process.cmdline())
            found[f"{part}_mb"] += _own_mb(process.pid)
            found[f"{part}_files"] += process.num_fds()
            found[f"{part}_threads"] += process.num_threads()
    found["memory_mb"] = sum(value for name, value in found.items() if name.endswith("_mb"))
    told = counters(server)
    found["tasks"], found["live"] = told["firstring_loop_tasks"], told["firstring_live_calls"]
    return dict(found)


def _own_mb(pid: int) -> float:
    """What the process has written and no other has. Pages of libraries are left out: they become shared
    when any program beside it loads them, and private again when that ends."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Private_Dirty:"):
                return int(line.split()[1]) * 1_024 / 1e6
    return 0.0


def soak(lines: int, minutes: float) -> tuple[Series, Lines]:
    ours, callers, series = cores()[:1], cores()[1:2], Series()
    with loaded(STAND_IN, server_on=ours) as server:
        chosen = server.server.settings
        door = Webhook(
            server.server.base_url, chosen.public_url, chosen.twilio_account_sid, chosen.twilio_auth_token
        )
        with on_cores(callers), crowd(door, SHORT, lines) as calling:
            with contextlib.suppress(KeyboardInterrupt):
                for at_s in _ticks(minutes * 60):
                    series.add(at_s, read(server.server))
            return series, calling.finish()


def _ticks(length_s: float) -> Iterator[float]:
    began_s = time.monotonic()
    while (at_s := time.monotonic() - began_s) < length_s:
        yield at_s
        time.sleep(EVERY_S)


def judged(series: Series, lines: Lines, calls: int) -> dict[str, Any]:
    """What is appended: slopes after the warm-up, the last reading, and whether the bars were reached."""
    length_s = series.at_s[-1] if series.at_s else 0.0
    steady = series.after(min(WARM_UP_MOST_S, WARM_UP_SHARE * length_s))
    slopes = {name: steady.slope_per_h(name) for name in sorted(series.values)}
    files = {name: _grown(steady.values[name]) for name in slopes if name.endswith("_files")}
    return {
        "minutes": length_s / 60, "lines": calls, "calls": len(lines.calls), "replies": len(lines.replies_ms),
        "missing": lines.missing, "failed": lines.failed, "slopes_per_h": slopes, "files_grown": files,
        "first": _at(steady, 0), "last": _at(steady, -1),
        "reached": slopes.get("memory_mb", float("nan")) < MOST_MB_PER_H
        and max(files.values(), default=0.0) <= MOST_FILES_GROWN,
    }  # fmt: skip


def _grown(values: Sequence[float]) -> float:
    """From the median of the first third to that of the last."""
    third = max(1, len(values) // 3)
    return float(np.median(values[-third:]) - np.median(values[:third])) if values else 0.0


def _at(series: Series, place: int) -> dict[str, float]:
    return {name: round(values[place], 2) for name, values in series.values.items() if values}


def known_capacity() -> int:
    """Of the last run of `benchmarks.load`. Raises ``SystemExit`` where there is none."""
    try:
        rows = [line for line in last_run() if line["section"] == "stand-in" and line["kind"] == "point"]
        known = set(Point.__dataclass_fields__)
        return capacity_of([Point(**{key: row[key] for key in known}) for row in rows])
    except (ValueError, IndexError):
        raise SystemExit("no capacity is known: run `make bench-load`, or give --capacity") from None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--share", type=float, default=0.8, help="of the capacity")
    parser.add_argument("--capacity", type=int, help="calls; as the last load run says, by default")
    parser.add_argument("--results", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    calls = max(1, round(chosen.share * (chosen.capacity or known_capacity())))
    load = os.getloadavg()[0]
    series, lines = soak(calls, chosen.minutes)
    found = judged(series, lines, calls)
    head = {
        "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M}",
        "commit": commit(),
        "machine": size(),
        "load": load,
    }
    chosen.results.parent.mkdir(exist_ok=True)
    with chosen.results.open("a") as file:
        file.write(json.dumps({**head, **found}) + "\n")
    print(json.dumps({**head, **found}, indent=1))


if __name__ == "__main__":
    main()
