"""An unlinked call on the desk: what is shown, what is chosen, and what a slower colleague is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi import HTTPException
from sqlmodel import Session, select

from console.linking import NOBODY_KNOWN, NONE_FOUND, NOT_ASKED, LinkDesk
from ehr_writeback import choose, link_call, none_of_them, retry_dead, stuck, unlinked
from ehr_writeback.faulty_server import ALL_TYPES, FaultyFhirServer, Mode
from ehr_writeback.linking import check_reference
from fhir.candidates import Candidate, candidates, compared
from fhir.capability import read_capabilities
from fhir.client import FhirClient, FixedToken
from fhir.errors import Gone, Retryable
from fhir.matching import person_of
from models.crypto import KeyRing
from models.domain import CallRecord
from models.storage import Storage
from models.tables import AuditEntry, Call
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import REFILL, UNKNOWN_CALLER
from tests.ehr_writeback.test_linking import OURS, THEIRS, FarServer, far_bench, subjects

NINA = "nina"
TWIN = {**THEIRS, "name": [{"family": "Lopez", "given": ["Mario"]}]}


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = Storage.open(f"sqlite:///{tmp_path}/calls.db", KeyRing.load_or_create(tmp_path / "keys.json"))
    yield opened
    opened.close()


@dataclass
class Ehr:
    """The EHR of a bench, behind the desk's protocol."""

    bench: Bench[FarServer]
    record: CallRecord
    down: bool = False
    asked: list[str] = field(default_factory=list)

    @property
    def client(self) -> FhirClient:
        return FhirClient(self.bench.server.base_url, FixedToken("secret"), self.bench.server.client())

    def waiting(self, session: Session) -> list[Any]:
        return list(unlinked(session, self.bench.target))

    async def alike(self, patient_id: str) -> tuple[Candidate, ...]:
        self.asked.append(patient_id)
        if self.down:
            raise Retryable("search Patient")
        able = read_capabilities(await self.client.metadata())
        return await candidates(self.client, able, person_of(OURS))

    async def named(self, patient_id: str, reference: str) -> Candidate:
        check_reference(reference)
        stored = await self.client.read(reference)
        return compared(stored.resource or {}, person_of(OURS if patient_id else {}))

    def link(self, session: Session, call_id: str, reference: str, who: str, at: datetime) -> int:
        record = replace(self.record, call_id=call_id)
        return choose(session, record, reference, who, at, self.bench.target, self.bench.config)

    def leave(self, session: Session, call_id: str, who: str, at: datetime) -> None:
        none_of_them(session, call_id, who, at, self.bench.target)


async def unlinked_call(
    storage: Storage, *patients: dict[str, Any], record: CallRecord = REFILL
) -> tuple[Ehr, LinkDesk, str]:
    """A call that no chart of ``patients`` was certain for."""
    bench = far_bench(storage, FarServer(*patients))
    record = bench.end_call(record)

    def identified(session: Session) -> None:
        call = session.get_one(Call, record.call_id)
        call.patient_id = record.patient_id
        session.add(call)

    storage.write_now(identified)
    await bench.settle()
    ehr = Ehr(bench, record)
    return ehr, LinkDesk(storage, bench.clock, ZoneInfo("America/New_York"), ehr), record.call_id


def audited(storage: Storage) -> list[tuple[str, str, str]]:
    rows = storage.read_now(lambda s: list(s.exec(select(AuditEntry).order_by(AuditEntry.id)).all()))  # type: ignore[arg-type]
    return [(row.actor, row.action, row.subject) for row in rows if row.action.startswith("call ")]


async def test_the_charts_are_shown_with_what_agrees_and_no_more(storage: Storage) -> None:
    _ehr, desk, call_id = await unlinked_call(storage, THEIRS, TWIN)
    (waiting,) = await desk.calls()
    assert (waiting.call_id, waiting.known) == (call_id, True)
    assert waiting.why == "several charts have this name, date of birth and number"
    view = await desk.show(call_id)
    assert [chart.reference for chart in view.charts] == ["Patient/far-1", "Patient/far-2"]
    first, twin = view.charts
    assert (first.name, first.born, first.phone) == ("Lopez", "1981-03-05", "…0123")
    assert first.same == "family name, date of birth, telephone number"
    assert (twin.other, twin.doubt) == ("first name", "")
    assert "617555" not in repr(view)


