"""A copy of part of a foreign chart, in memory for one action, with our own papers beside it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import Session

from backends.foreign_cleaning import identifiers
from backends.reading.matching import fits
from backends.refusals import Json
from backends.store import ChartStore, Stored
from models.domain import Clock
from models.keyring import KeyRing

# What this installation writes during a call and keeps itself; the write-back takes it to the server.
_OURS = frozenset({"Task", "DetectedIssue", "Consent", "QuestionnaireResponse", "MedicationRequest"})


class ChartCopy(ChartStore):
    """Reads come from the copy, then from our own papers; what is written is kept in this database."""

    def __init__(self, keyring: KeyRing, clock: Clock, documents: Iterable[Json] = ()) -> None:
        super().__init__(keyring, clock)
        self._now = clock
        self._documents: dict[tuple[str, str], Json] = {}
        self.add(documents)

    def add(self, documents: Iterable[Json]) -> None:
        self._documents |= {(one["resourceType"], one["id"]): one for one in documents}

    def find(
        self, session: Session, resource_type: str, resource_id: str, *, lock: bool = False
    ) -> Stored | None:
        """From the copy, which nobody needs to lock, else from our own papers."""
        document = self._documents.get((resource_type, resource_id))
        if document is not None:
            return self._as_stored(document)
        own = super().find(session, resource_type, resource_id, lock=lock)
        return own if own is not None and is_ours(own.body) else None

    def all(self, session: Session, resource_type: str, *pairs: tuple[str, str]) -> list[Json]:
        mine = [one for (kind, _), one in self._documents.items() if kind == resource_type]
        found = [one for one in mine if fits(one, pairs)]
        ours = super().all(session, resource_type, *pairs) if resource_type in _OURS else []
        return sorted([*found, *filter(is_ours, ours)], key=lambda one: str(one["id"]))

    def by_identifier(self, session: Session, resource_type: str, system: str, value: str) -> Stored | None:
        for (kind, _), document in self._documents.items():
            if kind == resource_type and (system, value) in identifiers(document):
                return self._as_stored(document)
        return (
            super().by_identifier(session, resource_type, system, value) if resource_type in _OURS else None
        )

    def _as_stored(self, document: Json) -> Stored:
        version = str(document.get("meta", {}).get("versionId", ""))
        return Stored(document, int(version) if version.isdecimal() else 0, self._now())


def is_ours(document: Json) -> bool:
    """Orders are the server's; a proposal for one is ours."""
    if document["resourceType"] == "MedicationRequest":
        return bool(document.get("intent") == "proposal")
    return document["resourceType"] in _OURS
