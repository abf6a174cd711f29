"""The files are the agreed documents: a change of them is a change of what goes into charts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fhir.codes import check
from models.storage import Storage
from tests.ehr_writeback.agreed import GOLDEN, PLANS, agreed, planned
from tests.ehr_writeback.deeds import DEEDS, sent

# Everything that issue and domain rules (section 1.1) name for one finished call.
KINDS = {
    "Appointment",
    "AuditEvent",
    "Communication",
    "DetectedIssue",
    "Device",
    "DocumentReference",
    "Encounter",
    "MedicationRequest",
    "Observation",
    "Provenance",
    "QuestionnaireResponse",
    "Task",
}


@pytest.mark.parametrize("name", PLANS)
def test_what_a_finished_call_writes_is_this(name: str) -> None:
    assert planned(name) == agreed(name)


@pytest.mark.parametrize("name", DEEDS)
async def test_what_staff_do_with_a_note_sends_this(storage: Storage, name: str) -> None:
    assert await sent(storage, name) == agreed(name)


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_agreed_document_is_valid_r4(golden: Path) -> None:
    for item in agreed(golden.stem):
        assert check(item["resource"]) == [], item["kind"]


def test_every_kind_of_resource_has_its_agreed_document_and_no_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*PLANS, *DEEDS}
    written = [item["resource"] for name in PLANS for item in agreed(name)]
    assert {one["resourceType"] for one in written} == KINDS
    (proposal,) = [one for one in written if one["resourceType"] == "MedicationRequest"]
    assert proposal["priorPrescription"]["identifier"]["value"] == "m9"


def test_a_note_goes_from_preliminary_to_final_to_amended_to_final() -> None:
    """The agreed bodies, in order: nothing is edited in place, and every change names its version."""
    bodies = [(item["kind"], item.get("If-Match", ""), item["resource"]) for item in agreed("CA-amended")]
    notes = [one for one in map(_note_of, bodies) if one]
    assert notes == [
        ("POST /", "", "current", "preliminary"),
        ("PUT /DocumentReference/documentreference-1", 'W/"1"', "current", "final"),
        ("POST /DocumentReference", "", "current", "amended"),
        ("PUT /DocumentReference/documentreference-1", 'W/"2"', "superseded", "final"),
        ("PUT /DocumentReference/documentreference-2", 'W/"1"', "current", "final"),
    ]


def _note_of(body: tuple[str, str, dict[str, Any]]) -> tuple[str, str, str, str] | None:
    kind, match, resource = body
    inner = [entry["resource"] for entry in resource.get("entry") or []]
    found = [one for one in (resource, *inner) if one["resourceType"] == "DocumentReference"]
    return (kind, match, found[0]["status"], found[0]["docStatus"]) if found else None
