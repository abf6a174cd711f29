from __future__ import annotations

import asyncio
import base64
import contextlib
from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from ehr_writeback import Dispatcher, DispatcherConfig
from ehr_writeback.faulty_server import BASE_URL, Fault, FaultyFhirServer, Mode
from fhir.client import FhirClient, FixedToken
from fhir.errors import FhirError
from models.desk import add_task
from models.domain import OpenTask
from models.storage import Storage
from models.tables import OutboxRow, Page
from tests.ehr_writeback.conftest import make_bench
from tests.ehr_writeback.records import BOOKING, RED_FLAG, REFILL


@pytest.mark.parametrize("mode", Mode)
async def test_a_call_reaches_the_chart_in_one_round(storage: Storage, mode: Mode) -> None:
    bench = make_bench(storage, FaultyFhirServer(mode))
    record = bench.end_call(RED_FLAG)
    assert await bench.dispatcher().drain_once() == 1
    assert set(bench.states().values()) == {"confirmed"}
    note, encounter = bench.server.all("DocumentReference")[0], bench.server.all("Encounter")[0]
    assert note["identifier"][0]["value"] == f"{record.call_id}/note"
    assert note["context"]["encounter"] == [{"reference": f"Encounter/{encounter['id']}"}]
    assert note["author"][0]["reference"] == "Device/device-1"
    targets = [target["reference"] for target in bench.server.all("Provenance")[0]["target"]]
    assert targets[:2] == ["Encounter/encounter-1", "DocumentReference/documentreference-1"]
    assert bench.ledger()["note"].server_ref == "DocumentReference/documentreference-1"
    assert bench.staff_tasks(record.call_id) == []


async def test_a_server_with_transactions_gets_one(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.TRANSACTION))
    bench.end_call(RED_FLAG)
    await bench.settle()
    assert bench.server.requests == [
        ("GET", "metadata"),
        ("POST", "Device"),
        ("POST", ""),
        ("GET", "Provenance"),
        ("POST", "Provenance"),
    ]


async def test_without_conditional_create_every_post_is_preceded_by_a_look(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN))
    bench.end_call(REFILL)
    await bench.settle()
    assert bench.server.requests == [
        ("GET", "metadata"),
        *[
            (method, kind)
            for kind in ("Device", "Encounter", "DocumentReference")
            for method in ("GET", "POST")
        ],
        ("GET", "Provenance"),
        ("POST", "Provenance"),
    ]


async def test_the_device_is_made_once_for_many_calls(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN))
    for record in (REFILL, BOOKING, RED_FLAG, REFILL, BOOKING):
        bench.end_call(record)
    await bench.settle()
    assert len(bench.server.all("Device")) == 1
    assert len(bench.server.all("DocumentReference")) == 5
    assert Counter(bench.server.requests)[("POST", "Device")] == 1


async def test_provenance_waits_for_all_the_rest(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, [Fault.NONE] * 3 + [Fault.AWAY]))
    bench.end_call(REFILL)
    await bench.dispatcher().drain_once()
    assert bench.states() == {"device": "confirmed", "enc": "confirmed", "note": "pending", "prov": "pending"}
    assert bench.ledger()["note"].error == "fhir-retryable: create DocumentReference: HTTP 503 (processing)"
    assert await bench.dispatcher().drain_once() == 0  # nothing is due yet, the waiting Provenance neither
    await bench.settle()
    assert set(bench.states().values()) == {"confirmed"}


@pytest.mark.parametrize("mode", [Mode.CONDITIONAL, Mode.PLAIN, Mode.SLOPPY_TRANSACTION])
async def test_what_follows_a_postponed_note_waits_for_it(storage: Storage, mode: Mode) -> None:
    away = [Fault.NONE] * (4 if mode is Mode.PLAIN else 2) + [Fault.AWAY] * 2
    bench = make_bench(storage, FaultyFhirServer(mode, away))
    bench.end_call(RED_FLAG)
    await bench.settle()
    made = [kind for method, kind in bench.server.requests if method == "POST" and kind]
    assert set(bench.states().values()) == {"confirmed"}
    after_encounter = made[made.index("Encounter") :]
    assert list(dict.fromkeys(after_encounter)) == [
        "Encounter", "DocumentReference", "Task", "Communication", "Provenance",
    ]  # fmt: skip


