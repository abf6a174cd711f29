"""One contract for every chart server: what a call leaves there, whatever the server takes.

Epic, Oracle Health and athenahealth are stubs made from published rows; the vendors' servers were not tried.
"""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from ehr_writeback import WritebackConfig, note_text, plan
from ehr_writeback.left_out import in_words
from ehr_writeback.planned import PlannedResource
from ehr_writeback.vendors import BY_PLACE, Vendor
from fhir.errors import Conflicting
from models.domain import CallRecord
from models.storage import Storage
from models.tables import OutboxRow, OutboxState
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.contract.records import EVERYTHING
from tests.ehr_writeback.contract.sites import Json, Site

CONFIG = WritebackConfig(
    system_url="https://cedar.example",
    practice_name="Cedar Family Practice",
    page_recipient_ref="Group/oncall",
    same_server=False,
)


def taken(site: Site, item: PlannedResource) -> bool:
    """Whether the table says that the site's server takes it, as it is planned for everybody."""
    kind = item.resource["resourceType"]
    cell = BY_PLACE.get((site.vendor, kind))
    if site.vendor is Vendor.OTHER:
        return True
    if cell is None or not cell.creates or cell.avoided:
        return False
    if site.vendor is Vendor.ORACLE and kind == "Observation":
        return bool(item.resource["category"][0]["coding"][0]["code"] == "vital-signs")
    # No Practitioner is named who could be the sender; no slot of that server was booked.
    return not (site.vendor is Vendor.ORACLE and kind in ("Communication", "Appointment"))


_visits: dict[str, tuple[Bench[Site], CallRecord]] = {}


async def delivered(storage: Storage, site: Site) -> tuple[Bench[Site], CallRecord]:
    """The call, written once for all tests of a site: most of them only look."""
    if site.name not in _visits:
        bench = make_bench(storage, site, CONFIG)
        _visits[site.name] = bench, bench.end_call(EVERYTHING)
    bench, record = _visits[site.name]
    bench.server = site
    await bench.settle()
    return bench, record


async def test_what_the_server_takes_is_there_once_and_nothing_is_lost(storage: Storage, site: Site) -> None:
    bench, record = await delivered(storage, site)
    note_is_taken = False
    for item in plan(record, CONFIG):
        state = bench.states()[item.key]
        if taken(site, item):
            assert state == "confirmed", (item.key, bench.ledger()[item.key].error)
            assert await site.holds(bench.ledger()[item.key].server_ref)
            note_is_taken = note_is_taken or item.key == "note"
        else:
            assert state == ("dead" if item.key == "note" else "unsupported"), item.key
    kept = plan(record, CONFIG)
    for kind in {item.resource["resourceType"] for item in kept} - {"Device", "Provenance", "AuditEvent"}:
        wanted = [item for item in kept if item.resource["resourceType"] == kind and taken(site, item)]
        assert len(await site.of_call(kind, record.call_id)) == len(wanted), kind
    assert note_is_taken == (site.vendor is not Vendor.ATHENA)


async def test_what_it_does_not_take_stands_in_the_note_and_in_our_own_queue(
    storage: Storage, site: Site
) -> None:
    bench, record = await delivered(storage, site)
    refused = [item for item in plan(record, CONFIG) if not taken(site, item)]
    lines = [line for item in refused if (line := in_words(item.resource))]
    queue = "\n".join(task.summary for task in bench.staff_tasks(record.call_id))
    for item in refused:
        if item.kind in ("qr", "appt", "rx", "task", "comm", "issue"):
            assert in_words(item.resource) in queue, item.key
    if site.vendor is Vendor.ATHENA:
        assert "the server takes no DocumentReference" in queue
        return
    (note,) = await site.of_call("DocumentReference", record.call_id)
    text = base64.b64decode(note["content"][0]["attachment"]["data"]).decode()
    assert text.startswith(note_text(record, CONFIG))
    assert [line for line in lines if f"- {line}" not in text.splitlines()] == []
    assert bool(lines) == ("NOT FILED SEPARATELY" in text)


async def test_a_second_round_after_a_lost_memory_makes_nothing_twice(storage: Storage, site: Site) -> None:
    """As after a restore from yesterday's backup: the ledger says "sent", nobody knows what became of it."""
    bench, record = await delivered(storage, site)

    def forget(session: Session) -> None:
        for row in session.exec(select(OutboxRow).where(col(OutboxRow.call_id) == record.call_id)):
            if row.state == OutboxState.CONFIRMED:
                row.state, row.lease_until, row.next_at = OutboxState.SENT, None, bench.clock()
                session.add(row)

    before = {kind: await site.of_call(kind, record.call_id) for kind in KINDS}
    storage.write_now(forget)
    await bench.settle()
    assert {kind: await site.of_call(kind, record.call_id) for kind in KINDS} == before
    assert bench.open_rows() == []


KINDS = ("Encounter", "DocumentReference", "Task", "Communication", "QuestionnaireResponse", "Observation")


async def test_references_between_what_we_wrote_lead_somewhere(storage: Storage, site: Site) -> None:
    _bench, record = await delivered(storage, site)
    for kind in (*KINDS, "DetectedIssue", "MedicationRequest", "Appointment"):
        for resource in await site.of_call(kind, record.call_id):
            for reference in _references(resource):
                assert not reference.startswith("urn:"), (kind, reference)
                if reference.split("/")[0] in ("Encounter", "Device", "QuestionnaireResponse"):
                    assert await site.holds(reference), (kind, reference)


async def test_a_stale_update_is_refused_and_a_fresh_one_is_not(storage: Storage, site: Site) -> None:
    _bench, record = await delivered(storage, site)
    found = await site.of_call("DocumentReference", record.call_id)
    cell = BY_PLACE.get((site.vendor, "DocumentReference"))
    if not found or (cell is not None and "update" not in cell.interactions.split()):
        pytest.skip(f"{site.name} updates no notes")
    reference = f"DocumentReference/{found[0]['id']}"
    read = await site.fhir.read(reference)
    assert read.resource is not None
    wrong = replace(read, etag='W/"0-none"' if site.name == "Medplum" else 'W/"999"')
    retracted: Json = {**read.resource, "status": "entered-in-error"}
    with pytest.raises(Conflicting):
        await site.fhir.update(retracted, if_match=wrong.etag)
    await site.fhir.update(retracted, if_match=read.etag)
    again = await site.fhir.read(reference)
    assert again.resource is not None
    assert again.resource["status"] == "entered-in-error"
    assert again.etag != read.etag


def _references(node: object) -> list[str]:
    if isinstance(node, list):
        return [found for item in node for found in _references(item)]
    if not isinstance(node, dict):
        return []
    own = [node["reference"]] if isinstance(node.get("reference"), str) else []
    return own + [found for value in node.values() for found in _references(value)]
