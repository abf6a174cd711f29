"""A night with a chart server that takes nothing: what the operator reads, what staff hear, how it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import Session

from agent.writeback_report import report
from ehr_writeback import Dispatcher, DispatcherConfig, outage, retry_dead, stuck, writeback_status
from ehr_writeback.advice import ADVICE, advice_on
from ehr_writeback.faulty_server import ALL_TYPES, FaultyFhirServer, Mode, outcome
from ehr_writeback.outage import HEADING, OVER
from fhir import errors
from fhir.client import FhirClient, FixedToken
from fhir.errors import FhirError
from fhir.smart import TokenRefused
from models import desk
from models.crypto import KeyRing
from models.domain import CallRecord
from models.storage import Storage
from models.tables import Call
from models.task_deeds import do_with_task
from models.task_rules import Deed, TaskDeed
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import BOOKING, RED_FLAG, REFILL

Answer = Callable[[httpx.Request], httpx.Response | None]


class NightServer(FaultyFhirServer):
    """``instead`` answers in its place; None lets it answer itself."""

    def __init__(self) -> None:
        super().__init__(Mode.CONDITIONAL, types=ALL_TYPES)
        self.instead: Answer = lambda _: None

    def handle(self, request: httpx.Request) -> httpx.Response:
        return self.instead(request) or super().handle(request)


def down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route", request=request)


def answering(status: int, kind: str = "") -> Answer:
    """This status to whoever makes one of these, or to everybody."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        meant = not kind or (request.method == "POST" and request.url.path.endswith(f"/{kind}"))
        return httpx.Response(status, json=outcome("business-rule")) if meant else None

    return answer


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Bench[NightServer]]:
    storage = Storage.open(f"sqlite:///{tmp_path}/calls.db", KeyRing.load_or_create(tmp_path / "keys.json"))
    yield make_bench(storage, NightServer())
    storage.close()


async def hours_pass(night: Bench[NightServer], hours: float, dispatcher: Dispatcher | None = None) -> None:
    """A dozen rounds of the loop, spread over the time."""
    dispatcher = dispatcher or night.dispatcher()
    for _ in range(12):
        night.clock.forward(hours * 300)
        try:
            await dispatcher.reconcile()
            while await dispatcher.drain_once():
                pass
        except FhirError:
            continue


def do_with(night: Bench[NightServer], task_id: str, deed: Deed, outcome: str = "") -> None:
    order = TaskDeed(task_id, deed, "nina", night.clock(), outcome=outcome)
    night.storage.write_now(lambda session: do_with_task(session, order))


def told(night: Bench[NightServer]) -> list[str]:
    counts, groups = night.storage.read_now(writeback_status), night.storage.read_now(stuck)
    return list(report(counts, groups, night.clock(), ZoneInfo("America/New_York")))


def heads(night: Bench[NightServer]) -> list[str]:
    return [line for line in told(night) if line[:1].isdigit()]


async def test_a_server_that_is_down_is_one_thing_and_nothing_is_lost(night: Bench[NightServer]) -> None:
    for record in (REFILL, RED_FLAG, BOOKING):
        night.end_call(record)
    night.server.instead = down
    await hours_pass(night, 1)
    rows = len(night.rows())
    first = night.rows()[0].created_at.astimezone(ZoneInfo("America/New_York"))
    lines = told(night)
    assert lines[:4] == [
        f"in the chart: 0 resources; waiting: {rows}; given up: 0",
        "nothing is lost: all of it is kept here.",
        "",
        "1. THE SERVER: the chart server does not answer",
    ]
    assert f"since {first:%Y-%m-%d %H:%M} EST (60 min)" in lines[4]
    assert f"{rows} resources of 3 calls" in lines[5]
    assert lines[-2].startswith(
        "   do: See whether the chart server and the network are up (`firstring doctor`)"
    )
    assert lines[-1] == "   code: fhir-retryable: capabilities: no answer"
    night.server.instead = lambda _: None
    await hours_pass(night, 1)
    assert told(night) == [f"in the chart: {rows} resources; waiting: 0; given up: 0", "nothing is stuck"]


