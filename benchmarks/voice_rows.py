"""What every section of ``benchmarks.voice`` is given and returns.

A section is a module with ``rows(options: Options) -> Iterable[Row]``. A row is one measure of the table of
targets: what was measured, the figure with its unit, what is wanted, and ``reached``: True, False (printed
as missed), or None where nothing was aimed at or nothing could be measured. ``note`` says which recogniser,
how many cases, and what is not comparable. Data or programs that are not there make a row that says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    quick: bool = False  # a few cases of each kind, for development: no figure to be quoted
    data: Path = Path("../shared/evaldata")  # recordings of people; may be absent


@dataclass(frozen=True, slots=True)
class Row:
    measure: str
    figure: str
    wanted: str = ""
    note: str = ""
    reached: bool | None = None


def absent(measure: str, why: str, wanted: str = "") -> Row:
    """A measure that could not be taken here."""
    return Row(measure, "not measured", wanted, why)


def machine() -> str:
    """What the figures hang on: cores, and how busy they were with other things."""
    busy = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, load of the last minute {busy:.1f} at the start"


def within(figures: Iterable[tuple[float, float]]) -> bool:
    """Every (figure, most) pair holds; a figure that is not a number does not."""
    return all(figure <= most for figure, most in figures)
