"""Understanding: every target of words and meaning, in one table and one run.

    make bench-understanding                              # all, a few minutes on a quiet core
    make bench-understanding ARGS="--only public,speed"   # some sections
    make bench-understanding ARGS="--quick"               # a few cases of each: no figures to quote
    make bench-understanding ARGS="--developing --misses FOLDER"   # what may be looked at while developing

Sections, in the order of the table (`benchmarks.understanding_rows` says what a section is):

frozen  our own test half (`intents/frozen`), with its questions
public  people's sentences from public collections, of which half may be read and half is only scored
noise   our own test half as a poor recogniser would write it
readers days, times, births and drugs, read from people's sentences and through a recogniser's noise
safety  danger signs in the frozen sentences (`tests/safety_sets`), alarms where there is none
speed   time to understand one sentence, on one core

The baseline beside is TF-IDF with logistic regression, trained on the same corpus
(`benchmarks.understanding_baseline`). A target that was missed is printed as missed.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.understanding_rows import Options, Row, absent
from benchmarks.voice_rows import machine
from models.errors import FirstringError

SECTIONS = {
    "frozen": "benchmarks.understanding_frozen",
    "public": "benchmarks.understanding_public",
    "noise": "benchmarks.understanding_noise",
    "readers": "benchmarks.readers",
    "safety": "benchmarks.safety_sets",
    "speed": "benchmarks.understanding_speed",
}
_WIDTH = 170  # of the table in a file


def section(name: str, options: Options) -> Iterator[Row]:
    """The rows of one section; a fault in it is a row, so that the others are still measured."""
    try:
        rows: Callable[[Options], Iterable[Row]] = importlib.import_module(SECTIONS[name]).rows
        yield from rows(options)
    except FirstringError as problem:
        yield absent(name, str(problem))
    except Exception as problem:  # a bench that ran for minutes must still print what it has
        yield absent(name, f"{type(problem).__name__}: {problem}"[:200])


def verdict(row: Row) -> str:
    """ "" where nothing was aimed at."""
    return {True: "reached", False: "MISSED", None: ""}[row.reached]


def table_of(measured: Iterable[tuple[str, list[Row]]], title: str) -> Table:
    table = Table(title=title)
    for column in ("measure", "figure", "wanted", "", "baseline", "note"):
        table.add_column(column, overflow="fold")
    for name, rows in measured:
        table.add_section()
        table.add_row(f"[bold]{name}[/bold]")
        for row in rows:
            table.add_row(row.measure, row.figure, row.wanted, verdict(row), row.baseline, row.note)
    return table


def run(names: Iterable[str], options: Options, err: Console) -> Iterator[tuple[str, list[Row]]]:
    """Each row is also told at once, for whoever waits."""
    began_s = time.monotonic()
    for name in names:
        rows: list[Row] = []
        for row in section(name, options):
            rows.append(row)
            at = f"{time.monotonic() - began_s:5.0f} s"
            err.print(at, name, row.measure, row.figure, verdict(row), row.baseline, row.note, sep="  ")
        yield name, rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, separated by commas")
    parser.add_argument("--quick", action="store_true", help="a few cases of each; no figure to quote")
    parser.add_argument(
        "--developing", action="store_true", help="nothing that is kept for the closing figures"
    )
    parser.add_argument("--misses", type=Path, help="a folder for what was missed and may be read")
    parser.add_argument("--data", type=Path, default=Options().data, help="the evaluation data's folder")
    chosen = parser.parse_args()
    names = chosen.only.split(",")
    if unknown := sorted(set(names) - set(SECTIONS)):
        parser.error(f"no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    options = Options(chosen.quick, chosen.developing, chosen.data, chosen.misses)
    began_s, on = time.monotonic(), machine()
    rows = list(run(names, options, Console(stderr=True)))
    quick = "; QUICK: no figure to quote" if chosen.quick else ""
    title = f"Understanding: {on}; {(time.monotonic() - began_s) / 60:.0f} min{quick}"
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table_of(rows, title))


if __name__ == "__main__":
    main()
