"""The rows of a table of drugs: reading one, checking it, and laying a site's own over the shipped one."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import FormularyError

SCHEDULES = ("I", "II", "III", "IV", "V")  # the strictest first
UNCLASSIFIED = "unclassified"
_MARKS = {"yes": True, "no": False, "unknown": None}
_FORMULARY_FIX = "Correct that line, or move the file away and run `firstring formulary build` again."


@dataclass(frozen=True, slots=True)
class Drug:
    """``spoken`` are lay names ("water pill") and may belong to several drugs; ``said_as`` to one alone."""

    generic: str  # lower case
    brands: tuple[str, ...]
    drug_class: str
    spoken: tuple[str, ...]
    confusable_with: tuple[str, ...]  # generics or brands, lower case
    high_risk: bool
    controlled: bool | None  # None: not known
    schedule: str  # "II".."V", or "" where no source was read
    said_as: tuple[str, ...] = ()  # how the names come out of mouths and recognisers, lower case
    schedule_source: str = ""
    rxcui: str = ""  # of the ingredient or ingredients, or "" where no source was read
    rxcui_source: str = ""
    common: bool = False  # said so often that an ear with a short list must know it
    fills: int = 0  # in the national survey that a site has read; 0: none was read

    @property
    def names(self) -> tuple[str, ...]:
        """Names that mean this drug alone, lower case, the generic first."""
        return (self.generic, *(brand.lower() for brand in self.brands))


_WRITTEN: Mapping[str, Callable[[Drug], str]] = {
    "generic": lambda drug: drug.generic,
    "brands": lambda drug: ";".join(drug.brands),
    "class": lambda drug: drug.drug_class,
    "spoken": lambda drug: ";".join(drug.spoken),
    "said_as": lambda drug: ";".join(drug.said_as),
    "confusable_with": lambda drug: ";".join(drug.confusable_with),
    "high_risk": lambda drug: "yes" if drug.high_risk else "no",
    "controlled": lambda drug: {True: "yes", False: "no", None: "unknown"}[drug.controlled],
    "schedule": lambda drug: drug.schedule,
    "schedule_source": lambda drug: drug.schedule_source,
    "rxcui": lambda drug: drug.rxcui,
    "rxcui_source": lambda drug: drug.rxcui_source,
    "common": lambda drug: "yes" if drug.common else "no",
    "fills": lambda drug: str(drug.fills or ""),
}
COLUMNS = tuple(_WRITTEN)


def as_row(drug: Drug) -> dict[str, str]:
    """The cells of a drug, by column."""
    return {column: cell(drug) for column, cell in _WRITTEN.items()}


def read(path: Path) -> tuple[Drug, ...]:
    """All drugs of a table. Raises FormularyError naming the file, the line and what is wrong there."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise FormularyError(f"{path} cannot be read: {problem}", fix=_FORMULARY_FIX) from problem
    lines = csv.DictReader(text.splitlines())
    if missing := [column for column in COLUMNS if column not in (lines.fieldnames or ())]:
        raise FormularyError(f"{path} line 1: there is no column {missing[0]!r}", fix=_FORMULARY_FIX)
    drugs: dict[str, Drug] = {}
    for row in lines:
        if problem_there := _problem(row, drugs):
            raise FormularyError(f"{path} line {lines.line_num}: {problem_there}", fix=_FORMULARY_FIX)
        drugs[row["generic"]] = _drug(row)
    return tuple(drugs.values())


def _problem(row: Mapping[str, str | None], known: Mapping[str, Drug]) -> str:
    """Why a row may not stand, or ""."""
    if None in row.values() or None in row:
        return "it has not as many cells as the first line"
    cells = {column: cell or "" for column, cell in row.items()}
    generic = cells["generic"]
    if not generic or generic != " ".join(generic.lower().split()):
        return f"the generic name {generic!r} is not in lower case, or is missing"
    checks = (
        (generic in known, f"{generic} stands there twice"),
        (not cells["class"], "there is no class"),
        (cells["high_risk"] not in _MARKS, "high_risk is yes, no or unknown"),
        (cells["common"] not in ("yes", "no"), "common is yes or no"),
        (cells["controlled"] not in _MARKS, "controlled is yes, no or unknown"),
        (cells["schedule"] not in ("", *SCHEDULES), f"{cells['schedule']!r} is no schedule"),
        (bool(cells["schedule"]) != bool(cells["schedule_source"]), "a schedule and its source go together"),
        (bool(cells["schedule"]) and cells["controlled"] != "yes", "what has a schedule is controlled"),
        (bool(cells["rxcui"]) != bool(cells["rxcui_source"]), "an RxCUI and its source go together"),
        (not (cells["rxcui"] or "0").isdigit(), f"{cells['rxcui']!r} is no RxCUI"),
        (not (cells["fills"] or "0").isdigit(), f"{cells['fills']!r} is no number of fills"),
    )
    return next((why for is_wrong, why in checks if is_wrong), "")


def _drug(row: Mapping[str, str]) -> Drug:
    return Drug(
        generic=row["generic"],
        brands=_list(row["brands"]),
        drug_class=row["class"],
        spoken=_list(row["spoken"]),
        said_as=tuple(form.lower() for form in _list(row["said_as"])),
        confusable_with=tuple(name.lower() for name in _list(row["confusable_with"])),
        high_risk=_MARKS[row["high_risk"]] is not False,  # not known counts as high-risk
        controlled=_MARKS[row["controlled"]],
        schedule=row["schedule"],
        schedule_source=row["schedule_source"],
        rxcui=row["rxcui"],
        rxcui_source=row["rxcui_source"],
        common=row["common"] == "yes",
        fills=int(row["fills"] or 0),
    )


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def laid_over(shipped: Iterable[Drug], site: Iterable[Drug]) -> tuple[Drug, ...]:
    """The shipped drugs with what a site knows besides, then the site's own: only ever stricter."""
    own = {drug.generic: drug for drug in site}
    known = [_stricter(drug, own.pop(drug.generic, None)) for drug in shipped]
    return (*known, *own.values())


def _stricter(drug: Drug, own: Drug | None) -> Drug:
    if own is None:
        return drug
    schedule, source = strictest((drug.schedule, drug.schedule_source), (own.schedule, own.schedule_source))
    return replace(
        drug,
        brands=_both(drug.brands, own.brands),
        spoken=_both(drug.spoken, own.spoken),
        said_as=_both(drug.said_as, own.said_as),
        confusable_with=_both(drug.confusable_with, own.confusable_with),
        high_risk=drug.high_risk or own.high_risk,
        controlled=_more_controlled(drug.controlled, own.controlled),
        schedule=schedule,
        schedule_source=source,
        rxcui=own.rxcui or drug.rxcui,
        rxcui_source=own.rxcui_source or drug.rxcui_source,
        common=drug.common or own.common,
        fills=own.fills,
    )


def strictest(*found: tuple[str, str]) -> tuple[str, str]:
    """The strictest of (schedule, source); of equals the first; ("", "") when there is none."""
    named = [pair for pair in found if pair[0]]
    return min(named, key=lambda pair: SCHEDULES.index(pair[0])) if named else ("", "")


def _more_controlled(one: bool | None, other: bool | None) -> bool | None:
    if one is True or other is True:
        return True
    return None if one is None or other is None else False


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    known = {name.lower() for name in one}
    return (*one, *(name for name in other if name.lower() not in known))
