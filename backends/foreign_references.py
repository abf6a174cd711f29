"""References of a foreign Bundle, made to point at places in this chart.

https://hl7.org/fhir/R4/bundle.html#references: a reference names an entry by its fullUrl (``urn:uuid:...`` or
an absolute URL), relative to it (``Patient/1``), or by a search (``Practitioner?identifier=system|value``).
What points nowhere is kept as a logical reference (identifier, display), never as a link to something else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from sqlmodel import Session

from backends.foreign_cleaning import identifiers
from backends.foreign_file import Incoming
from backends.foreign_places import SHARED, Place, origin
from backends.refusals import ChartRefusal, Json
from backends.store import ChartStore

NOWHERE = "not in the file that this came from"


@dataclass(slots=True)
class Directory:
    """Every name that a place of the file goes by."""

    places: dict[str, Place] = field(default_factory=dict)
    by_identifier: dict[tuple[str, str, str], Place] = field(default_factory=dict)
    ambiguous: set[str] = field(default_factory=set)

    def add(self, one: Incoming, place: Place) -> None:
        if one.full_url:
            self.places[one.full_url] = place
        if isinstance(one.resource.get("id"), str):
            self._add_relative(f"{one.type}/{one.resource['id']}", place)
        for system, value in identifiers(one.resource):
            self.by_identifier[one.type, system, value] = place

    def shared(self, one: Incoming) -> Place | None:
        """The place of the same person or organisation, when an earlier entry already named it."""
        known = (self.by_identifier.get((one.type, *item)) for item in identifiers(one.resource))
        return next((place for place in known if place), None) if one.type in SHARED else None

    def _add_relative(self, name: str, place: Place) -> None:
        known = self.places.setdefault(name, place)
        if known.ref != place.ref:
            self.ambiguous.add(name)  # two servers in one Bundle: only the whole address says which

    def get(self, reference: str, base: str) -> Place | None:
        """The place that a reference of an entry under ``base`` means, None when it is not in the file."""
        name = reference.partition("/_history/")[0]
        found = self.places.get(f"{base}/{name}") if base and "://" not in name else None
        if found is None and name not in self.ambiguous:
            found = self.places.get(name)
        return found


def base_of(full_url: str) -> str:
    """The server of an absolute fullUrl: ``https://ehr.example/fhir`` of ``.../fhir/Patient/1``."""
    return origin(full_url).rsplit("/", 2)[0] if origin(full_url).count("/") > 3 else ""


@dataclass(slots=True)
class Resolver:
    """Resolves the references of one file, within the caller's transaction; counts what points nowhere."""

    store: ChartStore
    session: Session
    directory: Directory
    nowhere: Counter[str] = field(default_factory=Counter)  # type of target -> how many

    def resolved(self, value: Any, base: str) -> Any:
        """``value`` with every Reference in it made ours."""
        if isinstance(value, list):
            return [self.resolved(item, base) for item in value]
        if not isinstance(value, dict):
            return value
        inner = {name: self.resolved(item, base) for name, item in value.items()}
        if isinstance(value.get("reference"), str) and "resourceType" not in value:
            return self._reference(inner, base)
        return inner

    def target(self, reference: str, base: str) -> str:
        """``Type/id`` of what a reference means, "" when it is neither in the file nor here."""
        found = self.directory.get(reference, base)
        if found is not None:
            return found.ref
        if "?" in reference:
            return self._searched(reference)
        return self._held(reference, base)

    def _reference(self, value: Json, base: str) -> Json:
        reference = value["reference"]
        if reference.startswith("#"):
            return value  # contained in the resource itself
        target = self.target(reference, base)
        if target:
            return {**value, "reference": target}
        self.nowhere[_type_of(reference)] += 1
        logical = _logical(reference)
        rest = {name: item for name, item in value.items() if name != "reference"}
        return {"display": NOWHERE, **logical, **rest}

    def _held(self, reference: str, base: str) -> str:
        """A resource of the same origin that came with an earlier file."""
        resource_type, _, resource_id = reference.partition("/_history/")[0].rpartition("/")
        kind = resource_type.rpartition("/")[2]
        try:
            stored = self.store.find(self.session, kind, resource_id) if kind and resource_id else None
        except ChartRefusal:
            return ""
        if stored is None:
            return ""
        theirs = reference if "://" in reference else f"{base}/{reference}" if base else ""
        ours = origin(str(stored.body.get("meta", {}).get("source", "")))
        return stored.ref if not theirs or not ours or theirs == ours else ""

    def _searched(self, reference: str) -> str:
        kind, query = _search_of(reference)
        system, value = _identifier_of(query)
        if value:
            inside = self.directory.by_identifier.get((kind, system, value))
            if inside is not None:
                return inside.ref
        try:
            found = self.store.match(self.session, kind, query)
        except ChartRefusal:
            return ""
        return found.ref if found else ""


def _search_of(reference: str) -> tuple[str, str]:
    """Type and query of ``https://ehr.example/fhir/Practitioner?identifier=system|value``."""
    path, _, query = reference.partition("?")
    return path.rpartition("/")[2], query


def _logical(reference: str) -> Json:
    """What can still be said of a target that was searched for by identifier."""
    kind, query = _search_of(reference)
    system, value = _identifier_of(query)
    if not value:
        return {}
    named: Mapping[str, str] = {"system": system, "value": value} if system else {"value": value}
    return {"type": kind, "identifier": dict(named)} if kind.isalpha() else {"identifier": dict(named)}


def _identifier_of(query: str) -> tuple[str, str]:
    found = next((value for name, value in parse_qsl(query) if name == "identifier"), "")
    system, _, value = found.rpartition("|")
    return system, value


def _type_of(reference: str) -> str:
    kind = reference.partition("?")[0].rpartition("/")[0].rpartition("/")[2] or reference.partition("?")[0]
    return kind if kind.isalpha() else "resource"