async def test_a_note_that_will_not_go_does_not_hold_back_its_call_for_ever(storage: Storage) -> None:
    server = FaultyFhirServer(Mode.CONDITIONAL)
    bench = make_bench(storage, server)
    bench.end_call(RED_FLAG)

    def note_fails() -> None:
        server.script.insert(0, Fault.ERROR)
        server.hooks["POST", "DocumentReference"] = note_fails

    note_fails()
    server.script.clear()
    dispatcher = bench.dispatcher()
    for _ in range(12):
        await dispatcher.drain_once()
        bench.clock.forward(1_200)
    assert bench.states()["note"] == "pending"
    assert (bench.states()["task/1"], bench.states()["comm/1"]) == ("confirmed", "confirmed")


async def test_one_conflict_after_another_failure_is_read_again(storage: Storage) -> None:
    script = [Fault.NONE, Fault.AWAY, Fault.NONE, Fault.SEVERAL]
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, script))
    bench.end_call(REFILL)
    await bench.settle()
    assert set(bench.states().values()) == {"confirmed"}


async def test_a_refused_note_is_a_dead_letter_with_an_owner_and_stops_nothing_else(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, [Fault.NONE] * 3 + [Fault.REFUSED]))
    record = bench.end_call(RED_FLAG)
    await bench.settle()
    assert bench.states() == {
        "device": "confirmed",
        "enc": "confirmed",
        "note": "dead",
        "task/1": "confirmed",
        "comm/1": "confirmed",
        "prov": "confirmed",
    }
    (task,) = bench.staff_tasks(record.call_id)
    assert (task.kind, task.priority, task.state) == ("writeback-dead-letter", "urgent", "open")
    assert "note: fhir-permanent: create DocumentReference: HTTP 422 (processing) scripted" in task.summary
    assert bench.ledger()["note"].error == "fhir-permanent: create DocumentReference: HTTP 422 (processing)"
    targets = bench.server.all("Provenance")[0]["target"]
    assert not any("DocumentReference" in target["reference"] for target in targets)


async def test_types_that_a_server_does_not_take_are_left_out(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN, types=["DocumentReference"]))
    record = bench.end_call(RED_FLAG)
    await bench.settle()
    assert bench.states() == {
        "device": "unsupported",
        "enc": "unsupported",
        "note": "confirmed",
        "task/1": "unsupported",
        "comm/1": "unsupported",
        "prov": "unsupported",
    }
    note = bench.server.all("DocumentReference")[0]
    assert note["author"] == [{"display": "AI phone assistant"}]
    assert "encounter" not in note["context"]
    text = base64.b64decode(note["content"][0]["attachment"]["data"]).decode()
    assert "- Task: red-flag-911; I have chest pain and my arm hurts" in text
    assert '- Communication: Red flag RF01 (emergency); Caller: "I have chest pain"' in text
    (item,) = bench.staff_tasks(record.call_id)
    assert (item.priority, item.summary.splitlines()[1:]) == (
        "routine",
        [line.removeprefix("- ") for line in text.splitlines() if line.startswith(("- Task:", "- Comm"))],
    )


async def test_what_staff_have_in_their_queue_already_is_no_second_item(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN, types=["DocumentReference"]))
    record = bench.end_call(RED_FLAG)
    task = RED_FLAG.done[-1].action
    assert isinstance(task, OpenTask)
    page = Page(id="p-1", call_id=record.call_id, action_id="a2", summary="chest pain", at=record.ended)

    def staff_know(session: Session) -> None:
        add_task(session, task, call_id=record.call_id, at=record.ended)
        session.add(page)

    storage.write_now(staff_know)
    await bench.settle()
    assert [task.kind for task in bench.staff_tasks(record.call_id)] == ["red-flag-911"]


