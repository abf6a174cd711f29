"""Ears and voice: every target of speech, in one table and one run.

    make bench-voice                              # all, about 25 minutes on two quiet cores
    make bench-voice ARGS="--only latency,load"   # some sections
    make bench-voice ARGS="--quick"               # a few cases of each: to see that it runs, not for figures

Sections, in the order of the table (`benchmarks.voice_rows` says what a section is):

latency       one call at a time through the whole server: from the caller's last sound to our first
load          the same with 5, 10 and 20 callers at once; processor and memory of a call
whisper       the same with random weights of Whisper's sizes (speed only)
interruption  from the caller's first sound over our voice to `clear` at the carrier
pipecat       the same callers, recogniser and voice through pipecat, in its own environment
floor         who has the floor: interruptions, backchannels, echo, early cut-offs, phantom turns
human         recordings of people at phone band, and our sentences in several voices and noise

Latencies are measured by a caller in a process of its own (`benchmarks.turn_line`) on the same machine, which
it slows a little. A target that was missed is printed as missed.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.voice_rows import Options, Row, absent, machine
from models.errors import FirstringError

SECTIONS = {
    "latency": "benchmarks.reply_latency",
    "load": "benchmarks.reply_load",
    "whisper": "benchmarks.reply_whisper",
    "interruption": "benchmarks.interruption",
    "pipecat": "benchmarks.pipecat_line",
    "floor": "benchmarks.floor",
    "human": "benchmarks.human",
}
_WIDTH = 170  # of the table in a file


def section(name: str, options: Options) -> Iterator[Row]:
    """The rows of one section; a fault in it is a row, so that the others are still measured."""
    try:
        rows: Callable[[Options], Iterable[Any]] = importlib.import_module(SECTIONS[name]).rows
        yield from map(_row, rows(options))
    except FirstringError as problem:
        yield absent(name, str(problem))
    except Exception as problem:  # a bench that ran for twenty minutes must still print what it has
        yield absent(name, f"{type(problem).__name__}: {problem}"[:200])


def _row(each: Any) -> Row:
    return Row(each.measure, each.figure, each.wanted, getattr(each, "note", ""), each.reached)


def verdict(row: Row) -> str:
    """ "" where nothing was aimed at."""
    return {True: "reached", False: "MISSED", None: ""}[row.reached]


def table_of(measured: Iterable[tuple[str, list[Row]]], title: str) -> Table:
    table = Table(title=title)
    for column in ("measure", "figure", "wanted", "", "note"):
        table.add_column(column, overflow="fold")
    for name, rows in measured:
        table.add_section()
        table.add_row(f"[bold]{name}[/bold]")
        for row in rows:
            table.add_row(row.measure, row.figure, row.wanted, verdict(row), row.note)
    return table


def run(names: Iterable[str], options: Options, err: Console) -> Iterator[tuple[str, list[Row]]]:
    """Each row is also told at once, for whoever waits."""
    began_s = time.monotonic()
    for name in names:
        rows: list[Row] = []
        for row in section(name, options):
            rows.append(row)
            at = f"{time.monotonic() - began_s:5.0f} s"
            err.print(at, name, row.measure, row.figure, verdict(row), row.note, sep="  ")
        yield name, rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, separated by commas")
    parser.add_argument("--quick", action="store_true", help="a few cases of each; no figure to quote")
    parser.add_argument("--data", type=Path, default=Options().data, help="the evaluation data's folder")
    options = parser.parse_args()
    names = options.only.split(",")
    if unknown := sorted(set(names) - set(SECTIONS)):
        parser.error(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    began_s, on = time.monotonic(), machine()
    rows = list(run(names, Options(options.quick, options.data), Console(stderr=True)))
    quick = "; QUICK: no figure to quote" if options.quick else ""
    title = f"Ears and voice: {on}; {(time.monotonic() - began_s) / 60:.0f} min{quick}"
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table_of(rows, title))


if __name__ == "__main__":
    main()
