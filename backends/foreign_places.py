"""Where a foreign resource belongs in this chart: which id it gets, or which held one it is.

Ids are kept when they are valid and free. The same id may mean two things at two origins: it is the same
resource only with the same origin, identifier, patient or name; otherwise a new id is derived, always the
same one, so that loading a file again finds what is there.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlmodel import Session

from backends.foreign_cleaning import identifiers
from backends.foreign_file import Incoming
from backends.refusals import Json
from backends.store import ChartStore, Stored

SHARED = ("Organization", "Practitioner", "PractitionerRole", "Location", "Patient")  # one however many files
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")  # https://hl7.org/fhir/R4/datatypes.html#id
_NAMESPACE = uuid.UUID("3f1f4f6e-6a0e-5d0b-9d5c-6f3a0f6d2c11")  # any fixed one, for ids of our own
_SUBJECTS = ("subject", "patient", "beneficiary", "for")


@dataclass(frozen=True, slots=True)
class Place:
    """``held``: the chart has it already."""

    type: str
    id: str
    held: Stored | None = None

    @property
    def ref(self) -> str:
        return f"{self.type}/{self.id}"

    def elsewhere(self, store: ChartStore, session: Session, one: Incoming) -> Place:
        """The place for ``one`` when another resource of the same file already has this one."""
        own = _derived_id(one)
        return Place(one.type, own, store.find(session, one.type, own))


def place_of(store: ChartStore, session: Session, one: Incoming, patient_of: Callable[[Json], str]) -> Place:
    """Where ``one`` belongs. ``patient_of``: the place of the patient that a foreign resource is about."""
    if one.type in SHARED:
        for system, value in identifiers(one.resource):
            holder = store.by_identifier(session, one.type, system, value)
            if holder is not None:
                return Place(one.type, holder.body["id"], holder)
    wanted = wanted_id(one)
    held = store.find(session, one.type, wanted)
    if held is None or _same(held.body, one, patient_of):
        return Place(one.type, wanted, held)
    own = _derived_id(one)
    return Place(one.type, own, store.find(session, one.type, own))


def wanted_id(one: Incoming) -> str:
    """Its own id, else what its address ends in, else one derived from its content."""
    tail = one.full_url.rpartition(":" if one.full_url.startswith("urn:") else "/")[2]
    for text in (one.resource.get("id"), tail):
        if isinstance(text, str) and _ID.fullmatch(text):
            return text
    return _derived_id(one)


def _derived_id(one: Incoming) -> str:
    content = orjson.dumps(_bare(one.resource), option=orjson.OPT_SORT_KEYS).decode()
    return str(uuid.uuid5(_NAMESPACE, f"{one.type}\n{one.full_url}\n{content}"))


def _same(held: Json, one: Incoming, patient_of: Callable[[Json], str]) -> bool:
    """Whether the resource under this id is the one that comes."""
    source = str(held.get("meta", {}).get("source", ""))
    if source == source_of(one):
        return True
    if origin(source) and origin(one.full_url):
        return False
    if set(identifiers(held)) & set(identifiers(one.resource)):
        return True
    patient = patient_of(one.resource)
    if patient:
        return subject_of(held) == patient
    if "name" in one.resource:
        same = held.get("name") == one.resource["name"]
        return same and held.get("birthDate") == one.resource.get("birthDate")
    return _bare(held) == _bare(one.resource)


def origin(full_url: str) -> str:
    """An absolute address names the resource for good, wherever it is copied to."""
    return full_url if full_url.startswith(("https://", "http://")) else ""


def source_of(one: Incoming) -> str:
    """What is stored as ``meta.source``: the resource's address, else one made from its content."""
    return one.full_url or f"urn:uuid:{_derived_id(one)}"


def subject_of(resource: Mapping[str, Any]) -> str:
    """The reference to the patient that a resource is about, "" for none."""
    for name in _SUBJECTS:
        target = resource.get(name)
        if isinstance(target, dict) and isinstance(target.get("reference"), str):
            return str(target["reference"])
    return ""


def _bare(resource: Json) -> Json:
    return {name: item for name, item in resource.items() if name not in ("id", "meta", "text")}
