"""The words this practice's callers will say: patients' names and medicines, for listening only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from models.chart import ChartResource
from models.storage import Storage
from words import formulary


@dataclass(frozen=True, slots=True)
class Lexicon:
    roster_names: tuple[str, ...]  # patients' full names
    medicine_names: tuple[str, ...]  # the formulary's, and what stands on the charts


def read_lexicon(storage: Storage) -> Lexicon:
    """From the embedded chart and the formulary, each list sorted and without repeats."""
    return Lexicon(storage.read_now(_names), tuple(sorted(set(formulary.drug_names()))))


def _names(session: Session) -> tuple[str, ...]:
    statement = select(ChartResource).where(
        ChartResource.resource_type == "Patient",
        ChartResource.deleted == False,  # noqa: E712  # SQL, not Python
    )
    found = set()
    for row in session.exec(statement):
        for name in (row.body or {}).get("name", ()):
            given = (name.get("given") or [""])[0]
            found.add(f"{given} {name.get('family', '')}".strip())
    return tuple(sorted(found - {""}))
