"""Shapes a resource as the server at the other end wants it, or says why that server cannot have it. Pure.

Only form is changed, never what is said: a status that a server insists on, a field that it refuses. What
does not fit stands in the note instead, and staff find it in their own queue.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from ehr_writeback.demands import NOTE_FORMATS, reference_kind, unmet
from ehr_writeback.planned import Json
from ehr_writeback.vendors import BY_PLACE, Vendor

_URGENT = {"stat": "urgent", "asap": "urgent"}  # Oracle Health knows routine and urgent only


@dataclass(frozen=True, slots=True)
class Unfit:
    """The server takes no such resource; ``reason`` is for staff and holds nothing of the chart."""

    reason: str


def fitted(resource: Json, vendor: Vendor, practitioner_ref: str = "") -> Json | Unfit:
    """The resource in the vendor's form. ``practitioner_ref`` stands in where a person must be named.

    What R4 allows is sent as it is to servers that are none of the vendors of the table.
    """
    kind = str(resource["resourceType"])
    cell = BY_PLACE.get((vendor, kind))
    if cell is None:
        return resource
    if cell.avoided:
        return Unfit(f"{kind}: {cell.avoided}")
    shape = _SHAPES.get((vendor, kind))
    shaped = shape(resource, practitioner_ref) if shape else resource
    if missing := unmet(cell.demands, shaped):
        return Unfit(f"{vendor.value} takes a {kind} only with {'; '.join(missing)}")
    return shaped


def _oracle_note(note: Json, practitioner_ref: str) -> Json:
    """``docStatus`` final is the only one taken: the text itself says that nobody has reviewed it yet."""
    authors = [one for one in note.get("author") or [] if reference_kind(one) == "Practitioner"]
    shaped = {name: value for name, value in note.items() if name != "author"}
    shaped["docStatus"] = note.get("docStatus") if note.get("docStatus") == "amended" else "final"
    shaped["content"] = [_without_spaces(item) for item in note["content"]][:1]
    if authors := authors or _person(practitioner_ref):
        shaped["author"] = authors
    return shaped


def _without_spaces(content: Json) -> Json:
    attachment = content["attachment"]
    media = str(attachment.get("contentType", "")).replace(" ", "")
    known = media if media in NOTE_FORMATS else attachment.get("contentType", "")
    return {**content, "attachment": {**attachment, "contentType": known}}


def _oracle_communication(message: Json, practitioner_ref: str) -> Json:
    recipients = [
        one for one in message.get("recipient") or [] if reference_kind(one) in ("Practitioner", "Group")
    ]
    lines = [part["contentString"] for part in message.get("payload") or [] if "contentString" in part]
    topic = str((message.get("topic") or {}).get("text", ""))
    shaped = {name: value for name, value in message.items() if name not in ("sender", "recipient")}
    shaped["priority"] = _URGENT.get(message.get("priority", "routine"), message.get("priority", "routine"))
    shaped["payload"] = [{"contentAttachment": _text_attachment("\n".join([topic, *lines]))}]
    for name, people in (("sender", _person(practitioner_ref)[:1]), ("recipient", recipients)):
        if people:
            shaped[name] = people[0] if name == "sender" else people
    return shaped


def _text_attachment(text: str) -> Json:
    data = base64.b64encode(text.encode()).decode()
    return {"contentType": "text/plain;charset=utf-8", "data": data}


def _oracle_appointment(visit: Json, _practitioner_ref: str) -> Json:
    patients = [one for one in visit["participant"] if reference_kind(one.get("actor")) == "Patient"]
    return {**visit, "participant": patients}


def _person(reference: str) -> list[Json]:
    return [{"reference": reference}] if reference else []


_SHAPES: dict[tuple[Vendor, str], Callable[[Json, str], Json]] = {
    (Vendor.ORACLE, "DocumentReference"): _oracle_note,
    (Vendor.ORACLE, "Communication"): _oracle_communication,
    (Vendor.ORACLE, "Appointment"): _oracle_appointment,
}