async def test_a_stranger_who_shares_one_thing_alone_is_not_shown(storage: Storage) -> None:
    stranger = {
        "resourceType": "Patient",
        "name": [{"family": "Okafor"}],
        "birthDate": "1981-03-05",
        "telecom": [],
    }
    _ehr, desk, call_id = await unlinked_call(storage, stranger)
    view = await desk.show(call_id)
    assert (view.charts, view.remark) == ((), NONE_FOUND)


async def test_six_alike_are_five_and_those_in_use_come_first(storage: Storage) -> None:
    closed = {**THEIRS, "active": False}
    _ehr, desk, call_id = await unlinked_call(storage, closed, *[THEIRS] * 5)
    charts = (await desk.show(call_id)).charts
    assert len(charts) == 5
    assert [chart.doubt for chart in charts] == [""] * 5


async def test_the_call_is_written_into_the_chart_that_was_chosen(storage: Storage) -> None:
    ehr, desk, call_id = await unlinked_call(storage, THEIRS, TWIN)
    assert await desk.link(NINA, call_id, "Patient/far-2", sure=False) > 3
    await ehr.bench.settle()
    assert subjects(ehr.bench.server) == {"Patient/far-2"}
    assert await desk.calls() == ()
    (task,) = ehr.bench.staff_tasks(call_id)
    assert (task.state, task.summary.splitlines()[-1]) == (
        "done",
        "Linked to a chart: it is written there now.",
    )
    assert audited(storage) == [("nina", "call link", f"call/{call_id}/Patient/far-2")]


async def test_none_of_them_leaves_the_call_here_and_stuck_nowhere(storage: Storage) -> None:
    ehr, desk, call_id = await unlinked_call(storage, THEIRS, TWIN)
    await desk.leave(NINA, call_id)
    assert (await desk.calls(), storage.read_now(stuck)) == ((), [])
    now, target = ehr.bench.clock(), ehr.bench.target
    assert storage.write_now(lambda session: retry_dead(session, now, target=target)) == 0
    await ehr.bench.settle()
    assert subjects(ehr.bench.server) == set()
    assert [task.state for task in ehr.bench.staff_tasks(call_id)] == ["done"]
    assert audited(storage) == [("nina", "call leave unlinked", f"call/{call_id}")]


async def test_a_chart_that_is_found_after_all_is_linked_by_the_command(storage: Storage) -> None:
    ehr, desk, call_id = await unlinked_call(storage, THEIRS, TWIN)
    await desk.leave(NINA, call_id)
    now, target = ehr.bench.clock(), ehr.bench.target
    record = replace(ehr.record, call_id=call_id)
    count = storage.write_now(lambda s: link_call(s, record, "Patient/far-1", now, target, ehr.bench.config))
    assert count > 3
    await ehr.bench.settle()
    assert subjects(ehr.bench.server) == {"Patient/far-1"}


async def test_of_two_colleagues_one_decides(storage: Storage) -> None:
    ehr, desk, call_id = await unlinked_call(storage, THEIRS, TWIN)
    stale = StaleView(ehr, ehr.record)
    stale.seen = storage.read_now(ehr.waiting)
    others = LinkDesk(storage, ehr.bench.clock, ZoneInfo("UTC"), stale)
    await desk.link(NINA, call_id, "Patient/far-1", sure=False)
    with pytest.raises(HTTPException) as refusal:
        await others.link(NINA, call_id, "Patient/far-2", sure=False)
    assert refusal.value.status_code == 409
    with pytest.raises(HTTPException) as refusal:
        await others.leave(NINA, call_id)
    assert refusal.value.status_code == 409
    await ehr.bench.settle()
    assert subjects(ehr.bench.server) == {"Patient/far-1"}
    assert len(audited(storage)) == 1


