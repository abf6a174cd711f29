"""The Spanish wordings: those that ship, which nobody has signed, and a practice's own signed copy.

Section 1557 (45 CFR 92.201): critical text that was translated needs a qualified human's review, so the
file that ships is never spoken, and a copy only once who signed it, when and as what stands in it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from backends.practice_file import Table
from models.domain import SpanishPrompts
from models.errors import SettingsError

SHIPPED = Path(__file__).with_name("spanish.toml")
OWN = "spanish.toml"  # in DATA_DIR
_NUMBERS = re.compile(r"\d[\d-]*")
# California Business and Professions Code 4999.9 (AB 489): nothing may sound like a licence.
_LICENCE = re.compile(
    r"\b(?<!no )soy (un |una |el |la |su )?(enfermer|m[eé]dic|doctor|terapeut|farmac|psic[oó]log)"
    r"|\b(licenciad|certificad|titulad|colegiad)[oa]s?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signature:
    by: str
    on: date
    qualification: str


@dataclass(frozen=True, slots=True)
class PromptFile:
    """``signature`` None: nothing of it may be spoken."""

    prompts: SpanishPrompts
    signature: Signature | None


def signed_prompts(data_dir: Path) -> SpanishPrompts | None:
    """The practice's signed wordings; None where there are none. Raises SettingsError for a wrong file."""
    found = read_own(data_dir)
    return found.prompts if found and found.signature else None


def read_own(data_dir: Path) -> PromptFile | None:
    """The practice's copy; None: there is none. Raises SettingsError naming what is wrong in it."""
    path = data_dir / OWN
    if not path.exists():
        return None
    found = read(path)
    if problem := next(faults(found.prompts), ""):
        raise SettingsError(f"{path.name}: {problem}", fix=f"Correct it in {path}.")
    return found


def read(path: Path) -> PromptFile:
    """Raises SettingsError for a file that is not readable TOML of this form."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise SettingsError(f"{path.name} cannot be read: {problem}", fix=f"Mend {path}.") from problem
    file = Table(path.name, "", values)
    file.only(("version", "author", "signed", "sentences"))
    rows = file.table("sentences")
    said = tuple(_row(Table(path.name, f"sentences.{key}", rows.table(key).values)) for key in rows.values)
    return PromptFile(SpanishPrompts(file.text("version"), said), _signature(file.table("signed")))


def _row(row: Table) -> tuple[str, str]:
    row.only(("english", "spanish"))
    return row.text("english"), row.text("spanish")


def _signature(table: Table) -> Signature | None:
    """All three or nothing: half a signature is a mistake, and is named."""
    names = ("by", "on", "qualification")
    table.only(names)
    if not any(str(table.values.get(name, "")).strip() for name in names):
        return None
    on = table.values.get("on")
    try:
        on = on if isinstance(on, date) else date.fromisoformat(str(on))
    except ValueError:
        raise table.wrong("on", "the date of the signature is needed, like 2026-11-30") from None
    return Signature(table.text("by"), on, table.text("qualification"))


def faults(prompts: SpanishPrompts) -> Iterator[str]:
    """What no wording may be: incomplete, of an older English, with other numbers, or claiming a licence."""
    needed, there = dict(read(SHIPPED).prompts.said), dict(prompts.said)
    for english in needed.keys() - there.keys():
        yield f"there is no Spanish for {english!r}"
    for english, spanish in prompts.said:
        if english not in needed:
            yield f"{english!r} is no sentence of this version"
        yield from _faults(english, spanish)


def _faults(english: str, spanish: str) -> Iterator[str]:
    if _NUMBERS.findall(english) != _NUMBERS.findall(spanish):
        yield f"{spanish!r} has other numbers than {english!r}"
    if english.endswith("?") != spanish.endswith("?"):
        yield f"{spanish!r}: a question stays a question, and a statement a statement"
    if _LICENCE.search(spanish):
        yield f"{spanish!r} sounds as if we had a licence"
