"""What a server takes in no form of its own, as lines at the end of the note. Pure."""

from __future__ import annotations

import base64
from typing import Any

from ehr_writeback.planned import Json, identifiers, is_change

LEFT_OUT = "NOT FILED SEPARATELY, THIS CHART DOES NOT TAKE IT:"
# The call itself, who wrote it and who looked at it are said by the note's own head and foot.
_SAID_ALREADY = ("Device", "Encounter", "Provenance", "AuditEvent", "DocumentReference")


def in_words(resource: Json) -> str:
    """One line of what a resource says, "" for one that the note's own lines say whole."""
    kind = str(resource["resourceType"])
    if kind == "Appointment" and is_change(resource):
        return "; ".join([f"{kind}: cancelled by the caller", *_identified(resource)])
    if is_change(resource):
        return _of_change(resource["set"])
    if kind in _SAID_ALREADY:
        return ""
    said = "; ".join(text for text in _sayings(resource) if text)
    return f"{kind}: {said}" if said else kind


def _identified(resource: Json) -> list[str]:
    return [str(one.get("value", "")) for one in identifiers(resource)]


def _of_change(values: Json) -> str:
    """What staff must do by hand in a chart whose notes we cannot change; what replaced one needs nothing."""
    if values.get("status") == "entered-in-error":
        return "The note was retracted: where it stands in the chart, mark it as entered in error."
    signed = values.get("authenticator")
    return f"The note was signed by {signed['display']}: mark it as final." if signed else ""


def note_with(note: Json, left_out: list[Json]) -> Json:
    """The note with what its server takes in no other form, at its end."""
    lines = [line for line in map(in_words, left_out) if line]
    if not lines:
        return note
    content, *rest = note["content"]
    attachment = content["attachment"]
    text = base64.b64decode(attachment["data"]).decode()
    whole = "\n".join([text.rstrip("\n"), "", LEFT_OUT, *(f"- {line}" for line in lines), ""])
    data = base64.b64encode(whole.encode()).decode()
    return {**note, "content": [{**content, "attachment": {**attachment, "data": data}}, *rest]}


def _sayings(resource: Json) -> list[str]:
    match resource["resourceType"]:
        case "QuestionnaireResponse":
            return [_answered(item) for item in resource.get("item") or []]
        case "Observation":
            return [_concept(resource.get("code")), _value(resource), *map(_component, _components(resource))]
        case "MedicationRequest":
            notes = [str(note.get("text", "")) for note in resource.get("note") or []]
            return ["asked for", _concept(resource.get("medicationCodeableConcept")), *notes]
        case "Appointment":
            return [str(resource.get("start", "")), str(resource.get("comment", ""))]
        case "Task":
            return [_last_code(resource.get("code")), str(resource.get("description", ""))]
        case "Communication":
            lines = [str(part.get("contentString", "")) for part in resource.get("payload") or []]
            return [_concept(resource.get("topic")), *lines]
    return [str(resource.get("detail") or resource.get("description") or "")]


def _answered(item: Json) -> str:
    inner = [_answered(one) for one in item.get("item") or []]
    values = [_value(answer) for answer in item.get("answer") or []]
    said = ", ".join([*values, *inner]) or "not answered"
    return f"{item.get('text', item['linkId'])}: {said}"


def _components(resource: Json) -> list[Json]:
    return list(resource.get("component") or [])


def _component(part: Json) -> str:
    return f"{_concept(part.get('code'))} {_value(part)}"


def _value(node: Json) -> str:
    name = next((name for name in node if name.startswith("value")), "")
    value: Any = node.get(name, "")
    match name:
        case "valueQuantity":
            return f"{value.get('value')} {value.get('unit', '')}".strip()
        case "valueBoolean":
            return "yes" if value else "no"
        case "valueCoding":
            return str(value.get("display") or value.get("code", ""))
        case "valueCodeableConcept":
            return _concept(value)
    return str(value)


def _concept(concept: Any) -> str:
    """Its text, or what its first code is called."""
    if not isinstance(concept, dict):
        return ""
    codings = concept.get("coding") or [{}]
    return str(concept.get("text") or codings[0].get("display") or codings[0].get("code") or "")


def _last_code(concept: Any) -> str:
    codings = (concept or {}).get("coding") or [{}]
    return str(codings[-1].get("code", ""))
