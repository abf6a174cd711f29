"""What an operator is told at night: what is stuck, why, what to do; and the retry, as often as one likes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent import writeback_commands
from agent.metrics import DEAD_UNOWNED, WRITEBACK, WRITEBACK_OLDEST
from agent.writeback_figures import show
from agent.writeback_report import report, span
from ehr_writeback import retry_dead, stuck, writeback_status
from ehr_writeback.advice import what_to_do
from ehr_writeback.faulty_server import Fault, FaultyFhirServer, Mode
from ehr_writeback.settled import WRITTEN
from ehr_writeback.stuck import Stuck, figures
from fhir.errors import error_for
from models.crypto import KeyRing
from models.storage import Storage
from models.task_deeds import do_with_task
from models.task_rules import Deed, TaskDeed
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import RED_FLAG, REFILL


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """Of each test's own: what is stuck is told of a whole database."""
    opened = Storage.open(f"sqlite:///{tmp_path}/calls.db", KeyRing.load_or_create(tmp_path / "keys.json"))
    yield opened
    opened.close()


def group_of(bench: Bench, call_id: str) -> Stuck:
    """The first thing that is waited for and that holds this call."""
    return next(group for group in bench.storage.read_now(stuck) if call_id in group.call_ids)


async def refused(storage: Storage) -> tuple[Bench, str]:
    """A call whose note the server has refused."""
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, [Fault.NONE] * 3 + [Fault.REFUSED]))
    record = bench.end_call(REFILL)
    await bench.settle()
    return bench, record.call_id


async def test_a_refused_note_needs_a_person_and_says_what_to_do(storage: Storage) -> None:
    bench, call_id = await refused(storage)
    group = group_of(bench, call_id)
    assert (group.state, group.next_at) == ("dead", None)
    assert group.cause == "fhir-permanent: create DocumentReference: HTTP 422"
    assert "firstring writeback retry" in group.do


async def test_an_outage_is_named_with_its_next_try(storage: Storage) -> None:
    script = [Fault.NONE, Fault.NONE, Fault.UNREACHABLE]
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, script))
    record = bench.end_call(REFILL)
    await bench.dispatcher().drain_once()
    group = group_of(bench, record.call_id)
    assert group.cause == "fhir-retryable: create Encounter: no answer"
    assert group.next_at == bench.clock() + timedelta(seconds=2)
    assert (group.means, group.is_server) == ("the chart server does not answer", True)
    assert (group.resources, "goes by itself" in group.do) == (3, True)  # all but the Device
    await bench.settle()


async def test_a_retry_of_one_call_and_then_of_all_writes_it_once(storage: Storage) -> None:
    bench, call_id = await refused(storage)
    now, target = bench.clock(), bench.target
    tried = [
        storage.write_now(partial(retry_dead, now=now, target=target, call_id=given))
        for given in (call_id, call_id, "")
    ]
    assert tried == [1, 0, 0]
    await bench.settle()
    assert bench.states()["note"] == "confirmed"
    assert len(bench.server.all("DocumentReference")) == 1


async def test_a_dead_letter_that_was_written_after_all_is_nobodys_task(storage: Storage) -> None:
    bench, call_id = await refused(storage)
    assert [task.state for task in bench.staff_tasks(call_id)] == ["open"]
    storage.write_now(partial(retry_dead, now=bench.clock(), target=bench.target))
    await bench.settle()
    (task,) = bench.staff_tasks(call_id)
    assert (task.state, task.summary.splitlines()[-1]) == ("done", WRITTEN)


async def test_a_task_stays_open_while_one_of_its_letters_is_dead(storage: Storage) -> None:
    script = [Fault.NONE] * 3 + [Fault.REFUSED] * 2
    bench = make_bench(storage, FaultyFhirServer(Mode.CONDITIONAL, script))
    record = bench.end_call(RED_FLAG)
    await bench.settle()
    bench.server.script = [Fault.NONE, Fault.NONE, Fault.REFUSED]  # asked what it offers, and for the note
    storage.write_now(partial(retry_dead, now=bench.clock(), target=bench.target))
    await bench.settle()
    assert sorted(bench.states().values()).count("dead") == 1
    assert [task.state for task in bench.staff_tasks(record.call_id)] == ["open"]


