"""RxNorm's names and brands, from RXNCONSO.RRF and RXNREL.RRF of a monthly release.

Columns as in NLM's RxNorm Technical Documentation, sections on RXNCONSO and RXNREL
(https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html): fields end with "|", so that a line of
18 columns has 18 bars. Used are RxNorm's own rows (SAB=RXNORM) that are not suppressed: IN, an ingredient;
MIN, several together; BN, a brand; and the relation tradename_of between a brand and each of its ingredients.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from words.national.lines import BadLine, key_of

_CONSO_COLUMNS, _REL_COLUMNS = 18, 16
_RXCUI, _SAB, _TTY, _STR, _SUPPRESS = 0, 11, 12, 14, 16
_RXCUI1, _RXCUI2, _RELA, _REL_SAB = 0, 4, 7, 10


@dataclass(slots=True)
class RxNorm:
    """``codes`` and ``names`` by the key of the ingredients; ``brands``: brand, lower case, to that key."""

    codes: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    brands: dict[str, str] = field(default_factory=dict)
    bad: list[BadLine] = field(default_factory=list)


def read_rxnorm(conso: Iterable[str], rel: Iterable[str]) -> RxNorm:
    """Both files, line by line. What cannot be used is in ``bad``."""
    found = RxNorm()
    ingredient: dict[str, str] = {}  # RXCUI: name
    brand: dict[str, str] = {}
    for row in _rows("RXNCONSO.RRF", conso, _CONSO_COLUMNS, found.bad):
        if row[_SAB] != "RXNORM" or row[_SUPPRESS] not in ("", "N"):
            continue
        name = row[_STR].lower()
        if row[_TTY] in ("IN", "MIN"):
            found.codes.setdefault(key_of(name), row[_RXCUI])
            found.names.setdefault(key_of(name), " ".join(name.replace("/", " ").replace(",", " ").split()))
        if row[_TTY] == "IN":
            ingredient[row[_RXCUI]] = name
        elif row[_TTY] == "BN":
            brand[row[_RXCUI]] = row[_STR]
    _add_brands(found, _rows("RXNREL.RRF", rel, _REL_COLUMNS, found.bad), ingredient, brand)
    return found


def _add_brands(
    found: RxNorm, rows: Iterable[list[str]], ingredient: dict[str, str], brand: dict[str, str]
) -> None:
    parts: dict[str, set[str]] = {}
    for row in rows:
        if row[_REL_SAB] == "RXNORM" and row[_RELA] == "tradename_of":  # the second is it of the first
            name = ingredient.get(row[_RXCUI1])
            if name and row[_RXCUI2] in brand:
                parts.setdefault(row[_RXCUI2], set()).add(name)
    for code, names in parts.items():
        found.brands[brand[code].lower()] = key_of(" ".join(names))


def _rows(file: str, lines: Iterable[str], columns: int, bad: list[BadLine]) -> Iterator[list[str]]:
    for number, line in enumerate(lines, 1):
        row = line.rstrip("\r\n").split("|")
        if len(row) - 1 != columns:
            bad.append(BadLine(file, number, f"{len(row) - 1} columns where {columns} belong"))
        elif not row[_RXCUI].isdigit():
            bad.append(BadLine(file, number, f"{row[_RXCUI]!r} is no RxCUI"))
        else:
            yield row
