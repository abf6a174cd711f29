"""Staff sign, amend and retract a note: once, in order, whatever fails on the way to the chart."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from ehr_writeback.faulty_server import Fault, FaultyFhirServer, Mode
from ehr_writeback.revisions import NoNote, NothingToAmend, amend_note, retract_note, sign_note
from models.corrections import WORDS
from models.storage import Storage
from models.tables import Correction
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import ENDED, REFILL, UNKNOWN_CALLER

AT = ENDED + timedelta(hours=2)


def signs(bench: Bench[Any], call_id: str, who: str = "kim") -> bool:
    target = bench.target
    return bench.storage.write_now(lambda session: sign_note(session, call_id, who, AT, target))


def amends(bench: Bench[Any], call_id: str, words: str, who: str = "kim") -> int:
    target = bench.target
    return bench.storage.write_now(lambda session: amend_note(session, call_id, who, AT, words, target))


def retracts(bench: Bench[Any], call_id: str, why: str = "another patient's call") -> None:
    target = bench.target
    bench.storage.write_now(lambda session: retract_note(session, call_id, "lee", AT, why, target))


def notes(server: FaultyFhirServer) -> list[dict[str, Any]]:
    return server.all("DocumentReference")


def text(note: dict[str, Any]) -> str:
    return base64.b64decode(note["content"][0]["attachment"]["data"]).decode()


def who_did(server: FaultyFhirServer) -> list[tuple[str, str, str]]:
    """Part, person and target of every Provenance that names a person."""
    found = []
    for provenance in server.all("Provenance")[1:]:
        (agent,) = provenance["agent"]
        part, target = agent["type"]["coding"][0]["code"], provenance["target"][0]["reference"]
        found.append((part, agent["who"]["display"], target))
    return found


async def test_who_signs_while_the_note_is_on_its_way_waits_for_no_lease(storage: Storage) -> None:
    """What is promised in the middle of a delivery is nobody's once that is over: the next look takes it."""
    bench = make_bench(storage, server := FaultyFhirServer())
    call_id = bench.end_call(REFILL).call_id
    server.hooks["POST", "Device"] = lambda: bench.storage.write_now(
        lambda session: sign_note(session, call_id, "kim", bench.clock(), bench.target)
    )
    dispatcher = bench.dispatcher()
    await dispatcher.drain_once()
    bench.clock.forward(2)
    await dispatcher.drain_once()
    assert set(bench.states().values()) == {"confirmed"}
    assert notes(server)[-1]["docStatus"] == "final"


async def test_a_signature_makes_the_note_final_and_says_who_and_when(storage: Storage) -> None:
    bench = make_bench(storage, server := FaultyFhirServer())
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    assert signs(bench, call_id)
    assert not signs(bench, call_id, "lee"), "it is signed already"
    await bench.settle()
    (note,) = notes(server)
    assert (note["docStatus"], note["authenticator"]) == ("final", {"display": "kim"})
    assert who_did(server) == [("attester", "kim", f"DocumentReference/{note['id']}")]
    assert server.all("Provenance")[1]["recorded"] == "2026-11-22T16:05:42Z"


async def test_signed_before_it_was_sent_it_is_sent_first(storage: Storage) -> None:
    bench = make_bench(storage, server := FaultyFhirServer())
    assert signs(bench, bench.end_call(REFILL).call_id)
    await bench.settle(hours=3)
    (note,) = notes(server)
    assert note["docStatus"] == "final"


async def test_an_amended_note_replaces_the_one_before_which_stays(storage: Storage) -> None:
    bench = make_bench(storage, server := FaultyFhirServer())
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    assert amends(bench, call_id, "She asked for the 20 mg tablets.") == 1
    assert amends(bench, call_id, "She asked for the 20 mg tablets.") == 1, "the same words again"
    await bench.settle()
    first, second = notes(server)
    assert (first["status"], second["status"], second["docStatus"]) == (
        "superseded",
        "current",
        "preliminary",
    )
    (relation,) = second["relatesTo"]
    assert relation == {
        "code": "replaces",
        "target": {"reference": f"DocumentReference/{first['id']}"},
    }
    assert text(first) == text(notes(server)[0])
    head, rest = text(second).split("Call: ", 1)
    assert head == (
        "TELEPHONE ENCOUNTER - AI ASSISTED, AMENDED BY STAFF\n"
        "Amended by kim, 2026-11-22T16:05:42Z\n- She asked for the 20 mg tablets.\n"
    )
    assert rest == text(first).split("Call: ", 1)[1]
    assert first["identifier"] != second["identifier"]
    assert who_did(server) == [("author", "kim", f"DocumentReference/{second['id']}")]


