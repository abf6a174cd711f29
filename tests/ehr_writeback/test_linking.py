"""Whose chart it is on a server with ids of its own: one certain answer, or a person finds it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from agent import settings, writeback_commands
from agent.preparing import keyring_of
from ehr_writeback import (
    BadReference,
    Dispatcher,
    DispatcherConfig,
    enqueue,
    link_call,
    writeback_status,
)
from ehr_writeback.faulty_server import ALL_TYPES, Fault, FaultyFhirServer, Mode
from fhir.client import FhirClient, FixedToken
from fhir.matching import GRADE
from models.calls import close_call, open_call
from models.domain import CallRecord
from models.storage import Storage
from models.stored import CallEnding
from models.tables import OutboxRow
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import RED_FLAG, REFILL, UNKNOWN_CALLER

Json = dict[str, Any]
OURS: Json = {
    "resourceType": "Patient",
    "name": [{"family": "Peña-Lopez", "given": ["Maria"]}],
    "birthDate": "1981-03-05",
    "telecom": [{"system": "phone", "value": "+1 617-555-0123"}],
}
THEIRS: Json = {
    **OURS,
    "name": [{"family": "Lopez"}],
    "telecom": [{"system": "phone", "value": "6175550123"}],
}


class FarServer(FaultyFhirServer):
    """Its patients have ids of its own; ``graded`` is what ``$match`` says of them, None: there is none."""

    def __init__(self, *patients: Json, graded: list[str] | None = None, script: list[Fault] | None = None):
        super().__init__(Mode.TRANSACTION, script or [], types=ALL_TYPES)
        self.stored["Patient"] = [{**one, "id": f"far-{n}"} for n, one in enumerate(patients, start=1)]
        self.graded = graded

    def _capabilities(self) -> Json:
        statement = super()._capabilities()
        for one in statement["rest"][0]["resource"]:
            if one["type"] == "Patient" and self.graded is not None:
                one["operation"] = [{"name": "match"}]
        return statement

    def _search(self, kind: str, query: str) -> list[Json]:
        return self.all(kind) if kind == "Patient" else super()._search(kind, query)

    def _create(self, body: Json, condition: str) -> tuple[int, Json]:
        if body["resourceType"] != "Parameters":
            return super()._create(body, condition)
        entries = [
            {"resource": one, "search": {"extension": [{"url": GRADE, "valueCode": grade}]}}
            for one, grade in zip(self.all("Patient"), self.graded or [], strict=True)
        ]
        return 200, {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def far_bench(storage: Storage, server: FarServer, *, ours: Json | None = OURS) -> Bench[FarServer]:
    bench = make_bench(storage, server)

    async def patients(reference: str) -> Json | None:
        assert reference == "Patient/p1"
        return ours

    def dispatcher() -> Dispatcher:
        client = FhirClient(server.base_url, FixedToken("secret"), server.client(), now=bench.clock)
        config = DispatcherConfig(target=bench.target)
        return Dispatcher(storage, client, bench.clock, config=config, random=lambda: 0.5, patients=patients)

    bench.dispatcher = dispatcher  # type: ignore[method-assign]
    return bench


def subjects(server: FaultyFhirServer) -> set[str]:
    kinds = ("Encounter", "DocumentReference", "Communication")
    return {one["subject"]["reference"] for kind in kinds for one in server.all(kind)}


async def test_the_one_chart_with_name_birth_date_and_number_is_written_into(storage: Storage) -> None:
    other = {**THEIRS, "birthDate": "1981-03-06"}
    bench = far_bench(storage, FarServer(other, THEIRS))
    bench.end_call(RED_FLAG)
    await bench.settle()
    assert subjects(bench.server) == {"Patient/far-2"}
    assert bench.server.all("Task")[0]["for"] == {"reference": "Patient/far-2"}
    assert bench.states().pop("patient") == "linked"


async def test_a_chart_that_match_is_certain_of_is_written_into(storage: Storage) -> None:
    bench = far_bench(storage, FarServer(THEIRS, OURS, graded=["probable", "certain"]))
    bench.end_call(REFILL)
    await bench.settle()
    assert subjects(bench.server) == {"Patient/far-2"}


NOBODY: dict[str, FarServer] = {
    "nobody": FarServer(),
    "another birth date": FarServer({**THEIRS, "birthDate": "1981-03-06"}),
    "another number": FarServer({**THEIRS, "telecom": [{"system": "phone", "value": "6175550199"}]}),
    "another family": FarServer({**THEIRS, "name": [{"family": "Lopezano"}]}),
    "no number": FarServer({**THEIRS, "telecom": []}),
    "two alike": FarServer(THEIRS, THEIRS),
    "inactive": FarServer({**THEIRS, "active": False}),
    "merged": FarServer({**THEIRS, "link": [{"type": "replaced-by", "other": {"reference": "Patient/9"}}]}),
    "two certain": FarServer(THEIRS, THEIRS, graded=["certain", "certain"]),
    "certain of somebody else": FarServer({**OURS, "birthDate": "1950-01-01"}, graded=["certain"]),
    "probable of another": FarServer({**THEIRS, "birthDate": "1981-05-03"}, graded=["probable"]),
}


@pytest.mark.parametrize("name", NOBODY)
async def test_without_one_certain_chart_nothing_is_written_and_a_person_is_asked(
    storage: Storage, name: str
) -> None:
    bench = far_bench(storage, NOBODY[name])
    record = bench.end_call(REFILL)
    await bench.settle()
    assert {kind: found for kind, found in bench.server.stored.items() if kind != "Patient"} == {}
    (task,) = bench.staff_tasks(record.call_id)
    assert (task.priority, task.state) == ("urgent", "open")
    assert "link the call" in task.summary
    assert set(bench.states().values()) == {"held", "unlinked"}


async def test_our_own_record_without_a_birth_date_is_a_persons_work(storage: Storage) -> None:
    ours = {name: value for name, value in OURS.items() if name != "birthDate"}
    bench = far_bench(storage, FarServer(THEIRS), ours=ours)
    record = bench.end_call(REFILL)
    await bench.settle()
    assert "no whole date of birth" in bench.staff_tasks(record.call_id)[0].summary
    gone = far_bench(storage, FarServer(THEIRS), ours=None)
    record = gone.end_call(REFILL)
    await gone.settle()
    assert "our own record of this patient is gone" in gone.staff_tasks(record.call_id)[0].summary


def linked(storage: Storage, bench: Bench[FarServer], record: CallRecord, reference: str) -> int:
    def work(session: Session) -> int:
        return link_call(session, record, reference, bench.clock(), bench.target, bench.config)

    return storage.write_now(work)


@pytest.mark.parametrize("call", [REFILL, UNKNOWN_CALLER], ids=["not found there", "not known here"])
async def test_a_person_links_the_call_and_it_is_written(storage: Storage, call: CallRecord) -> None:
    bench = far_bench(storage, FarServer())
    record = bench.end_call(call)
    await bench.settle()
    assert linked(storage, bench, record, "Patient/far-7") >= 4
    await bench.settle()
    assert subjects(bench.server) == {"Patient/far-7"}
    assert bench.states()["note"] == "confirmed"
    assert bench.states()["patient"] == "linked"


async def test_a_call_is_linked_to_a_patient_only(storage: Storage) -> None:
    bench = far_bench(storage, FarServer())
    record = bench.end_call(REFILL)
    for wrong in ("far-7", "Practitioner/7", "Patient/", "Patient/7/_history/1"):
        with pytest.raises(BadReference):
            linked(storage, bench, record, wrong)


async def test_a_search_that_fails_is_repeated_and_nothing_is_written_meanwhile(storage: Storage) -> None:
    bench = far_bench(storage, FarServer(THEIRS, script=[Fault.NONE, Fault.AWAY, Fault.LOST_ANSWER]))
    bench.end_call(REFILL)
    await bench.dispatcher().drain_once()
    assert set(bench.states().values()) == {"pending"}
    await bench.settle()
    assert subjects(bench.server) == {"Patient/far-1"}


async def test_a_held_call_counts_as_one(storage: Storage) -> None:
    before = storage.read_now(writeback_status)
    bench = far_bench(storage, FarServer())
    bench.end_call(REFILL)
    await bench.settle()
    after = storage.read_now(writeback_status)
    assert (after.held - before.held, after.pending) == (1, before.pending)


def test_the_command_links_a_call_of_an_unknown_caller(tmp_path: Path) -> None:
    here = {"FIRSTRING_DATA_DIR": str(tmp_path / "data")}
    run = CliRunner()
    run.invoke(writeback_commands.app, ["status"], env=here)
    chosen = replace(settings.Settings(), data_dir=tmp_path / "data")
    storage = Storage.open(chosen.database, keyring_of(chosen))

    def end(session: Session) -> None:
        call = UNKNOWN_CALLER
        open_call(session, call.call_id, caller_number="", called_number="", at=call.started)
        close_call(session, call.call_id, call.ended, CallEnding(call.disposition, identity=call.identity))
        enqueue(session, call)

    storage.write_now(end)
    linked = ["link", UNKNOWN_CALLER.call_id, "Patient/far-1"]
    wrong = run.invoke(writeback_commands.app, [*linked[:2], "far-1"], env=here)
    assert isinstance(wrong.exception, BadReference)
    done = run.invoke(writeback_commands.app, [*linked, "--json"], env=here)
    assert json.loads(done.stdout) == {"linked": UNKNOWN_CALLER.call_id, "resources": 4}
    rows = storage.read_now(lambda session: list(session.exec(select(OutboxRow)).all()))
    about = {row.payload["kind"]: row.payload["resource"].get("subject") for row in rows}
    assert about["note"] == {"reference": "Patient/far-1"}
    storage.close()