class StaleView(Ehr):
    """A page that was opened before a colleague decided."""

    seen: list[Any]

    def __init__(self, ehr: Ehr, record: CallRecord) -> None:
        super().__init__(ehr.bench, record)
        self.seen = []

    def waiting(self, session: Session) -> list[Any]:
        return self.seen


@pytest.mark.parametrize(
    "theirs", [{**THEIRS, "birthDate": "1981-03-06"}, {**THEIRS, "active": False}], ids=["born", "inactive"]
)
async def test_a_chart_in_doubt_wants_a_person_who_is_sure(storage: Storage, theirs: dict[str, Any]) -> None:
    ehr, desk, call_id = await unlinked_call(storage, theirs)
    with pytest.raises(HTTPException) as refusal:
        await desk.link(NINA, call_id, "Patient/far-1", sure=False)
    assert refusal.value.status_code == 409
    assert audited(storage) == []
    await desk.link(NINA, call_id, "Patient/far-1", sure=True)
    await ehr.bench.settle()
    assert subjects(ehr.bench.server) == {"Patient/far-1"}


@pytest.mark.parametrize("reference", ["far-1", "Group/1", "Patient/far-1/../2", "Patient/not-there", ""])
async def test_what_is_no_chart_is_refused(storage: Storage, reference: str) -> None:
    _ehr, desk, call_id = await unlinked_call(storage, THEIRS, TWIN)
    with pytest.raises(HTTPException) as refusal:
        await desk.link(NINA, call_id, reference, sure=True)
    assert refusal.value.status_code == 422
    assert len(await desk.calls()) == 1


async def test_a_caller_whom_nobody_knew_is_linked_by_a_chart_s_id(storage: Storage) -> None:
    ehr, desk, call_id = await unlinked_call(storage, THEIRS, record=UNKNOWN_CALLER)
    view = await desk.show(call_id)
    assert (view.call.known, view.remark, ehr.asked) == (False, NOBODY_KNOWN, [])
    await desk.link(NINA, call_id, "Patient/far-1", sure=False)
    await ehr.bench.settle()
    assert subjects(ehr.bench.server) == {"Patient/far-1"}


async def test_a_caller_whom_nobody_knew_may_be_left(storage: Storage) -> None:
    _ehr, desk, call_id = await unlinked_call(storage, THEIRS, record=UNKNOWN_CALLER)
    await desk.leave(NINA, call_id)
    assert await desk.calls() == ()


async def test_a_server_that_is_down_is_said_and_the_call_keeps_waiting(storage: Storage) -> None:
    ehr, desk, call_id = await unlinked_call(storage, THEIRS, TWIN)
    ehr.down = True
    view = await desk.show(call_id)
    assert (view.charts, view.remark) == ((), NOT_ASKED)


async def test_with_our_own_chart_no_call_waits(storage: Storage) -> None:
    desk = LinkDesk(storage, make_bench(storage, FaultyFhirServer()).clock, ZoneInfo("UTC"), None)
    assert await desk.calls() == ()
    with pytest.raises(HTTPException) as refusal:
        await desk.show("CA-1")
    assert refusal.value.status_code == 404


async def test_a_name_alone_is_never_searched_for() -> None:
    server = FaultyFhirServer(Mode.PLAIN, types=ALL_TYPES)
    seen: list[str] = []
    server._search = lambda kind, query: seen.append(query) or []  # type: ignore[func-returns-value,method-assign]
    async with server.client() as http:
        client = FhirClient(server.base_url, FixedToken("secret"), http)
        able = read_capabilities(await client.metadata())
        nobody = person_of({**OURS, "birthDate": "", "telecom": []})
        assert await candidates(client, able, nobody) == ()
        assert seen == []
        await candidates(client, able, person_of(OURS))
        with pytest.raises(Gone):
            await client.read("Patient/none")
    assert all("birthdate=" in query or "phone=" in query for query in seen)