async def test_who_has_taken_the_task_is_told_and_closes_it(storage: Storage) -> None:
    bench, call_id = await refused(storage)
    (task,) = bench.staff_tasks(call_id)
    storage.write_now(
        lambda session: do_with_task(session, TaskDeed(task.id, Deed.CLAIM, "nina", bench.clock()))
    )
    storage.write_now(partial(retry_dead, now=bench.clock(), target=bench.target))
    await bench.settle()
    (task,) = bench.staff_tasks(call_id)
    assert (task.state, task.owner, WRITTEN in task.summary) == ("claimed", "nina", True)


async def test_what_the_chart_does_not_take_is_neither_stuck_nor_retried(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN, types=["DocumentReference"]))
    record = bench.end_call(RED_FLAG)
    await bench.settle()
    assert not any(record.call_id in group.call_ids for group in storage.read_now(stuck))
    now, target = bench.clock(), bench.target
    assert storage.write_now(lambda session: retry_dead(session, now, target=target)) == 0


async def test_the_report_reads_from_what_needs_a_person_down(storage: Storage) -> None:
    bench, call_id = await refused(storage)
    groups = [group_of(bench, call_id)]
    lines = list(report(storage.read_now(writeback_status), groups, bench.clock()))
    told = "\n".join(lines)
    assert "1. NEEDS A PERSON: the chart server refuses it" in told
    assert "code: fhir-permanent: create DocumentReference: HTTP 422" in told
    assert f"1 resource of 1 call: {call_id}" in told
    assert "lisinopril" not in told


async def test_the_figures_hold_counts_and_ages_only(storage: Storage) -> None:
    bench, _ = await refused(storage)
    waiting = bench.end_call(REFILL)
    found = storage.read_now(figures)
    assert found.states["dead"] >= 1
    assert found.states["pending"] >= 4
    assert found.unowned >= 1
    assert found.oldest_open is not None
    show(found, waiting.ended + timedelta(seconds=90))
    assert WRITEBACK.labels("dead")._value.get() == found.states["dead"]
    assert WRITEBACK_OLDEST._value.get() >= 90
    assert DEAD_UNOWNED._value.get() == found.unowned
    await bench.settle()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 412, 422, 429, 500, 503])
def test_every_answer_of_a_server_has_its_own_advice(status: int) -> None:
    error = error_for("create Task", status)
    told = what_to_do(f"{error.code}: {error}", is_dead=False)
    assert told
    if status in (403, 422, 404, 409, 401):
        assert told != what_to_do("fhir-retryable: create Task: HTTP 500", is_dead=False)


@pytest.mark.parametrize(
    ("seconds", "text"), [(40, "40 s"), (720, "12 min"), (10_800, "3 h"), (180_000, "2 days"), (-3, "0 s")]
)
def test_spans_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert span(timedelta(seconds=seconds)) == text


def test_the_commands_say_that_nothing_is_stuck_and_may_be_run_twice(tmp_path: Path) -> None:
    here = {"FIRSTRING_DATA_DIR": str(tmp_path / "data")}
    run = CliRunner()
    for _ in range(2):
        done = run.invoke(writeback_commands.app, ["retry", "--json"], env=here)
        assert (done.exit_code, done.stdout) == (0, '{"retried": 0}\n')
    done = run.invoke(writeback_commands.app, ["status"], env=here)
    assert done.stdout.splitlines() == [
        "in the chart: 0 resources; waiting: 0; given up: 0",
        "nothing is stuck",
    ]
    done = run.invoke(writeback_commands.app, ["status", "--json"], env=here)
    assert json.loads(done.stdout)["stuck"] == []