async def test_an_amendment_of_a_signed_note_says_so_and_is_signed_anew(storage: Storage) -> None:
    bench = make_bench(storage, server := FaultyFhirServer())
    call_id = bench.end_call(REFILL).call_id
    assert signs(bench, call_id)
    assert amends(bench, call_id, "A colleague has called her back.") == 1
    await bench.settle()
    assert [note["docStatus"] for note in notes(server)] == ["final", "amended"]
    assert signs(bench, call_id, "lee")
    await bench.settle()
    assert [note["docStatus"] for note in notes(server)] == ["final", "final"]
    assert [part for part, _, _ in who_did(server)] == ["attester", "author", "attester"]


async def test_corrected_words_flow_into_the_next_version(storage: Storage) -> None:
    bench = make_bench(storage, server := FaultyFhirServer())
    call_id = bench.end_call(REFILL).call_id

    def correct(session: Session) -> None:
        row = Correction(call_id=call_id, turn_number=1, field=WORDS, who="kim", at=bench.clock())
        row.before, row.after = "I need my lisinopril", "I need my losartan"
        session.add(row)

    storage.write_now(correct)
    assert amends(bench, call_id, "") == 1
    await bench.settle()
    line = '- Caller said "I need my losartan", not "I need my lisinopril" [t1], corrected by kim'
    assert line in text(notes(server)[1]).splitlines()


async def test_a_retracted_note_is_entered_in_error_and_nothing_follows(storage: Storage) -> None:
    bench = make_bench(storage, server := FaultyFhirServer())
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    retracts(bench, call_id)
    await bench.settle()
    (note,) = notes(server)
    assert (note["status"], note["docStatus"]) == ("entered-in-error", "entered-in-error")
    assert server.all("Provenance")[1]["reason"] == [{"text": "another patient's call"}]
    with pytest.raises(NoNote):
        retracts(bench, call_id)
    with pytest.raises(NoNote):
        signs(bench, call_id)


def test_what_is_not_in_a_chart_cannot_be_signed_and_nothing_is_no_amendment(storage: Storage) -> None:
    bench = make_bench(storage, FaultyFhirServer())
    with pytest.raises(NoNote):
        signs(bench, bench.end_call(UNKNOWN_CALLER).call_id)
    with pytest.raises(NothingToAmend):
        amends(bench, bench.end_call(REFILL).call_id, "  ")


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "fault",
    [
        Fault.LOST_ANSWER,
        Fault.LOST_REQUEST,
        Fault.DEATH_AFTER,
        Fault.DEATH_BEFORE,
        Fault.AWAY,
    ],
)
async def test_deeds_reach_the_chart_once_through_faults(storage: Storage, mode: Mode, fault: Fault) -> None:
    bench = make_bench(storage, server := FaultyFhirServer(mode))
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    signs(bench, call_id)
    amends(bench, call_id, "She asked for the 20 mg tablets.")
    server.script = [Fault.NONE, fault, Fault.NONE, fault, Fault.NONE, Fault.NONE, fault]
    await bench.settle()
    assert set(bench.states().values()) == {"confirmed"}
    assert [(note["status"], note["docStatus"]) for note in notes(server)] == [
        ("superseded", "final"),
        ("current", "amended"),
    ]
    assert [part for part, _, _ in who_did(server)] == ["attester", "author"]


async def test_a_note_that_somebody_else_changed_meanwhile_is_read_again_and_keeps_their_change(
    storage: Storage,
) -> None:
    bench = make_bench(storage, server := FaultyFhirServer())
    call_id = bench.end_call(REFILL).call_id
    await bench.settle()
    (note,) = notes(server)
    theirs = {"description": "filed by lee", "meta": {**note["meta"], "versionId": "7"}}
    server.hooks["PUT", f"DocumentReference/{note['id']}"] = lambda: note.update(theirs)
    signs(bench, call_id)
    await bench.settle()
    (note,) = notes(server)
    assert (note["docStatus"], note["description"]) == ("final", "filed by lee")
