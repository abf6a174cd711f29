"""Our hand-made table of bound codes against HL7's own definitions, as Medplum's package ships them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ehr_writeback import WritebackConfig, plan
from fhir.codes import BOUND, check
from tests.ehr_writeback.agreed import PLANS, agreed
from tests.ehr_writeback.contract.records import EVERYTHING
from tests.ehr_writeback.deeds import DEEDS
from tests.ehr_writeback.hl7_definitions import paths_in, required_codes
from tests.peers.installed import installed

# Medplum's file has R5's value set here ("mitigated"); R4's page and the element's own summary say otherwise.
NOT_R4 = {"DetectedIssue.status"}
OWNERS = sorted({path.split(".")[0] for path in BOUND})


@pytest.fixture(scope="module")
def medplum() -> Path:
    return installed("medplum")


@pytest.mark.parametrize("owner", OWNERS)
def test_the_table_names_hl7s_codes(medplum: Path, owner: str) -> None:
    theirs = required_codes(medplum, owner)
    ours = {path: binding.codes for path, binding in BOUND.items() if path.split(".")[0] == owner}
    ours = {path: codes for path, codes in ours.items() if path not in NOT_R4}
    assert {path: theirs.get(path) for path in ours} == ours
    assert all(binding.source.startswith("https://hl7.org/fhir/R4/") for binding in BOUND.values())


@pytest.mark.parametrize("name", [*PLANS, *DEEDS])
def test_every_bound_code_of_the_agreed_documents_is_in_the_table(medplum: Path, name: str) -> None:
    """Of finished calls and of what staff do with their notes, transactions among them."""
    for resource in _resources(agreed(name)):
        kind = resource["resourceType"]
        bound = set(paths_in(resource, kind)) & set(required_codes(medplum, kind))
        assert bound <= set(BOUND), kind


def _resources(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item["resource"]
        yield from (entry["resource"] for entry in item["resource"].get("entry") or [])


@pytest.mark.parametrize("item", plan(EVERYTHING, WritebackConfig(same_server=False)), ids=lambda i: i.key)
def test_a_wrong_code_is_refused_before_it_is_sent(item) -> None:  # type: ignore[no-untyped-def]
    kind = item.resource["resourceType"]
    status = next((name for name in ("status", "action") if name in item.resource), "")
    if not status:
        pytest.skip(f"{kind} has no bound code of its own")
    assert check(item.resource) == []
    assert check({**item.resource, status: "nope"}) != []
