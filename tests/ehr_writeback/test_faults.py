"""One call, one note: whatever the chart server and the sending process do to each other."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ehr_writeback.faulty_server import Fault, FaultyFhirServer, Mode
from models.domain import CallRecord
from models.storage import Storage
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import RED_FLAG, REFILL

PASSING = [fault for fault in Fault if fault not in (Fault.REFUSED, Fault.CONFLICT, Fault.SEVERAL)]


def copies(bench: Bench) -> Counter[str]:
    """How often each thing stands in the chart, by identifier, and Provenance by its first target."""
    names: Counter[str] = Counter()
    for kind, resources in bench.server.stored.items():
        for resource in resources:
            name = (
                resource["identifier"][0]["value"]
                if "identifier" in resource
                else resource["target"][0]["reference"]
            )
            names[f"{kind} {name}"] += 1
    return names


def assert_consistent(bench: Bench, record: CallRecord) -> None:
    assert bench.open_rows() == []
    assert set(copies(bench).values()) <= {1}, copies(bench)
    there = {f"{kind}/{item['id']}" for kind, items in bench.server.stored.items() for item in items}
    for key, row in bench.ledger().items():
        assert row.state in ("confirmed", "dead", "unsupported")
        assert (row.server_ref in there) == (row.state == "confirmed"), key
    if "dead" in bench.states().values():
        assert [task.kind for task in bench.staff_tasks(record.call_id)] == ["writeback-dead-letter"]


@settings(max_examples=20, deadline=None)
@given(
    mode=st.sampled_from(Mode),
    script=st.lists(st.sampled_from(Fault), max_size=14),
    record=st.sampled_from([REFILL, RED_FLAG]),
)
def test_never_two_notes_whatever_happens(
    storage: Storage, mode: Mode, script: list[Fault], record: CallRecord
) -> None:
    bench = make_bench(storage, FaultyFhirServer(mode, script))
    stored = bench.end_call(record)
    asyncio.run(bench.settle(hours=100))
    assert_consistent(bench, stored)


@settings(max_examples=12, deadline=None)
@given(mode=st.sampled_from(Mode), script=st.lists(st.sampled_from(PASSING), max_size=14))
def test_faults_that_pass_cost_nothing_but_time(storage: Storage, mode: Mode, script: list[Fault]) -> None:
    bench = make_bench(storage, FaultyFhirServer(mode, script))
    record = bench.end_call(RED_FLAG)
    asyncio.run(bench.settle(hours=40))
    assert set(bench.states().values()) == {"confirmed"}
    assert_consistent(bench, record)
    assert len(bench.server.all("DocumentReference")) == 1
    assert len(bench.server.all("Provenance")) == 1


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.DEATH_AFTER])
@pytest.mark.parametrize("at", range(1, 7))
def test_no_single_moment_makes_two(storage: Storage, mode: Mode, fault: Fault, at: int) -> None:
    """Each request in turn is carried out without the sender hearing of it."""
    bench = make_bench(storage, FaultyFhirServer(mode, [Fault.NONE] * at + [fault]))
    record = bench.end_call(REFILL)
    asyncio.run(bench.settle())
    assert set(bench.states().values()) == {"confirmed"}
    assert_consistent(bench, record)


async def test_several_workers_at_once_make_one_of_each(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer(Mode.PLAIN))
    records = [bench.end_call(record) for record in (REFILL, RED_FLAG) * 3]
    await asyncio.gather(*(bench.dispatcher().drain_once() for _ in range(4)))
    await bench.settle()
    assert len(bench.server.all("DocumentReference")) == len(records)
    notes = {name: count for name, count in copies(bench).items() if not name.startswith("Device")}
    assert set(notes.values()) == {1}
