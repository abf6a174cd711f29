"""What staff do with a note, on every chart server: signed, amended, retracted, once and in order.

Where a server changes no notes (Oracle Health), or takes none (athenahealth), staff find it in their queue.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from ehr_writeback.changes import ALONE
from ehr_writeback.note_form import text_in
from ehr_writeback.revisions import amend_note, retract_note, sign_note
from ehr_writeback.vendors import BY_PLACE, Vendor
from models.storage import Storage
from models.tables import OutboxRow, OutboxState
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.contract.sites import Json, Site
from tests.ehr_writeback.contract.test_contract import CONFIG
from tests.ehr_writeback.records import ENDED, REFILL

AT = ENDED + timedelta(hours=2)
WORDS = "She asked for the 20 mg tablets."


def changes_notes(site: Site) -> bool:
    cell = BY_PLACE.get((site.vendor, "DocumentReference"))
    return cell is None or "update" in cell.interactions.split()


async def written(storage: Storage, site: Site) -> tuple[Bench[Site], str]:
    bench = make_bench(storage, site, CONFIG)
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    return bench, call_id


async def notes(site: Site, call_id: str) -> list[Json]:
    """The versions of a note that stand there, the first one first."""
    return await site.of_call("DocumentReference", call_id)


def queue(bench: Bench[Site], call_id: str) -> str:
    return "\n".join(task.summary for task in bench.staff_tasks(call_id))


async def test_a_signed_note_is_final_and_names_who_signed(storage: Storage, site: Site) -> None:
    if site.vendor is Vendor.ATHENA:
        pytest.skip(f"{site.name} takes no notes")
    bench, call_id = await written(storage, site)
    storage.write_now(lambda session: sign_note(session, call_id, "Kim Ortiz", AT, bench.target))
    await bench.settle()
    (note,) = await notes(site, call_id)
    assert note["docStatus"] == "final"
    if changes_notes(site):
        assert note["authenticator"] == {"display": "Kim Ortiz"}
    else:
        assert "The note was signed by Kim Ortiz: mark it as final." in queue(bench, call_id)


async def test_an_amended_note_replaces_the_signed_one_which_stays(storage: Storage, site: Site) -> None:
    if site.vendor is Vendor.ATHENA:
        pytest.skip(f"{site.name} takes no notes")
    bench, call_id = await written(storage, site)
    storage.write_now(lambda session: sign_note(session, call_id, "Kim Ortiz", AT, bench.target))
    storage.write_now(lambda session: amend_note(session, call_id, "Kim Ortiz", AT, WORDS, bench.target))
    await bench.settle()
    first, second = await notes(site, call_id)
    target = {"reference": f"DocumentReference/{first['id']}"}
    assert second["relatesTo"] == [{"code": "replaces", "target": target}]
    assert await site.holds(second["relatesTo"][0]["target"]["reference"])
    assert (second["status"], second["docStatus"]) == ("current", "amended")
    assert first["status"] == ("superseded" if changes_notes(site) else "current")
    assert f"- {WORDS}" in text_in(second).splitlines()
    assert WORDS not in text_in(first)
    assert ALONE not in text_in(second)


async def test_a_retracted_note_is_entered_in_error(storage: Storage, site: Site) -> None:
    bench, call_id = await written(storage, site)
    why = "another patient's call"
    storage.write_now(lambda session: retract_note(session, call_id, "Lee Park", AT, why, bench.target))
    await bench.settle()
    found = await notes(site, call_id)
    if site.vendor is Vendor.ATHENA:
        assert found == []
        assert bench.states()["note"] == "withdrawn"
        return
    (note,) = found
    assert note["status"] == ("entered-in-error" if changes_notes(site) else "current")
    if not changes_notes(site):
        assert "The note was retracted" in queue(bench, call_id)


async def test_the_same_deeds_after_a_lost_memory_make_nothing_twice(storage: Storage, site: Site) -> None:
    if site.vendor is Vendor.ATHENA:
        pytest.skip(f"{site.name} takes no notes")
    bench, call_id = await written(storage, site)
    storage.write_now(lambda session: amend_note(session, call_id, "Kim Ortiz", AT, WORDS, bench.target))
    await bench.settle()
    before = await notes(site, call_id)

    def forget(session: Session) -> None:
        for row in session.exec(select(OutboxRow).where(col(OutboxRow.call_id) == call_id)):
            if row.state == OutboxState.CONFIRMED:
                row.state, row.lease_until, row.next_at = OutboxState.SENT, None, bench.clock()
                session.add(row)

    storage.write_now(forget)
    await bench.settle()
    assert await notes(site, call_id) == before
