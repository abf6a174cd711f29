"""What people are dispensed, from AHRQ's MEPS prescribed medicines file.

The public-use file (HC-248A for 2023, https://meps.ahrq.gov/data_stats/download_data/pufs/h248a/h248adoc.shtml)
saved as comma-separated values with its variables' names in the first line. Used are RXNAME (the name on
the prescription), RXDRGNAM (Multum's ingredients, joined by "-") and, where it stands, the person's weight
PERWTyyF. Negative numbers are the survey's own words for "not known". Only counts leave this reader.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from words.national.lines import BadLine, key_of

_NOT_KNOWN = re.compile(r"-\d+")
_WEIGHT = re.compile(r"PERWT\d\dF")


@dataclass(slots=True)
class Fills:
    """By the key of the ingredients: records, and fills of all people. ``written``: names as filled."""

    records: Counter[str] = field(default_factory=Counter)
    fills: Counter[str] = field(default_factory=Counter)
    written: set[str] = field(default_factory=set)
    bad: list[BadLine] = field(default_factory=list)


def read_fills(file: str, lines: Iterable[str]) -> Fills:
    """The file, line by line. What cannot be used is in ``bad``; a missing column makes line 1 bad."""
    found = Fills()
    rows = csv.DictReader(lines, restkey="more")
    columns = rows.fieldnames or []
    if missing := [name for name in ("RXNAME", "RXDRGNAM") if name not in columns]:
        found.bad.append(BadLine(file, 1, f"there is no column {missing[0]}"))
        return found
    weight = next((name for name in columns if _WEIGHT.fullmatch(name)), "")
    for row in rows:
        if None in row.values() or "more" in row:
            found.bad.append(BadLine(file, rows.line_num, f"not the {len(columns)} columns of line 1"))
        elif why := _add(found, row, weight):
            found.bad.append(BadLine(file, rows.line_num, why))
    return found


def _add(found: Fills, row: dict[str, str], weight: str) -> str:
    """Counts a record; why it cannot be, or ""."""
    try:
        people = float(row[weight]) if weight else 1.0
    except ValueError:
        return f"{weight} is {row[weight]!r}, no number"
    drug = row["RXDRGNAM"].strip()
    if drug and not _NOT_KNOWN.fullmatch(drug):
        found.records[key_of(drug)] += 1
        found.fills[key_of(drug)] += round(people)
        found.written.add(" ".join(row["RXNAME"].lower().split()))
    return ""
