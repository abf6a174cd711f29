"""Proof that rows were only appended: a hash over the first rows of every table, one for each addition.

``python -m intents.frozen.seals`` prints the lines to add to ``seals.tsv`` for rows that have no seal yet.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from intents.frozen import FOLDER, QUESTIONS, tables


@dataclass(frozen=True, slots=True)
class Seal:
    """The SHA-256 of a table's first ``rows`` rows, without its heading."""

    table: str
    rows: int
    sha256: str


def seals() -> list[Seal]:
    """All that were ever given, oldest first."""
    with (FOLDER / "seals.tsv").open(encoding="utf-8", newline="") as file:
        return [
            Seal(row["table"], int(row["rows"]), row["sha256"])
            for row in csv.DictReader(file, delimiter="\t")
        ]


def seal(path: Path, rows: int | None = None) -> Seal:
    """Of the table as it is now: of its first ``rows`` rows, or of all."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    kept = lines if rows is None else lines[:rows]
    return Seal(path.stem, len(kept), hashlib.sha256("\n".join(kept).encode()).hexdigest())


def _files() -> list[Path]:
    """The tables, and the questions, which give many rows their meaning."""
    return [*tables(), FOLDER / QUESTIONS]


def broken() -> list[Seal]:
    """Seals that no longer hold: a row was changed, moved or taken away, or its table is gone."""
    paths = {path.stem: path for path in _files()}
    return [old for old in seals() if old.table not in paths or seal(paths[old.table], old.rows) != old]


def unsealed() -> list[Seal]:
    """What the tables with rows beyond their last seal would get now."""
    given = set(seals())
    return [now for now in map(seal, _files()) if now not in given]


def main() -> int:
    """Print the missing seals; nothing while an old one is broken."""
    if torn := broken():
        names = ", ".join(sorted({old.table for old in torn}))
        sys.stderr.write(f"rows of {names} were changed: frozen rows may only be appended to; restore them\n")
        return 1
    sys.stdout.writelines(f"{new.table}\t{new.rows}\t{new.sha256}\n" for new in unsealed())
    return 0


if __name__ == "__main__":
    sys.exit(main())
