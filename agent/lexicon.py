"""The words this practice's callers will say: patients' names and medicines, for listening only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from backends.medicines import label_of
from backends.refill_policy import drugs_in
from models.chart import ChartResource
from models.storage import Storage
from words import formulary


@dataclass(frozen=True, slots=True)
class Lexicon:
    roster_names: tuple[str, ...]  # patients' full names
    medicine_names: tuple[str, ...]  # the formulary's
    likely_medicines: tuple[str, ...]  # of those the common ones, and what is ordered on a chart


def read_lexicon(storage: Storage) -> Lexicon:
    """From the embedded chart and the formulary, each list sorted and without repeats."""
    likely = {*formulary.common_names(), *storage.read_now(_ordered)}
    return Lexicon(
        storage.read_now(_names), tuple(sorted(set(formulary.drug_names()))), tuple(sorted(likely))
    )


def _ordered(session: Session) -> set[str]:
    """All names of the drugs that the charts' orders name."""
    statement = select(ChartResource).where(
        ChartResource.resource_type == "MedicationRequest",
        ChartResource.deleted == False,  # noqa: E712  # SQL, not Python
    )
    labels = {label_of(row.body or {}) for row in session.exec(statement)}
    return {name.replace("-", " ") for label in labels for drug in drugs_in(label) for name in drug.names}


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
