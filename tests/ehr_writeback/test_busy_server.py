"""A server that has too much to do, or fails with everything, is left alone: nothing is used up on it."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from ehr_writeback import ledger
from ehr_writeback.faulty_server import FaultyFhirServer, Mode, outcome
from ehr_writeback.memory import FAILURES_IN_A_ROW, LONGEST_QUIET_S, Memory
from fhir.errors import NetworkAmbiguous, error_for
from models.storage import Storage
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import ENDED, REFILL

CALLS = 30


class BusyServer(FaultyFhirServer):
    """Answers every create with ``status`` as long as that is set."""

    def __init__(self, status: int, retry_after: str = "") -> None:
        super().__init__(Mode.CONDITIONAL)
        self.status, self.headers = status, {"Retry-After": retry_after} if retry_after else {}

    def handle(self, request: httpx.Request) -> httpx.Response:
        if self.status and request.method == "POST":
            self.requests.append(("POST", "refused"))
            return httpx.Response(self.status, headers=self.headers, json=outcome("throttled"))
        return super().handle(request)

    @property
    def refused(self) -> int:
        return self.requests.count(("POST", "refused"))


def night(storage: Storage, server: BusyServer) -> Bench[BusyServer]:
    bench = make_bench(storage, server)
    for _ in range(CALLS):
        bench.end_call(REFILL)
    return bench


async def test_who_says_that_it_is_too_much_is_not_asked_by_everybody(storage: Storage) -> None:
    bench = night(storage, BusyServer(429, "30"))
    dispatcher = bench.dispatcher()
    await dispatcher.drain_once()
    assert bench.server.refused <= 8  # those that were under way together
    asked = len(bench.server.requests)
    bench.clock.forward(29)
    assert await dispatcher.drain_once() == 0
    assert len(bench.server.requests) == asked
    bench.clock.forward(3)
    await dispatcher.drain_once()
    assert bench.server.refused <= 9, "one alone finds out whether it is over"
    bench.server.status = 0
    await bench.settle()
    assert {row.state for row in bench.rows()} == {"confirmed"}
    assert len(bench.server.all("DocumentReference")) == CALLS


@pytest.mark.parametrize("status", [500, 503])
async def test_an_hour_of_failures_uses_up_little_and_ends_by_itself(storage: Storage, status: int) -> None:
    bench = night(storage, BusyServer(status))
    dispatcher = bench.dispatcher()
    for _ in range(360):
        await dispatcher.drain_once()
        bench.clock.forward(10)
    assert bench.server.refused <= 8 + 12 + 3_600 / LONGEST_QUIET_S
    assert {row.state for row in bench.rows()} <= {"pending", "sent"}
    bench.server.status = 0
    await bench.settle()
    assert len(bench.server.all("DocumentReference")) == CALLS


def after(memory: Memory, *statuses: int, now: datetime = ENDED, retry_after_s: float | None = None) -> float:
    """For how long the server is left alone after these answers, in seconds."""
    for status in statuses:
        memory.server_failed(error_for("create Task", status, (), retry_after_s), now, lambda: 0.5)
    return (memory.quiet_until - now).total_seconds() if memory.quiet_until else 0.0


def test_how_long_a_server_is_left_alone() -> None:
    assert after(Memory(), 429) == 2.0
    assert after(Memory(), 429, 429, 503) == 8.0
    assert after(Memory(), *[503] * 20) == LONGEST_QUIET_S
    assert after(Memory(), 429, retry_after_s=20.0) == 21.0  # a tenth more at most: not all at one instant
    assert after(Memory(), 429, retry_after_s=1_800.0) == LONGEST_QUIET_S
    assert after(Memory(), *[500] * (FAILURES_IN_A_ROW - 1)) == 0.0  # one resource may be to blame
    assert after(Memory(), *[500] * FAILURES_IN_A_ROW) > 0.0


@pytest.mark.parametrize("status", [400, 422, 403, 404, 409, 412])
def test_a_refusal_says_that_the_server_works(status: int) -> None:
    memory = Memory()
    assert after(memory, *[503] * 4, status) == 0.0
    assert memory.calls_at_once(8) == 8


def test_a_lost_answer_is_for_the_question_what_it_offers() -> None:
    memory = Memory()
    memory.server_failed(NetworkAmbiguous("create Task"), ENDED, lambda: 0.5)
    assert not memory.is_quiet(ENDED + timedelta(seconds=1))


async def test_a_clock_that_is_set_back_holds_up_no_note(storage: Storage) -> None:
    """What waits for an instant, in the queue or in the process, waits no longer than it was told to."""
    bench = night(storage, BusyServer(503, "3600"))
    dispatcher = bench.dispatcher()
    await dispatcher._round()
    bench.server.status = 0
    bench.clock.forward(-26 * 3_600)
    for _ in range(3):
        await dispatcher._round()
        bench.clock.forward(31)
    assert {row.state for row in bench.rows()} == {"confirmed"}


async def test_a_lease_of_a_clock_that_was_ahead_is_taken_back(storage: Storage) -> None:
    bench = night(storage, BusyServer(0))
    storage.write_now(
        lambda session: ledger.claim(session, bench.target, bench.clock(), calls=CALLS, lease_s=45.0)
    )
    bench.clock.forward(-26 * 3_600)
    assert await bench.dispatcher().reconcile() == len(bench.rows())
    assert await bench.dispatcher().drain_once() == CALLS
