"""What staff do with a task reaches its Task in the chart: in order, once, whoever made that Task."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session

from backends.embedded import EmbeddedBackends
from backends.fhir_routes import build_router
from backends.practice import load_practice
from ehr_writeback import Dispatcher, WritebackConfig, catch_up, enqueue, task_moved
from ehr_writeback.faulty_server import FaultyFhirServer, Mode
from fhir.client import FhirClient, FixedToken
from models.desk import add_task, tasks_of
from models.domain import OpenTask, Priority, TaskKind
from models.storage import Storage
from models.tables import StaffTask
from models.task_deeds import do_with_task
from models.task_rules import Deed, TaskDeed
from tests.ehr_writeback.conftest import CONFIG, MovingClock, make_bench
from tests.ehr_writeback.records import RED_FLAG

OWN = WritebackConfig(system_url="https://cedar.example", practice_name="Cedar Family Practice")
ELSEWHERE = replace(CONFIG, same_server=False)


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
async def backends(storage: Storage, clock: MovingClock) -> EmbeddedBackends:
    return EmbeddedBackends(storage, storage.keyring, load_practice(), clock, OWN.system_url)


@pytest.fixture
async def chart(backends: EmbeddedBackends) -> AsyncIterator[FhirClient]:
    app = FastAPI()
    app.include_router(build_router(backends.chart, "secret"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield FhirClient("http://chart.test/fhir", FixedToken("secret"), http)


def does(storage: Storage, task_id: str, who: str, deed: Deed, at: datetime, **fields: object) -> None:
    def moved(session: Session, task: StaffTask, when: datetime) -> None:
        task_moved(session, task, when, OWN)

    order = TaskDeed(task_id, deed, who, at, **fields)  # type: ignore[arg-type]
    storage.write_now(lambda session: do_with_task(session, order, moved))


async def test_the_task_of_a_refill_is_taken_handed_over_and_rejected_in_the_chart(
    storage: Storage, backends: EmbeddedBackends, chart: FhirClient, clock: MovingClock
) -> None:
    patient = (await chart.create({"resourceType": "Patient", "name": [{"family": "Lopez"}]})).reference
    patient_id = patient.removeprefix("Patient/")
    wish = OpenTask("a1", TaskKind.REFILL_REVIEW, Priority.ROUTINE, "Refill", patient_id)
    await backends.desk.open_task(wish, call_id="CA-status")
    [task] = storage.read_now(lambda s: tasks_of(s, "CA-status"))
    dispatcher = Dispatcher(storage, chart, clock)

    async def stands() -> tuple[str, str, str]:
        while await dispatcher.drain_once():
            pass
        found = (await chart.read(task.resource_ref)).resource or {}
        return found["status"], found["owner"]["display"], found["businessStatus"]["text"]

    does(storage, task.id, "kim", Deed.CLAIM, clock())
    assert await stands() == ("in-progress", "kim", "A person is at it")
    does(storage, task.id, "kim", Deed.HAND_OVER, clock(), to="lee")
    assert await stands() == ("accepted", "lee", "Handed over, not begun")
    does(storage, task.id, "lee", Deed.SNOOZE, clock(), until=clock() + timedelta(hours=1))
    assert await stands() == ("on-hold", "lee", "Put off")
    does(storage, task.id, "lee", Deed.RESOLVE, clock(), outcome="denied")
    assert await stands() == ("rejected", "lee", "Not approved, patient told")
    does(storage, task.id, "kim", Deed.REOPEN, clock(), words="she rang again")
    does(storage, task.id, "kim", Deed.COMMENT, clock(), words="x")
    assert await stands() == ("requested", "Nurse on duty", "Waits for a person")
    assert (await chart.read(task.resource_ref)).etag == 'W/"6"'


async def test_a_task_that_the_write_back_makes_elsewhere_follows_once_it_is_there(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN), ELSEWHERE)
    order = RED_FLAG.done[-1].action
    assert isinstance(order, OpenTask)
    record = replace(RED_FLAG, call_id="CA-elsewhere")

    def while_the_call_goes_on(session: Session) -> None:
        task = add_task(session, order, call_id=record.call_id, at=record.ended)
        deed = do_with_task(session, TaskDeed(task.id, Deed.CLAIM, "kim", record.ended))
        assert not task_moved(session, deed, record.ended, ELSEWHERE, bench.target)

    storage.write_now(while_the_call_goes_on)
    storage.write_now(lambda s: enqueue(s, record, bench.target, ELSEWHERE))
    storage.write_now(lambda s: catch_up(s, record.call_id, bench.clock(), ELSEWHERE, bench.target))
    await bench.settle()
    [task] = bench.server.all("Task")
    assert (task["status"], task["owner"]) == ("in-progress", {"display": "kim"})
    assert {state for key, state in bench.states().items() if key.startswith("move")} == {"confirmed"}


def test_a_task_of_no_patient_stands_in_no_chart(storage: Storage) -> None:
    wish = OpenTask("a1", TaskKind.BILLING_QUESTION, Priority.ROUTINE, "A bill")
    at = RED_FLAG.ended

    def work(session: Session) -> bool:
        return task_moved(session, add_task(session, wish, call_id="CA-nobody", at=at), at, OWN)

    assert storage.write_now(work) is False