async def test_a_server_that_takes_no_note_needs_a_person(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(types=["Encounter"]))
    record = bench.end_call(REFILL)
    await bench.settle()
    (task,) = bench.staff_tasks(record.call_id)
    assert "the server takes no DocumentReference" in task.summary


async def test_a_forbidden_type_is_paused_and_the_rest_goes_on(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, [Fault.NONE] * 2 + [Fault.FORBIDDEN]))
    bench.end_call(REFILL)
    dispatcher = bench.dispatcher()
    await dispatcher.drain_once()
    assert bench.states()["enc"] == "pending"
    bench.end_call(BOOKING)
    asked = len(bench.server.requests)
    await dispatcher.drain_once()
    assert ("POST", "Encounter") not in bench.server.requests[asked:]
    await bench.settle()
    assert set(bench.states().values()) == {"confirmed"}


async def test_held_for_review_is_looked_for_and_never_sent_twice(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL))
    bench.server.held_for_review = {"DocumentReference"}
    bench.end_call(REFILL)
    dispatcher = bench.dispatcher()
    await dispatcher.drain_once()
    assert bench.states()["note"] == "accepted"
    assert bench.ledger()["note"].error == "awaiting EHR acceptance"
    bench.clock.forward(1_000)
    await dispatcher.drain_once()
    assert bench.states()["note"] == "accepted"
    bench.server.accept()
    await bench.settle()
    assert bench.states()["note"] == "confirmed"
    assert Counter(bench.server.requests)[("POST", "DocumentReference")] == 1


async def test_a_review_that_never_ends_is_given_to_a_person_after_48_hours(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL))
    bench.server.held_for_review = {"DocumentReference"}
    record = bench.end_call(REFILL)
    for _ in range(5):
        await bench.dispatcher().drain_once()
        bench.clock.forward(12.5 * 3_600)
    assert bench.states()["note"] == "dead"
    assert "48 hours" in bench.staff_tasks(record.call_id)[0].summary
    assert Counter(bench.server.requests)[("POST", "DocumentReference")] == 1


async def test_retry_after_is_honoured(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, [Fault.NONE, Fault.BUSY]))
    bench.end_call(REFILL)
    await bench.dispatcher().drain_once()
    asked_for, tried_at = timedelta(seconds=7), bench.ledger()["device"].next_at
    assert tried_at is not None
    assert asked_for <= tried_at - bench.clock() <= 1.1 * asked_for


async def test_a_leased_call_is_left_alone_until_the_lease_ends(storage: Storage) -> None:
    bench = make_bench(
        storage, FaultyFhirServer(Mode.CONDITIONAL, [Fault.NONE, Fault.NONE, Fault.DEATH_AFTER])
    )
    bench.end_call(REFILL)
    with pytest.raises(BaseExceptionGroup):
        await bench.dispatcher().drain_once()
    assert bench.states()["enc"] == "sent"
    assert await bench.dispatcher().drain_once() == 0
    bench.clock.forward(46)
    assert await bench.dispatcher().reconcile() == 3
    assert await bench.dispatcher().drain_once() == 1
    assert set(bench.states().values()) == {"confirmed"}
    assert len(bench.server.all("Encounter")) == 1


async def test_a_worker_that_lost_its_lease_sends_nothing(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL))
    record = bench.end_call(REFILL)

    def steal(session: Session) -> None:
        for row in session.exec(select(OutboxRow).where(col(OutboxRow.call_id) == record.call_id)):
            row.attempts += 1
            session.add(row)

    bench.server.hooks["POST", "Device"] = lambda: storage.write_now(steal)
    await bench.dispatcher().drain_once()
    assert bench.server.requests == [("GET", "metadata"), ("POST", "Device")]


async def test_an_unreadable_row_does_not_stop_other_calls(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL))
    broken, fine = bench.end_call(REFILL), bench.end_call(BOOKING)

    def spoil(session: Session) -> None:
        for row in session.exec(select(OutboxRow).where(col(OutboxRow.call_id) == broken.call_id)):
            row.payload = {**row.payload, "resource": {"identifier": "nonsense"}}
            session.add(row)

    storage.write_now(spoil)
    await bench.dispatcher().drain_once()
    done = {row.call_id for row in bench.rows() if row.state == "confirmed"}
    assert fine.call_id in done


