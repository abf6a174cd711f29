"""A visit that is given up on the telephone, in a chart of another server: changed there, with If-Match."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ehr_writeback.faulty_server import ALL_TYPES, Fault, FaultyFhirServer, Mode
from ehr_writeback.vendor_server import VendorServer
from ehr_writeback.vendors import Vendor
from models.domain import CancelVisit, DoneAction, MoveVisit, VisitBooked, VisitCancelled
from models.storage import Storage
from tests.ehr_writeback.conftest import CONFIG, Bench, make_bench
from tests.ehr_writeback.records import BOOKING, VISIT

ELSEWHERE = replace(CONFIG, same_server=False)
CANCELLED = DoneAction(1, CancelVisit("a9", "p1", "ap-1"), VisitCancelled("ap-1", "Appointment/ap-1"))
CANCELLING = replace(BOOKING, call_id="CA-cancel", done=(BOOKING.done[0], CANCELLED))
OTHER = replace(VISIT, appointment_id="ap-2")
MOVED = DoneAction(1, MoveVisit("a9", "p1", "ap-1", "o2"), VisitBooked(OTHER, "Appointment/ap-2"))


async def booked(storage: Storage, mode: Mode = Mode.CONDITIONAL) -> Bench:
    """The visit stands in the chart, and the scheduler there has put it into a room."""
    bench = make_bench(storage, FaultyFhirServer(mode, types=ALL_TYPES), ELSEWHERE)
    bench.end_call(BOOKING)
    await bench.settle()
    bench.server.all("Appointment")[0]["description"] = "room 3"
    return bench


@pytest.mark.parametrize("mode", [Mode.TRANSACTION, Mode.CONDITIONAL, Mode.PLAIN])
async def test_the_visit_is_cancelled_and_keeps_what_others_wrote(storage: Storage, mode: Mode) -> None:
    bench = await booked(storage, mode)
    bench.end_call(CANCELLING)
    await bench.settle()
    (visit,) = bench.server.all("Appointment")
    assert (visit["status"], visit["description"]) == ("cancelled", "room 3")
    assert visit["cancelationReason"]["coding"][0]["code"] == "pat"
    assert bench.states()["cancel/1"] == "confirmed"


async def test_who_was_faster_there_is_read_again_once(storage: Storage) -> None:
    bench = await booked(storage)
    bench.end_call(CANCELLING)
    visit = bench.server.all("Appointment")[0]

    def somebody_moves_the_room() -> None:
        visit.update({"description": "room 4", "meta": {"versionId": "2"}})

    bench.server.hooks["PUT", f"Appointment/{visit['id']}"] = somebody_moves_the_room
    await bench.settle()
    (visit,) = bench.server.all("Appointment")
    assert (visit["status"], visit["description"]) == ("cancelled", "room 4")


async def test_a_lost_answer_changes_nothing_twice(storage: Storage) -> None:
    bench = await booked(storage)
    record = bench.end_call(CANCELLING)
    bench.server.script = [Fault.NONE] * 6 + [Fault.LOST_ANSWER]
    await bench.settle()
    (visit,) = bench.server.all("Appointment")
    assert (visit["status"], visit["meta"]["versionId"]) == ("cancelled", "2")
    assert bench.staff_tasks(record.call_id) == []


async def test_a_visit_that_nobody_finds_is_cancelled_by_hand(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, types=ALL_TYPES), ELSEWHERE)
    record = bench.end_call(CANCELLING)
    await bench.settle()
    assert bench.states()["cancel/1"] == "dead"
    assert "find the Appointment to change" in bench.staff_tasks(record.call_id)[0].summary


async def test_where_visits_cannot_be_changed_staff_do_it(storage: Storage) -> None:
    bench = make_bench(storage, VendorServer(Vendor.EPIC), ELSEWHERE)
    record = bench.end_call(CANCELLING)
    await bench.settle()
    assert bench.states()["cancel/1"] == "unsupported"
    assert "Appointment: cancelled by the caller; ap-1" in bench.staff_tasks(record.call_id)[0].summary


async def test_a_moved_visit_is_the_new_one_and_the_old_one_cancelled(storage: Storage) -> None:
    bench = await booked(storage)
    bench.end_call(replace(CANCELLING, done=(BOOKING.done[0], MOVED)))
    await bench.settle()
    old, new = bench.server.all("Appointment")
    assert (old["status"], new["status"]) == ("cancelled", "booked")
