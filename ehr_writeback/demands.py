"""What a vendor demands of a resource beyond FHIR R4: each in words, and as a question to a resource. Pure.

Oracle Health: the Millennium R4 pages of github.com/cerner/fhir.cerner.com.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Resource = Mapping[str, Any]
NOTE_FORMATS = frozenset({"text/plain;charset=utf-8", "text/html;charset=utf-8", "application/pdf"})
COMMUNICATION_CATEGORIES = frozenset({"notification", "reminder"})


@dataclass(frozen=True, slots=True)
class Demand:
    """``says`` completes "the server demands ..."; ``met`` is True for a resource that fulfils it."""

    says: str
    met: Callable[[Resource], bool]


def unmet(demands: tuple[Demand, ...], resource: Resource) -> tuple[str, ...]:
    """The demands that a resource does not meet, in words."""
    return tuple(demand.says for demand in demands if not demand.met(resource))


def reference_kind(node: object) -> str:
    """ "Practitioner" of {"reference": "Practitioner/7"}, "" for anything that names none."""
    reference = node.get("reference", "") if isinstance(node, Mapping) else ""
    return str(reference).split("/", 1)[0] if "/" in str(reference) else ""


def _one(name: str, *values: str) -> Callable[[Resource], bool]:
    return lambda resource: resource.get(name) in values


def _codes(resource: Resource, name: str) -> set[str]:
    concepts = [item for item in resource.get(name) or [] if isinstance(item, Mapping)]
    return {str(coding.get("code")) for item in concepts for coding in item.get("coding") or []}


def _all_kinds(name: str, *kinds: str) -> Callable[[Resource], bool]:
    return lambda resource: all(reference_kind(item) in kinds for item in resource.get(name) or [])


def _period_ends(resource: Resource) -> bool:
    return bool(((resource.get("context") or {}).get("period") or {}).get("end"))


def _formats_known(resource: Resource) -> bool:
    attachments = [item.get("attachment") or {} for item in resource.get("content") or []]
    return all(item.get("contentType") in NOTE_FORMATS for item in attachments)


def _recipients(resource: Resource) -> bool:
    return bool(resource.get("recipient")) and _all_kinds("recipient", "Practitioner", "Group")(resource)


def _one_attachment(resource: Resource) -> bool:
    payload = resource.get("payload") or []
    return len(payload) == 1 and "contentAttachment" in payload[0]


def _one_patient(resource: Resource) -> bool:
    actors = [reference_kind(item.get("actor")) for item in resource.get("participant") or []]
    return actors.count("Patient") == 1


ORACLE_NOTE = (
    Demand("status current", _one("status", "current")),
    Demand("docStatus final or amended", _one("docStatus", "final", "amended")),
    Demand("the end of the time it is about (context.period.end)", _period_ends),
    Demand("exactly one content", lambda resource: len(resource.get("content") or []) == 1),
    Demand("a Practitioner as author, or none", _all_kinds("author", "Practitioner")),
    Demand("plain text, HTML or PDF, in UTF-8", _formats_known),
)
ORACLE_COMMUNICATION = (
    Demand("status completed", _one("status", "completed")),
    Demand(
        "category notification or reminder",
        lambda resource: bool(_codes(resource, "category") & COMMUNICATION_CATEGORIES),
    ),
    Demand(
        "priority routine or urgent",
        lambda resource: resource.get("priority", "routine") in ("routine", "urgent"),
    ),
    Demand(
        "a Practitioner as sender", lambda resource: reference_kind(resource.get("sender")) == "Practitioner"
    ),
    Demand("recipients that are Practitioners or Groups", _recipients),
    Demand("exactly one payload, an attachment", _one_attachment),
)
ORACLE_APPOINTMENT = (
    Demand("status booked or proposed", _one("status", "booked", "proposed")),
    Demand(
        "exactly one slot when booked",
        lambda resource: resource.get("status") != "booked" or len(resource.get("slot") or []) == 1,
    ),
    Demand("exactly one Patient among the participants", _one_patient),
)
ORACLE_OBSERVATION = (
    Demand(
        "category vital-signs or laboratory",
        lambda resource: bool(_codes(resource, "category") & {"vital-signs", "laboratory"}),
    ),
)
