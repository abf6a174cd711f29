"""What the settings name in a server's charts stands in what we write there, where that is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ehr_writeback import WritebackConfig, plan
from ehr_writeback.vendors import BY_PLACE, Vendor
from models.domain import CallRecord
from models.storage import Storage
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.contract.records import EVERYTHING
from tests.ehr_writeback.contract.sites import Json, Site

NAMED = WritebackConfig(
    system_url="https://cedar.example",
    practice_name="Cedar Family Practice",
    organization_ref="Organization/cedar",
    location_ref="Location/main",
    task_owner_ref="Organization/refill-pool",
    page_recipient_ref="Group/oncall",
    provider_refs={"d1": "PractitionerRole/chen-cedar"},
    same_server=False,
)
SIGNER = "Practitioner/7"
_done: dict[str, tuple[Bench[Site], CallRecord]] = {}


async def written(storage: Storage, site: Site, kind: str) -> list[Json]:
    """What one call left of a type, with everything named; written once for all tests of a site."""
    if site.name not in _done:
        bench = make_bench(storage, site, NAMED)
        bench.practitioner_ref = SIGNER
        _done[site.name] = bench, bench.end_call(replace(EVERYTHING, call_id="CA-named"))
    bench, record = _done[site.name]
    bench.server = site
    await bench.settle()
    return await site.of_call(kind, record.call_id)


def takes(site: Site, kind: str) -> bool:
    cell = BY_PLACE.get((site.vendor, kind))
    return site.vendor is Vendor.OTHER or (cell is not None and cell.creates and not cell.avoided)


def refers(node: Any) -> str:
    return str(node.get("reference", ""))


async def test_the_call_is_the_practices_and_at_its_place(storage: Storage, site: Site) -> None:
    found = await written(storage, site, "Encounter")
    assert len(found) == takes(site, "Encounter")
    for call in found:
        assert refers(call["serviceProvider"]) == "Organization/cedar"
        assert [refers(one["location"]) for one in call["location"]] == ["Location/main"]


async def test_tasks_have_an_owner(storage: Storage, site: Site) -> None:
    found = await written(storage, site, "Task")
    assert bool(found) == takes(site, "Task")
    assert {refers(task["owner"]) for task in found} == ({"Organization/refill-pool"} if found else set())


async def test_a_danger_sign_goes_to_who_is_on_call_from_who_may_send_it(
    storage: Storage, site: Site
) -> None:
    """At Oracle Health a person has to send it: with one named the message is taken."""
    found = await written(storage, site, "Communication")
    assert bool(found) == takes(site, "Communication")
    for message in found:
        assert [refers(one) for one in message["recipient"]] == ["Group/oncall"]
        assert (refers(message["sender"]) == SIGNER) == (site.vendor is Vendor.ORACLE)


async def test_a_note_is_signed_only_where_no_device_may(storage: Storage, site: Site) -> None:
    for note in await written(storage, site, "DocumentReference"):
        signed = [one.get("reference", "") for one in note["author"]]
        assert (signed == [SIGNER]) == (site.vendor is Vendor.ORACLE)


async def test_a_visit_is_with_the_provider_whom_the_server_knows(storage: Storage, site: Site) -> None:
    """Of the three vendors Oracle Health alone takes visits, and those only in its own slots."""
    found = await written(storage, site, "Appointment")
    assert len(found) == (site.vendor is Vendor.OTHER)
    for visit in found:
        actors = [refers(one["actor"]) for one in visit["participant"]]
        assert actors[1:] == ["PractitionerRole/chen-cedar", "Location/main"]


@pytest.mark.parametrize("provider_refs", [{}, {"somebody-else": "Practitioner/1"}])
async def test_a_provider_whom_nobody_has_named_is_written_by_name(
    storage: Storage, provider_refs: dict[str, str]
) -> None:
    config = replace(NAMED, provider_refs=provider_refs, location_ref="")
    (visit,) = [item.resource for item in plan(EVERYTHING, config) if item.kind == "appt"]
    assert [one["actor"].get("display") for one in visit["participant"]][1:] == ["Doctor Chen"]
