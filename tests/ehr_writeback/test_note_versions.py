"""Versions of a note keep their order whatever becomes of each: none points into nothing, none is lost."""

from __future__ import annotations

from typing import Any

import pytest

from ehr_writeback import retry_dead
from ehr_writeback.changes import ALONE
from ehr_writeback.faulty_server import Fault, FaultyFhirServer, Json, Mode
from ehr_writeback.note_form import text_in
from ehr_writeback.stuck import stuck
from models.storage import Storage
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import REFILL
from tests.ehr_writeback.test_revisions import amends, notes, retracts, signs, who_did

WORDS = "She asked for the 20 mg tablets."


class Choosy(FaultyFhirServer):
    """Refuses the versions of a note that are named: "" is the first, "v1" the one after it."""

    def __init__(self, mode: Mode = Mode.PLAIN, refused: tuple[str, ...] = ("",)) -> None:
        super().__init__(mode)
        self.refused = refused

    def _create(self, body: Json, condition: str) -> tuple[int, Json]:
        if body["resourceType"] == "DocumentReference" and _version(body) in self.refused:
            return 422, {
                "resourceType": "OperationOutcome",
                "issue": [{"severity": "error", "code": "value"}],
            }
        return super()._create(body, condition)


def _version(note: Json) -> str:
    return str(note["identifier"][0]["value"]).partition("/note/")[2]


def retries(bench: Bench[Any]) -> int:
    return bench.storage.write_now(lambda session: retry_dead(session, bench.clock(), target=bench.target))


async def test_an_amendment_of_a_note_that_the_chart_refused_comes_to_the_chart_and_says_so(
    storage: Storage,
) -> None:
    bench = make_bench(storage, server := Choosy())
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    assert bench.states()["note"] == "dead"
    amends(bench, call_id, WORDS)
    await bench.settle()
    (note,) = notes(server)
    assert (note["status"], note["docStatus"]) == ("current", "preliminary")
    assert "relatesTo" not in note
    head = text_in(note).splitlines()[:4]
    assert head == [
        "TELEPHONE ENCOUNTER - AI ASSISTED, AMENDED BY STAFF",
        "Amended by kim, 2026-11-22T16:05:42Z",
        ALONE,
        f"- {WORDS}",
    ]
    assert who_did(server) == [("author", "kim", f"DocumentReference/{note['id']}")]


async def test_the_version_before_is_then_never_sent_and_nobody_is_asked_for_it(storage: Storage) -> None:
    bench = make_bench(storage, server := Choosy())
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    amends(bench, call_id, WORDS)
    await bench.settle()
    server.refused = ()
    assert retries(bench) == 0
    await bench.settle()
    assert [_version(note) for note in notes(server)] == ["v1"]
    assert bench.states()["note"] == "replaced"
    assert not [one for one in storage.read_now(stuck) if call_id in one.call_ids]


@pytest.mark.parametrize("mode", list(Mode))
async def test_an_amendment_waits_for_a_note_that_is_still_on_its_way(storage: Storage, mode: Mode) -> None:
    bench = make_bench(storage, server := FaultyFhirServer(mode))
    call_id = bench.end_call(REFILL).call_id
    server.script = [Fault.UNREACHABLE] * 1_000
    await bench.settle(hours=0.02)
    assert notes(server) == []
    assert amends(bench, call_id, WORDS) == 1
    server.script = [Fault.UNREACHABLE] * 3
    await bench.settle()
    first, second = notes(server)
    assert (first["status"], second["status"]) == ("superseded", "current")
    target = {"reference": f"DocumentReference/{first['id']}"}
    assert second["relatesTo"] == [{"code": "replaces", "target": target}]
    assert set(bench.states().values()) == {"confirmed"}


@pytest.mark.parametrize("mode", [Mode.TRANSACTION, Mode.SLOPPY_TRANSACTION])
async def test_two_versions_never_go_in_one_transaction(storage: Storage, mode: Mode) -> None:
    """A server that keeps the good half of a bad one would keep a note that replaces nothing."""
    bench = make_bench(storage, server := Choosy(mode))
    call_id = bench.end_call(REFILL).call_id
    amends(bench, call_id, WORDS)
    await bench.settle()
    (note,) = notes(server)
    assert "relatesTo" not in note
    assert ALONE in text_in(note)


async def test_what_stands_is_not_superseded_by_what_the_chart_refused(storage: Storage) -> None:
    bench = make_bench(storage, server := Choosy(refused=("v1",)))
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    amends(bench, call_id, WORDS)
    await bench.settle()
    (note,) = notes(server)
    assert note["status"] == "current"


async def test_the_version_after_a_refused_one_replaces_what_does_stand_there(storage: Storage) -> None:
    bench = make_bench(storage, server := Choosy(refused=("v1",)))
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    amends(bench, call_id, WORDS)
    await bench.settle()
    assert amends(bench, call_id, "A colleague has called her back.") == 2
    await bench.settle()
    first, third = notes(server)
    assert (first["status"], third["status"]) == ("superseded", "current")
    assert third["relatesTo"][0]["target"] == {"reference": f"DocumentReference/{first['id']}"}
    assert WORDS in text_in(third), "it says what the refused version said"
    assert ALONE not in text_in(third)
    assert bench.states()["note/1"] == "replaced"


async def test_a_note_that_was_given_up_and_then_retracted_is_never_sent(storage: Storage) -> None:
    bench = make_bench(storage, server := Choosy())
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    retracts(bench, call_id)
    await bench.settle()
    server.refused = ()
    assert retries(bench) == 0
    await bench.settle()
    assert notes(server) == []
    assert bench.states()["note"] == "withdrawn"


async def test_a_note_that_was_not_tried_yet_is_retracted_before_it_leaves(storage: Storage) -> None:
    bench = make_bench(storage, server := FaultyFhirServer())
    call_id = bench.end_call(REFILL).call_id
    retracts(bench, call_id)
    await bench.settle()
    assert notes(server) == []
    assert server.all("Encounter"), "the call did take place"


async def test_a_note_that_may_be_there_is_looked_for_and_then_retracted(storage: Storage) -> None:
    bench = make_bench(storage, server := FaultyFhirServer(Mode.PLAIN))
    call_id = bench.end_call(REFILL).call_id
    server.hooks["GET", "DocumentReference"] = lambda: server.script.extend([Fault.NONE, Fault.LOST_ANSWER])
    await bench.settle(hours=0.001)
    retracts(bench, call_id)
    await bench.settle()
    assert [note["status"] for note in notes(server)] == ["entered-in-error"]


async def test_a_signature_on_a_note_that_was_given_up_follows_it_into_the_chart(storage: Storage) -> None:
    bench = make_bench(storage, server := Choosy())
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    signs(bench, call_id)
    await bench.settle()
    assert notes(server) == []
    server.refused = ()
    assert retries(bench) == 1
    await bench.settle()
    (note,) = notes(server)
    assert (note["docStatus"], note["authenticator"]) == ("final", {"display": "kim"})
    assert [part for part, _, _ in who_did(server)] == ["attester"]


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.DEATH_AFTER, Fault.AWAY, Fault.ERROR_AFTER])
async def test_an_amendment_without_a_predecessor_is_there_once_through_faults(
    storage: Storage, fault: Fault
) -> None:
    bench = make_bench(storage, server := Choosy())
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    amends(bench, call_id, WORDS)
    server.script = [Fault.NONE, fault, Fault.NONE, fault]
    await bench.settle()
    (note,) = notes(server)
    assert ALONE in text_in(note)
    assert [part for part, _, _ in who_did(server)] == ["author"]
