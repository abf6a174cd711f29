"""`firstring formulary`: a site's table from national files, and what the table in use covers."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from agent.settings import Settings
from models.errors import FormularyError
from words import drug_table, formulary
from words.drug_table import Drug
from words.national.build import Built, Sources, build
from words.national.lines import BadLine
from words.national.meps import Fills, read_fills
from words.national.ndc import Products, read_products
from words.national.rxnorm import RxNorm, read_rxnorm

Printer = Callable[[Any], None]
SHOWN = 20
OK, NOT_ALL = 0, 1


def site_table(chosen: Settings) -> Path:
    """Where a site's own table is kept."""
    return chosen.data_dir / "formulary.csv"


def use_site_table(chosen: Settings) -> None:
    """Lays the site's table over the shipped one, if there is one. Raises FormularyError if it is broken."""
    path = site_table(chosen)
    formulary.use(path if path.exists() else None)


def run(
    chosen: Settings,
    rxnorm: Path | None,
    meps: Path | None,
    ndc: Path | None,
    show: Printer,
    *,
    skip_bad: bool,
    as_json: bool,
) -> int:
    """Builds and writes in one piece, or writes nothing. Exit code 1: lines were bad.

    Raises FormularyError for files that are not there or no file at all.
    """
    if not (rxnorm or meps or ndc):
        raise FormularyError("no file to build from", fix="Name --rxnorm, --meps or --ndc, or all three.")
    sources = _read(rxnorm, meps, ndc)
    if sources.bad and not skip_bad:
        _show_bad(sources.bad, show, as_json=as_json)
        show({"written": None} if as_json else "nothing was written; --skip-bad builds without these lines")
        return NOT_ALL
    built = build(drug_table.read(formulary.SHIPPED), sources)
    path = site_table(chosen)
    write(path, built.drugs)
    formulary.use(path)
    _show_built(path, built, show, as_json=as_json)
    _show_bad(sources.bad, show, as_json=as_json)
    return NOT_ALL if sources.bad else OK


def _read(rxnorm: Path | None, meps: Path | None, ndc: Path | None) -> Sources:
    try:
        return Sources(
            rxnorm=_rxnorm(rxnorm) if rxnorm else RxNorm(),
            fills=_fills(meps) if meps else Fills(),
            products=_products(ndc) if ndc else Products(),
        )
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise FormularyError(
            str(problem), fix="Name the files as docs/formulary.md describes them."
        ) from problem


def _rxnorm(folder: Path) -> RxNorm:
    inside = folder if (folder / "RXNCONSO.RRF").exists() else folder / "rrf"
    with (
        (inside / "RXNCONSO.RRF").open(encoding="utf-8", newline="\n") as conso,
        (inside / "RXNREL.RRF").open(encoding="utf-8", newline="\n") as rel,
    ):
        return read_rxnorm(conso, rel)


def _fills(path: Path) -> Fills:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return read_fills(path.name, file)


def _products(path: Path) -> Products:
    with path.open(encoding="cp1252", errors="replace", newline="\n") as file:  # as FDA writes it
        return read_products(path.name, file)


def write(path: Path, drugs: Iterable[Drug]) -> None:
    """The table, whole or not at all: a reader sees the one before or this one."""
    text = io.StringIO()
    lines = csv.DictWriter(text, drug_table.COLUMNS, lineterminator="\n")
    lines.writeheader()
    lines.writerows(drug_table.as_row(drug) for drug in drugs)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}")
    try:
        with scratch.open("w", encoding="utf-8") as file:
            file.write(text.getvalue())
            file.flush()
            os.fsync(file.fileno())
        drug_table.read(scratch)  # what could not be read again must not come into use
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _show_bad(bad: Iterable[BadLine], show: Printer, *, as_json: bool) -> None:
    lines = list(bad)
    for line in lines if as_json else lines[:SHOWN]:
        show({"file": line.file, "line": line.line, "why": line.why} if as_json else f"bad: {line}")
    if len(lines) > SHOWN and not as_json:
        show(f"bad: {len(lines) - SHOWN} lines more")


def _show_built(path: Path, built: Built, show: Printer, *, as_json: bool) -> None:
    found = {
        "codes found": built.new_codes,
        "codes that differ": built.other_codes,
        "schedules found": built.new_schedules,
        "brands added": built.new_brands,
        "drugs added, all of them high-risk until someone reviews them": built.added,
        "dispensed, but neither in the table nor in RxNorm": built.not_in_rxnorm,
    }
    if as_json:
        show({"written": str(path), **found})
        return
    show(f"wrote {path}; a running server reads it at its next start")
    for what, names in found.items():
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        show(f"   {len(names)} {what}" + (f": {'; '.join(names[:SHOWN])}{more}" if names else ""))


def coverage(drugs: Iterable[Drug]) -> dict[str, int]:
    """How much of the table is known. Every number counts drugs, the last but one names."""
    every = list(drugs)
    controlled = [drug for drug in every if drug.controlled is True]
    return {
        "drugs": len(every),
        "with a brand": sum(bool(drug.brands) for drug in every),
        "with a class": sum(drug.drug_class != drug_table.UNCLASSIFIED for drug in every),
        "with lay names": sum(bool(drug.spoken) for drug in every),
        "with the sound of their names": sum(bool(drug.said_as) for drug in every),
        "with look-alikes": sum(bool(formulary.confusables(drug.generic)) for drug in every),
        "high-risk": sum(drug.high_risk for drug in every),
        "controlled": len(controlled),
        "controlled, schedule known": sum(bool(drug.schedule) for drug in controlled),
        "not controlled": sum(drug.controlled is False for drug in every),
        "unknown, so treated as controlled": sum(drug.controlled is None for drug in every),
        "with an RxCUI": sum(bool(drug.rxcui) for drug in every),
        "with counts of fills": sum(bool(drug.fills) for drug in every),
        "names": len(formulary.drug_names()),
        "heard by the closed list of the built-in recogniser": len(formulary.common_names()),
    }


def show_coverage(chosen: Settings, show: Printer, *, as_json: bool) -> None:
    """The coverage of the table in use here."""
    use_site_table(chosen)
    found = coverage(formulary.all_drugs())
    if as_json:
        show({"table": str(site_table(chosen)) if site_table(chosen).exists() else "shipped", **found})
        return
    show(
        f"table: {site_table(chosen)} over the shipped one"
        if site_table(chosen).exists()
        else "table: shipped"
    )
    for what, number in found.items():
        show(f"{number:6} {what}")
