"""The table of must-supports holds for what is written: filled where it says so, left out where not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ehr_writeback import WritebackConfig, plan
from tests.ehr_writeback.agreed import agreed
from tests.ehr_writeback.contract.records import EVERYTHING
from tests.ehr_writeback.deeds import DEEDS
from tests.ehr_writeback.hl7_definitions import paths_in
from tests.ehr_writeback.must_supports import MUST_SUPPORTS

PLANNED = plan(EVERYTHING, WritebackConfig(same_server=False))


def written(kind: str) -> Iterator[dict[str, Any]]:
    return (item.resource for item in PLANNED if item.resource["resourceType"] == kind)


@pytest.mark.parametrize(("kind", "element"), MUST_SUPPORTS)
def test_each_element_is_filled_or_has_its_reason(kind: str, element: str) -> None:
    resources = list(written(kind))
    assert resources
    filled = [f"{kind}.{element}" in set(paths_in(one, kind)) for one in resources]
    assert all(filled) if MUST_SUPPORTS[kind, element] == "" else not any(filled)


@pytest.mark.parametrize("name", DEEDS)
def test_what_staff_do_with_a_note_leaves_every_element_filled(name: str) -> None:
    filled = {f"{owner}.{element}" for (owner, element), why in MUST_SUPPORTS.items() if not why}
    for item in agreed(name):
        kind = item["resource"]["resourceType"]
        wanted = {path for path in filled if path.startswith(f"{kind}.")}
        assert wanted - set(paths_in(item["resource"], kind)) == set(), item["kind"]


def test_every_profile_that_we_claim_is_in_the_table() -> None:
    claimed = {
        item.resource["resourceType"] for item in PLANNED if item.resource.get("meta", {}).get("profile")
    }
    assert claimed <= {kind for kind, _ in MUST_SUPPORTS}


def test_who_said_it_and_who_wrote_it_are_marked() -> None:
    """AIAST on the note, PATAST on what the patient said of themselves (domain rules, section 1.2)."""
    marks = {
        item.key: [label["code"] for label in item.resource.get("meta", {}).get("security", [])]
        for item in PLANNED
    }
    assert marks["note"] == ["AIAST"]
    for key, labels in marks.items():
        if key.startswith(("qr/", "obs/")):
            assert labels == ["PATAST"], key


def test_r4_names_no_device_where_it_may_not() -> None:
    """Encounter.participant and Observation.performer take people only."""
    for kind, element in (("Encounter", "participant"), ("Observation", "performer")):
        assert all(element not in one for one in written(kind))
    assert [one["requester"] for one in written("MedicationRequest")] == [{"reference": "Patient/p1"}]
