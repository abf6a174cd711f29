from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from ehr_writeback import enqueue, retry_dead, writeback_status
from ehr_writeback.faulty_server import Fault, FaultyFhirServer, Mode
from ehr_writeback.outbox import outbox_kind
from models.calls import open_call
from models.storage import Storage
from models.tables import LedgerRow, OutboxRow
from tests.ehr_writeback.conftest import CONFIG, make_bench
from tests.ehr_writeback.records import ENDED, RED_FLAG, REFILL, UNKNOWN_CALLER


def counts(storage: Storage, call_id: str) -> tuple[int, int]:
    def work(session: Session) -> tuple[int, int]:
        outbox = session.exec(select(OutboxRow).where(col(OutboxRow.call_id) == call_id)).all()
        ledger = session.exec(select(LedgerRow).where(col(LedgerRow.call_id) == call_id)).all()
        return len(outbox), len(ledger)

    return storage.read_now(work)


def test_the_same_call_twice_is_promised_once(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer())
    record = bench.end_call(RED_FLAG)
    assert counts(storage, record.call_id) == (6, 6)
    again = storage.write_now(lambda session: enqueue(session, record, bench.target, CONFIG))
    assert again == 0
    assert counts(storage, record.call_id) == (6, 6)
    assert set(bench.states().values()) == {"pending"}


def test_two_chart_servers_get_a_copy_each(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer())
    record = bench.end_call(REFILL)
    other = "https://ehr.example/a-very-long-path/that-does-not-fit/in-the-kind/of-an-outbox-row/fhir/r4"
    assert storage.write_now(lambda session: enqueue(session, record, other, CONFIG)) == 4
    assert counts(storage, record.call_id) == (8, 8)
    assert len(outbox_kind(other)) <= 64


def test_the_promise_falls_with_the_transaction_it_was_made_in(storage: Storage) -> None:
    record = replace(REFILL, call_id="CA-rolled-back")

    def work(session: Session) -> None:
        open_call(session, record.call_id, caller_number="", called_number="", at=ENDED)
        enqueue(session, record, "embedded", CONFIG)
        raise RuntimeError("the call's own row failed")

    with pytest.raises(RuntimeError):
        storage.write_now(work)
    assert counts(storage, record.call_id) == (0, 0)


async def test_an_unknown_caller_is_held_and_sent_once_linked(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer())
    record = bench.end_call(UNKNOWN_CALLER)
    assert bench.states() == {"note": "held"}
    assert bench.rows() == []
    assert storage.read_now(writeback_status).held >= 1
    linked = replace(record, patient_id="p7")
    assert storage.write_now(lambda session: enqueue(session, linked, bench.target, CONFIG)) == 4
    await bench.settle()
    assert [note["subject"] for note in bench.server.all("DocumentReference")] == [
        {"reference": "Patient/p7"}
    ]
    assert storage.write_now(lambda session: enqueue(session, record, bench.target, CONFIG)) == 0
    assert bench.states()["note"] == "confirmed"


async def test_a_dead_letter_can_be_given_another_life(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, [Fault.NONE] * 3 + [Fault.REFUSED]))
    record = bench.end_call(REFILL)
    await bench.settle()
    assert bench.states()["note"] == "dead"
    now = bench.clock()
    target, call = bench.target, record.call_id
    assert storage.write_now(lambda session: retry_dead(session, now, target=target, call_id="other")) == 0
    assert storage.write_now(lambda session: retry_dead(session, now, target=target, call_id=call)) == 1
    await bench.settle()
    assert bench.states()["note"] == "confirmed"
    assert len(bench.server.all("DocumentReference")) == 1


async def test_status_counts_and_knows_the_oldest(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer())
    before = storage.read_now(writeback_status)
    bench.end_call(REFILL)
    during = storage.read_now(writeback_status)
    assert during.pending == before.pending + 4
    assert during.oldest_open is not None
    assert during.lag_s(during.oldest_open) == 0.0
    assert during.lag_s(bench.clock()) >= 1.0
    await bench.settle()
    assert storage.read_now(writeback_status).confirmed == before.confirmed + 4


def test_rows_at_rest_do_not_show_what_was_said(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer())
    bench.end_call(REFILL)
    with storage.engines.reading.connect() as connection:
        raw = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM outbox").all()]
    assert b"lisinopril" not in repr(raw).encode()


def test_what_the_note_lacks_is_one_task_for_staff(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer())
    record = bench.end_call(replace(REFILL, symptoms_present=("fever of 104",)))
    storage.write_now(lambda session: enqueue(session, record, bench.target, CONFIG))
    (task,) = bench.staff_tasks(record.call_id)
    assert (task.kind, task.priority) == ("same-day-callback", "urgent")
    assert "fever of 104" in task.summary
    assert bench.staff_tasks(bench.end_call(REFILL).call_id) == []