async def test_three_days_without_the_server_give_nothing_up(night: Bench[NightServer]) -> None:
    night.end_call(REFILL)
    night.server.instead = down
    await hours_pass(night, 72)
    assert {row.state for row in night.rows()} == {"pending"}
    night.server.instead = lambda _: None
    await hours_pass(night, 1)
    assert set(night.states().values()) == {"confirmed"}


async def test_staff_hear_of_a_long_outage_once_and_of_its_end(night: Bench[NightServer]) -> None:
    record = night.end_call(REFILL)
    night.server.instead = down
    await hours_pass(night, 0.9)
    assert night.staff_tasks(record.call_id) == []
    await hours_pass(night, 5)
    (task,) = night.staff_tasks(record.call_id)
    assert (task.state, task.priority, task.summary.count("\n")) == ("open", "urgent", 1)
    assert task.summary.startswith(HEADING)
    night.server.instead = lambda _: None
    await hours_pass(night, 1)
    (task,) = night.staff_tasks(record.call_id)
    assert (task.state, task.summary.splitlines()[-1]) == ("done", OVER)


async def test_who_has_finished_that_task_does_not_get_it_again(night: Bench[NightServer]) -> None:
    record = night.end_call(REFILL)
    night.server.instead = down
    await hours_pass(night, 2)
    (task,) = night.staff_tasks(record.call_id)

    do_with(night, task.id, Deed.CLAIM)
    do_with(night, task.id, Deed.RESOLVE, outcome="by-hand")
    await hours_pass(night, 2)
    assert [task.state for task in night.staff_tasks(record.call_id)] == ["done"]


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (401, "the chart server does not accept our token"),
        (403, "the chart server lets us in nowhere"),
        (503, "the chart server is busy or broken"),
    ],
)
async def test_a_server_that_lets_nobody_in_says_why(
    night: Bench[NightServer], status: int, means: str
) -> None:
    night.end_call(REFILL)
    night.server.instead = answering(status)
    await hours_pass(night, 0.5)
    (head,) = heads(night)
    assert head.endswith(means)
    assert told(night)[-1].startswith(
        f"   code: {errors.error_for('', status).code}: capabilities: HTTP {status}"
    )


async def test_a_login_page_and_a_move_are_named(night: Bench[NightServer]) -> None:
    night.end_call(REFILL)
    night.server.instead = lambda _: httpx.Response(200, html="<html>Sign in</html>")
    await hours_pass(night, 0.5)
    assert "something else answers in the chart server's place" in heads(night)[0]
    night.server.instead = lambda _: httpx.Response(302, headers={"Location": "https://new.example.org"})
    await hours_pass(night, 0.5)
    assert heads(night) == ["1. THE SERVER: the chart server has moved"]


async def test_a_wrong_clock_is_what_the_operator_reads(night: Bench[NightServer]) -> None:
    night.end_call(REFILL)
    refusal = TokenRefused("invalid_client", 400, 600.0)
    now, target = night.clock(), night.target
    night.storage.write_now(lambda session: outage.met(session, target, now, refusal))
    lines = told(night)
    assert lines[3] == (
        "1. THE SERVER: the authorisation server gives us no token: this machine's clock is 600 s behind the "
        "server's"
    )
    assert "timedatectl set-ntp true" in lines[-2]


async def test_the_server_comes_before_dead_letters_and_those_before_what_waits(
    night: Bench[NightServer],
) -> None:
    """A retry of dead letters is in vain while the server is down."""
    night.end_call(RED_FLAG)
    night.server.instead = answering(422, "Task")
    await hours_pass(night, 0.5)
    night.end_call(REFILL)
    night.server.instead = answering(403, "Encounter")
    await hours_pass(night, 0.2)
    assert heads(night) == [
        "1. NEEDS A PERSON: the chart server refuses it",
        "2. waits: the chart server forbids this kind of resource",
    ]
    assert told(night)[1].endswith("Do this, in this order:")
    night.server.instead = down
    await hours_pass(night, 1)
    assert [head.partition(":")[0] for head in heads(night)] == ["1. THE SERVER", "2. NEEDS A PERSON"]


