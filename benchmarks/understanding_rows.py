"""What every section of ``benchmarks.understanding`` is given and returns.

A section is a module with ``rows(options: Options) -> Iterable[Row]``. A row is one measure of the table of
targets: what was measured, the figure, what is wanted, what the ``baseline`` gets in the same run, and
``reached``: True, False (printed as missed), or None where nothing was aimed at. Only figures over many
sentences are printed; misses of sentences that may be read go to a file, on request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    quick: bool = False  # a few cases of each kind, for development: no figure to be quoted
    developing: bool = False  # leave out what is kept for the closing figures: it is not to be tuned on
    data: Path = Path("../shared/evaldata")  # sentences of others; may be absent
    misses: Path | None = None  # a folder: what was missed among the sentences that may be read


@dataclass(frozen=True, slots=True)
class Row:
    measure: str
    figure: str
    wanted: str = ""
    note: str = ""
    reached: bool | None = None
    baseline: str = ""


def absent(measure: str, why: str, wanted: str = "") -> Row:
    """A measure that could not be taken here."""
    return Row(measure, "not measured", wanted, why)


def at_least(measure: str, share: float, least: float, baseline: float | None = None, note: str = "") -> Row:
    """A share that is to be no less than another."""
    beside = "" if baseline is None else percent(baseline)
    return Row(measure, percent(share), f">= {percent(least)}", note, share >= least, beside)


def at_most(measure: str, share: float, most: float, baseline: float | None = None, note: str = "") -> Row:
    """A share that is to be no more than another."""
    beside = "" if baseline is None else percent(baseline)
    return Row(measure, percent(share), f"<= {percent(most)}", note, share <= most, beside)


def percent(share: float) -> str:
    """One decimal, unless there is none: "95 %", "93.4 %"."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def write_misses(options: Options, name: str, lines: Sequence[str]) -> None:
    """A line a miss into ``name``.tsv of the folder that was asked for; nothing where none was."""
    if options.misses is None:
        return
    options.misses.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line}\n" for line in lines)
    (options.misses / f"{name}.tsv").write_text(text, encoding="utf-8")
