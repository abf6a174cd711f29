"""A sender is killed: what it had goes on at once, and what it had under way is not done twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from ehr_writeback import ledger, lessee
from ehr_writeback.faulty_server import FaultyFhirServer, Mode
from ehr_writeback.ledger import Job
from models.schema import MIGRATIONS
from models.storage import Storage
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import RED_FLAG, REFILL

PROGRAM = "from ehr_writeback import lessee; print(lessee.own_name(), flush=True); input()"
LEASE_S = 45.0


@contextmanager
def another_process() -> Iterator[str]:
    """A sender's process, by its name; killed at the end with SIGKILL."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=MIGRATIONS.parent.parent,
    ) as sender:
        assert sender.stdout is not None
        try:
            yield sender.stdout.readline().strip()
        finally:
            sender.kill()


def takes(bench: Bench, sender: str) -> list[Job]:
    """The sender leases the one call that is due."""

    def work(session: Session) -> list[list[Job]]:
        return ledger.claim(session, bench.target, bench.clock(), calls=1, lease_s=LEASE_S, lessee=sender)

    (jobs,) = bench.storage.write_now(work)
    return jobs


def begins(bench: Bench, sender: str, jobs: list[Job]) -> None:
    bench.storage.write_now(lambda s: ledger.begin(s, bench.target, jobs, bench.clock(), LEASE_S, sender))


async def test_what_a_living_process_has_is_left_alone(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN))
    bench.end_call(REFILL)
    with another_process() as sender:
        takes(bench, sender)
        assert await bench.dispatcher().reconcile() == 0
        assert await bench.dispatcher().drain_once() == 0


async def test_what_a_killed_process_had_and_did_not_begin_goes_on_at_once(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN))
    bench.end_call(RED_FLAG)
    with another_process() as sender:
        takes(bench, sender)
    dispatcher = bench.dispatcher()
    assert await dispatcher.reconcile() == 1
    assert await dispatcher.drain_once() == 1
    assert set(bench.states().values()) == {"confirmed"}


async def test_what_a_killed_process_had_under_way_waits_out_the_request_and_is_looked_for(
    storage: Storage,
) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN))
    bench.end_call(REFILL)
    with another_process() as sender:
        jobs = takes(bench, sender)
        device = [job for job in jobs if job.kind == "device"]
        begins(bench, sender, device)
    bench.clock.forward(3)
    dispatcher = bench.dispatcher()
    assert await dispatcher.reconcile() == 1
    assert await dispatcher.drain_once() == 0
    assert bench.server.requests == []
    await bench.server.client().post(f"{bench.server.base_url}/Device", json=device[0].resource)  # it is late
    bench.clock.forward(12)
    assert await dispatcher.drain_once() == 1
    assert set(bench.states().values()) == {"confirmed"}
    assert len(bench.server.all("Device")) == 1


async def test_two_that_find_a_killed_process_free_its_calls_once(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN))
    bench.end_call(REFILL)
    with another_process() as sender:
        takes(bench, sender)
    assert await bench.dispatcher().reconcile() == 1
    again = takes(bench, lessee.own_name())
    assert await bench.dispatcher().reconcile() == 0
    assert len(again) == 4


def test_what_cannot_be_told_counts_as_alive() -> None:
    place, _, process = lessee.own_name().partition("/")
    number, _, started = process.partition("/")
    assert not lessee.is_dead(lessee.own_name())
    assert lessee.is_dead(f"{place}/{number}/{int(started) + 1}"), "the number was given to another process"
    assert not lessee.is_dead(f"another-machine/{number}/{int(started) + 1}")
    for nothing in ("", "x", f"{place}/x/1", f"{place}/"):
        assert not lessee.is_dead(nothing), nothing
