"""A resource that is to be written for a call, and how planned resources point at each other."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from fhir.shapes import objects_of

Json = dict[str, Any]

DEVICE, ENCOUNTER, NOTE, TASK, COMMUNICATION, PROVENANCE = "device", "enc", "note", "task", "comm", "prov"
RESPONSE, OBSERVATION, ISSUE, RX, VISIT, AUDIT = "qr", "obs", "issue", "rx", "appt", "audit"
UNNAMED = (PROVENANCE, AUDIT)  # R4 gives them no identifier: they go last, and never in a transaction
# Of something that stands: no resource, but what is set in one (``set``), in a note or in a visit.
CHANGE, CANCELLATION = "change", "cancel"
MOVE = "move"  # of a task of the staff: its Task is to follow
# A later failure never takes back an earlier one; the note goes as early as it can.
ORDER = (
    DEVICE,
    ENCOUNTER,
    NOTE,
    RESPONSE,
    OBSERVATION,
    ISSUE,
    RX,
    VISIT,
    CANCELLATION,
    TASK,
    COMMUNICATION,
    CHANGE,
    MOVE,
    PROVENANCE,
    AUDIT,
)


@dataclass(frozen=True, slots=True)
class PlannedResource:
    """``kind`` and ``n`` (0: the only one) name it within its call; ``depends_on`` holds keys of others.

    References to other planned resources are ``urn:uuid:`` placeholders until those have ids on the server.
    """

    kind: str
    n: int
    resource: Json
    depends_on: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return key_of(self.kind, self.n)

    @property
    def body_sha256(self) -> str:
        return hashlib.sha256(orjson.dumps(self.resource, option=orjson.OPT_SORT_KEYS)).hexdigest()


def is_change(resource: Mapping[str, Any]) -> bool:
    """Whether it is a wish to set something in what stands there: by ``target``, or by our ``identifier``."""
    return "set" in resource


def key_of(kind: str, n: int) -> str:
    return f"{kind}/{n}" if n else kind


def placeholder(call_id: str, key: str) -> str:
    """The same for the same call and key, so that a plan made twice is the same plan."""
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'firstring:{call_id}/{key}')}"


def identifiers(resource: Mapping[str, Any]) -> list[Json]:
    """All of them: a QuestionnaireResponse has one only, and no list."""
    found = resource.get("identifier")
    return [dict(one) for one in ([found] if isinstance(found, dict) else objects_of(found))]


def identifier_token(resource: Mapping[str, Any]) -> str:
    """The token "system|value" that names this resource, "" when its type has none (Provenance)."""
    named = identifiers(resource)
    return f"{named[0]['system']}|{named[0]['value']}" if named else ""


def identifier_query(resource: Mapping[str, Any]) -> str:
    """The search query that finds this resource again, escaped as in a URL, "" when there is none."""
    token = identifier_token(resource)
    return f"identifier={quote(token, safe=':/|')}" if token else ""


def point(node: Any, references: Mapping[str, str]) -> Any:
    """A copy with placeholders replaced by server references.

    ``references`` maps a placeholder to "Type/id", or to "" when the server does not hold that resource: then
    the reference keeps its display if it has one, and goes otherwise.
    """
    if isinstance(node, list):
        items = [point(item, references) for item in node]
        return [item for item in items if item not in ({}, [], None)]
    if not isinstance(node, dict):
        return node
    out = {name: point(value, references) for name, value in node.items() if name != "reference"}
    out = {name: value for name, value in out.items() if value not in ({}, [], None)}
    reference = node.get("reference")
    if isinstance(reference, str) and (target := references.get(reference, reference)):
        return {"reference": target, **out}
    return out