async def test_what_follows_a_resource_of_its_call_stands_with_it(night: Bench[NightServer]) -> None:
    night.end_call(REFILL)
    night.server.instead = answering(403, "Encounter")
    await hours_pass(night, 0.2)
    (group,) = night.storage.read_now(stuck)
    assert (group.cause.partition(":")[0], group.resources) == ("fhir-forbidden", 3)


async def test_a_retry_makes_a_call_no_younger(night: Bench[NightServer]) -> None:
    record = night.end_call(REFILL)
    night.storage.write_now(lambda session: _hang_up(session, record))
    night.server.instead = answering(422, "DocumentReference")
    await hours_pass(night, 3)
    (before,) = night.storage.read_now(stuck)
    now, target = night.clock(), night.target
    night.storage.write_now(lambda session: retry_dead(session, now, target=target))
    await hours_pass(night, 1)
    (after,) = night.storage.read_now(stuck)
    assert after.since == before.since == record.ended


def _hang_up(session: Session, record: CallRecord) -> None:
    call = session.get_one(Call, record.call_id)
    call.ended = record.ended
    session.add(call)


async def test_a_search_for_the_patient_that_fails_is_named(night: Bench[NightServer]) -> None:
    night.end_call(REFILL)
    lopez: dict[str, object] = {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"family": "Lopez"}],
        "birthDate": "1981-03-05",
    }

    async def patients(_: str) -> dict[str, object]:
        return lopez

    night.server.instead = lambda request: httpx.Response(503) if "/Patient" in request.url.path else None
    client = FhirClient(night.server.base_url, FixedToken("secret"), night.server.client())
    looking = Dispatcher(
        night.storage, client, night.clock,
        config=DispatcherConfig(target=night.target), random=lambda: 0.5, patients=patients,
    )  # fmt: skip
    await hours_pass(night, 0.5, looking)
    (group,) = night.storage.read_now(stuck)
    assert group.cause == "fhir-retryable: search Patient: HTTP 503"


async def test_a_call_that_has_just_ended_says_that_nothing_is_to_be_done(
    night: Bench[NightServer],
) -> None:
    night.end_call(REFILL)
    lines = told(night)
    assert lines[3] == "1. waits: on its way, not tried yet"
    assert "`firstring serve` runs" in lines[-1]


def every_error() -> list[type[FhirError]]:
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, FhirError)]
    return [one for one in found if one is not FhirError]


@pytest.mark.parametrize("kind", every_error(), ids=lambda one: one.__name__)
@pytest.mark.parametrize("is_dead", [True, False])
def test_every_error_says_what_it_means_and_what_to_do(kind: type[FhirError], is_dead: bool) -> None:
    error = kind("create Task", status=500)
    said = advice_on(f"{error.code}: {error}", is_dead=is_dead)
    assert said.means
    assert said.do
    if is_dead:
        assert "by itself" not in said.do or kind.code in {one.begins for one in ADVICE if "itself" in one.do}


def test_long_outages_are_over_for_who_has_taken_the_task(night: Bench[NightServer]) -> None:
    record = night.end_call(REFILL)
    later = night.clock() + timedelta(hours=2)

    def work(session: Session) -> None:
        outage.met(session, night.target, later, errors.Retryable("capabilities"))
        (task,) = desk.tasks_of(session, record.call_id)
        do_with_task(session, TaskDeed(task.id, Deed.CLAIM, "nina", later))
        outage.over(session, later)

    night.storage.write_now(work)
    (task,) = night.staff_tasks(record.call_id)
    assert (task.owner, OVER in task.summary) == ("nina", True)
