"""The load table and the capacity model, from one run: `make bench-load`.

    python -m benchmarks.load --quick                      # minutes: proves that it runs, nothing to quote
    python -m benchmarks.load --minutes 10 --document      # an hour and a half on a quiet machine

Frames only against a server without rules; whole calls with the stand-in recogniser on one core;
pocketsphinx and tiny-sized Whisper on all cores; twice the capacity. Everything measured is appended to
benchmarks/results/load.jsonl; ``--document`` writes the tables of docs/scale.md from that file's last run.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import load_sections as sections
from benchmarks.load_report import RESULTS, document, last_run, model_rows, write_document
from benchmarks.load_sections import Found, Options
from benchmarks.machine import commit, size
from benchmarks.voice import verdict
from benchmarks.voice_rows import Row

ALL = ("transport", "stand-in", "pocketsphinx", "whisper", "overload", "model")


class Run:
    """One run: what it was taken on stands beside every line."""

    def __init__(self, options: Options, results: Path) -> None:
        self._results = results
        self._head = {
            "run": datetime.now(UTC).strftime("%Y%m%dT%H%M%S"), "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "commit": commit(), "machine": size(), "load": os.getloadavg()[0], "quick": options.quick,
        }  # fmt: skip
        self.rows: list[Row] = []

    @property
    def name(self) -> str:
        return str(self._head["run"])

    def keep(self, section: str, found: Found) -> None:
        self.rows += found.rows
        for point in found.points:
            self._append(section, "point", point.row())
        for each in found.transport:
            self._append(section, "transport", each)
        for row in found.rows:
            self._append(section, "row", asdict(row))

    def _append(self, section: str, kind: str, value: dict[str, Any]) -> None:
        self._results.parent.mkdir(exist_ok=True)
        with self._results.open("a") as file:
            file.write(json.dumps({**self._head, "section": section, "kind": kind, **value}) + "\n")


def measure(run: Run, wanted: Sequence[str], options: Options, say: Callable[[str], None]) -> None:
    """One section after the other; one that breaks is a row that says why, and spoils no other."""
    capacity = options.capacity
    work: dict[str, Callable[[], Found]] = {
        "transport": lambda: sections.frames_only(options, say),
        "stand-in": lambda: sections.stand_in(options, say),
        **{engine: partial(section, options, say) for engine, section in sections.SPEECH.items()},
        "overload": lambda: sections.overload(capacity, options, say),
    }
    for name, section in work.items():
        if name not in wanted:
            continue
        try:
            found = section()
        except Exception as problem:
            found = Found([Row(name, "not measured", "", f"{type(problem).__name__}: {problem}"[:200])])
        run.keep(name, found)
        if name == "stand-in" and found.points:
            capacity = sections.capacity_of(found.points)


def table_of(rows: Sequence[Row], title: str) -> Table:
    table = Table(title=title)
    for column in ("measure", "figure", "wanted", "", "note"):
        table.add_column(column)
    for row in rows:
        table.add_row(row.measure, row.figure, row.wanted, verdict(row), row.note)
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few calls for a few seconds each")
    parser.add_argument("--minutes", type=float, default=10.0, help="of the transport's row")
    parser.add_argument("--seconds", type=float, default=60.0, help="of every other point")
    parser.add_argument("--capacity", type=int, default=4, help="for the overload, without its section")
    parser.add_argument("--only", default=",".join(ALL), help="sections, with commas between")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument(
        "--document", action="store_true", help="write the last run's tables to docs/scale.md"
    )
    chosen = parser.parse_args()
    options = Options(chosen.quick, chosen.minutes, chosen.seconds, chosen.capacity)
    run, console = Run(options, chosen.results), Console(width=150)
    measure(run, chosen.only.split(","), options, lambda text: print(text, flush=True))
    if "model" in chosen.only:
        lines = last_run(chosen.results)
        run.rows += model_rows(lines)
        print(document(lines))
    console.print(table_of(run.rows, f"Load, {size()}, load at the start {os.getloadavg()[0]:.1f}"))
    if chosen.document:
        write_document(chosen.results)


if __name__ == "__main__":
    main()
