"""DEA schedules of marketed products, from ``product.txt`` of FDA's NDC directory.

Tab-separated with a header line; columns by FDA's "NDC Product File Definitions"
(https://www.fda.gov/drugs/drug-approvals-and-databases/ndc-product-file-definitions). DEASCHEDULE is CI to
CV as the labeler reports it, or empty. An empty one proves nothing: some states schedule more than the DEA.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from words.drug_table import SCHEDULES, strictest
from words.national.lines import BadLine, key_of

_NEEDED = ("PRODUCTNDC", "NONPROPRIETARYNAME", "SUBSTANCENAME", "DEASCHEDULE")


@dataclass(slots=True)
class Products:
    """``schedules``: the key of the ingredients to the strictest schedule and its source."""

    schedules: dict[str, tuple[str, str]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)  # all that are marketed
    bad: list[BadLine] = field(default_factory=list)


def read_products(file: str, lines: Iterable[str]) -> Products:
    """The file, line by line. What cannot be used is in ``bad``; a missing column makes line 1 bad."""
    found, columns = Products(), list[str]()
    for number, line in enumerate(lines, 1):
        cells = line.rstrip("\r\n").split("\t")
        if not columns:
            columns = [cell.strip().upper() for cell in cells]
            if missing := [name for name in _NEEDED if name not in columns]:
                found.bad.append(BadLine(file, number, f"there is no column {missing[0]}"))
                break
        elif len(cells) != len(columns):
            found.bad.append(BadLine(file, number, f"{len(cells)} columns where {len(columns)} belong"))
        elif why := _add(found, dict(zip(columns, cells, strict=True))):
            found.bad.append(BadLine(file, number, why))
    return found


def _add(found: Products, row: dict[str, str]) -> str:
    """Takes a product in; why it cannot be, or ""."""
    stated = row["DEASCHEDULE"].strip().upper()
    schedule = stated.removeprefix("C")
    if stated and (schedule not in SCHEDULES or schedule == stated):
        return f"{row['DEASCHEDULE']!r} is no DEA schedule"
    key = key_of(row["SUBSTANCENAME"] or row["NONPROPRIETARYNAME"])
    if not key:
        return "neither a substance nor a non-proprietary name"
    found.keys.add(key)
    if schedule:
        source = f"FDA NDC directory, product {row['PRODUCTNDC'].strip()}: DEASCHEDULE {stated}"
        found.schedules[key] = strictest(found.schedules.get(key, ("", "")), (schedule, source))
    return ""