async def test_a_server_that_is_away_costs_no_attempt(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(script=[Fault.UNREACHABLE]))
    bench.end_call(REFILL)
    with pytest.raises(Exception, match="capabilities"):
        await bench.dispatcher().drain_once()
    assert {row.attempts for row in bench.rows()} == {0}
    await bench.settle()
    assert set(bench.states().values()) == {"confirmed"}


async def test_after_an_outage_nothing_waits_out_a_pause_that_was_meant_for_it(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL))
    dispatcher = bench.dispatcher()
    bench.end_call(REFILL)
    await dispatcher.drain_once()
    calls = [bench.end_call(record) for record in (REFILL, RED_FLAG)]
    bench.server.script = [Fault.UNREACHABLE] * 40
    for _ in range(6):  # each time it is asked what it offers, and no call is tried
        with contextlib.suppress(FhirError):
            await dispatcher.drain_once()
        bench.clock.forward(300)
    tried = [row.attempts for row in bench.rows() if row.call_id == calls[0].call_id]
    assert max(tried) <= 1
    bench.server.script = []
    assert await dispatcher.drain_once() == 2
    assert set(bench.states().values()) == {"confirmed"}


async def test_one_resource_that_is_never_answered_is_not_hurried(storage: Storage) -> None:
    script = [Fault.NONE] * 3 + [Fault.LOST_ANSWER]
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, script))
    bench.end_call(REFILL)
    dispatcher = bench.dispatcher()
    await dispatcher.drain_once()
    assert await dispatcher.drain_once() == 0  # it answers when it is asked what it offers: no outage
    assert bench.states()["note"] == "pending"
    bench.clock.forward(3)
    assert await dispatcher.drain_once() == 1


async def test_what_the_server_asked_to_wait_for_is_waited_for_after_an_outage_too(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, [Fault.NONE] * 3 + [Fault.BUSY]))
    dispatcher = bench.dispatcher()
    bench.end_call(REFILL)
    await dispatcher.drain_once()
    asked_for = bench.ledger()["note"].next_at
    bench.end_call(BOOKING)
    bench.server.script = [Fault.UNREACHABLE]
    another = bench.dispatcher()  # which has not heard of it
    with pytest.raises(FhirError):
        await another.drain_once()
    await another.drain_once()
    (busy,) = [row for row in bench.rows() if "HTTP 429" in row.last_error]
    assert busy.next_at == asked_for
    await bench.settle()
    assert set(bench.states().values()) == {"confirmed"}


async def test_without_a_capability_statement_the_careful_way_is_taken(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN, script=[Fault.REFUSED]))
    bench.end_call(REFILL)
    await bench.settle()
    assert set(bench.states().values()) == {"confirmed"}
    assert ("GET", "DocumentReference") in bench.server.requests


async def test_the_loop_answers_a_nudge_at_once_and_outlives_failures(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(script=[Fault.AWAY]))
    seen: list[tuple[str, float]] = []
    all_seen = asyncio.Event()

    def tell(kind: str, seconds: float) -> None:
        seen.append((kind, seconds))
        if kind == "prov":
            all_seen.set()

    client = FhirClient(BASE_URL, FixedToken("secret"), bench.server.client())
    dispatcher = Dispatcher(
        storage,
        client,
        bench.clock,
        config=DispatcherConfig(target=bench.target, poll_s=3_600.0),
        random=lambda: -1.49,  # hurries: back-off of ten milliseconds
        confirmed=tell,
    )
    running = asyncio.create_task(dispatcher.run())
    await asyncio.sleep(0.1)
    bench.end_call(REFILL)
    dispatcher.nudge()
    async with asyncio.timeout(60):
        await all_seen.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert seen == [(kind, 1.0) for kind in ("device", "enc", "note", "prov")]
