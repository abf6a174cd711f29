"""Changes of a note that the chart holds: pure, as planned resources of its call.

The text is never edited in place (domain rules section 1.2): a correction is a new DocumentReference that
replaces the one before, https://hl7.org/fhir/R4/documentreference.html (``relatesTo``).
A signature and a retraction change the status of the one that stands; a Provenance says who, when and why.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ehr_writeback import codings
from ehr_writeback.planned import CHANGE, NOTE, PROVENANCE, Json, PlannedResource, key_of, placeholder
from ehr_writeback.times import instant
from ehr_writeback.titles import AMENDED_TITLE, TITLE

SUPERSEDED = "superseded"
# Under the title of an amended note whose predecessor the chart never got.
ALONE = "The note that this one replaces did not reach this chart."


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person of the staff did with the note of a call; ``n`` counts the deeds of this call from 1.

    ``practice``: a reference to that on whose behalf they did it.
    """

    call_id: str
    n: int
    who: str
    at: datetime
    why: str = ""
    practice: Json = field(default_factory=dict)


def signed(deed: Deed, note: str) -> tuple[PlannedResource, ...]:
    """The note (its key) is reviewed: ``docStatus`` final, and who answers for it."""
    changed = _change(deed, note, {"docStatus": "final", "authenticator": {"display": deed.who}}, deed.n)
    return changed, _provenance(deed, "attester", note, after=changed.key)


def retracted(deed: Deed, note: str) -> tuple[PlannedResource, ...]:
    """The note should not be in this chart: ``entered-in-error``; it stays readable there."""
    values = {"status": "entered-in-error", "docStatus": "entered-in-error"}
    changed = _change(deed, note, values, deed.n)
    return changed, _provenance(deed, "verifier", note, after=changed.key)


def amended(
    deed: Deed, last: Json, last_n: int, lines: list[str], *, was_final: bool
) -> tuple[PlannedResource, ...]:
    """The note ``last`` once more with what staff say first, and the one before it marked as superseded."""
    before, key = key_of(NOTE, last_n), key_of(NOTE, last_n + 1)
    document = {
        **last,
        "identifier": [{**last["identifier"][0], "value": f"{deed.call_id}/{NOTE}/v{last_n + 1}"}],
        "docStatus": "amended" if was_final else "preliminary",
        "date": instant(deed.at),
        "relatesTo": [{"code": "replaces", "target": {"reference": placeholder(deed.call_id, before)}}],
        "content": [_with_lines(last["content"][0], lines, deed), *last["content"][1:]],
    }
    note = PlannedResource(NOTE, last_n + 1, document, depends_on=(before,))
    old = _change(deed, before, {"status": SUPERSEDED}, deed.n, after=key)
    return note, old, _provenance(deed, "author", key, after=key)


def standing_alone(document: Json) -> Json:
    """An amended note whose predecessor is not in the chart: it replaces nothing there, and says so."""
    content, *rest = document["content"]
    attachment = content["attachment"]
    title, amended_by, words = base64.b64decode(attachment["data"]).decode().split("\n", 2)
    text = "\n".join([title, amended_by, ALONE, words])
    data = base64.b64encode(text.encode()).decode()
    bare = {name: value for name, value in document.items() if name != "relatesTo"}
    return {**bare, "content": [{**content, "attachment": {**attachment, "data": data}}, *rest]}


def _with_lines(content: Json, lines: list[str], deed: Deed) -> Json:
    """Staff's words under the title; what the call's own note says stays as it was."""
    title, rest = base64.b64decode(content["attachment"]["data"]).decode().split("\n", 1)
    head = AMENDED_TITLE if title == TITLE else title
    text = "\n".join([head, f"Amended by {deed.who}, {instant(deed.at)}", *lines, rest])
    data = base64.b64encode(text.encode()).decode()
    return {**content, "attachment": {**content["attachment"], "data": data, "creation": instant(deed.at)}}


def _change(deed: Deed, note: str, values: dict[str, Any], n: int, after: str = "") -> PlannedResource:
    target = {"reference": placeholder(deed.call_id, note)}
    body: Json = {"resourceType": "DocumentReference", "target": target, "set": values}
    if after:
        body["by"] = {
            "reference": placeholder(deed.call_id, after)
        }  # what takes its place: no change without
    return PlannedResource(CHANGE, n, body, depends_on=(note, after) if after else (note,))


def _provenance(deed: Deed, part: str, note: str, *, after: str) -> PlannedResource:
    """Who, when and why: https://hl7.org/fhir/R4/provenance.html"""
    resource: Json = {
        "resourceType": "Provenance",
        "meta": {"profile": [codings.US_CORE + "us-core-provenance"]},
        "target": [{"reference": placeholder(deed.call_id, note)}],
        "recorded": instant(deed.at),
        "agent": [{"type": codings.participant(part), "who": {"display": deed.who}}],
    }
    if deed.practice:
        resource["agent"][0]["onBehalfOf"] = deed.practice
    if deed.why:
        resource["reason"] = [{"text": deed.why}]
    return PlannedResource(PROVENANCE, deed.n, resource, depends_on=(note, after))


def who_and_why(provenance: Json) -> tuple[str, str]:
    """What `_provenance` was told of a deed."""
    reasons = provenance.get("reason", [])
    return provenance["agent"][0]["who"]["display"], reasons[0]["text"] if reasons else ""
