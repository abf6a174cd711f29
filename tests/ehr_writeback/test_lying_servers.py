"""Servers that say yes and mean no, answer something else, or never end: each has a name, nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import orjson
import pytest

from ehr_writeback.faulty_server import ALL_TYPES, FaultyFhirServer, Mode, outcome
from fhir import answers
from models.storage import Storage
from tests.ehr_writeback.conftest import Bench, make_bench
from tests.ehr_writeback.records import REFILL
from tests.ehr_writeback.test_linking import THEIRS, FarServer, far_bench, subjects

Json = dict[str, Any]
Lie = Callable[[httpx.Request, httpx.Response], httpx.Response]


class LyingServer(FaultyFhirServer):
    """Tells a lie in place of its answers to one kind of request; ``works`` says whether it did the work."""

    def __init__(
        self, lie: Lie, *, about: str = "POST DocumentReference", works: bool = False, times: int = 999
    ):
        super().__init__(Mode.CONDITIONAL, types=ALL_TYPES)
        self.lie, self.about, self.works, self.times = lie, about, works, times

    def handle(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/fhir").strip("/")
        if f"{request.method} {path}" != self.about or self.times == 0:
            return super().handle(request)
        self.times -= 1
        return self.lie(request, super().handle(request) if self.works else httpx.Response(500))


def says(status: int, document: object = None, **headers: str) -> Lie:
    content = document if isinstance(document, bytes) else orjson.dumps(document)
    return lambda _request, _answer: httpx.Response(status, content=content, headers=headers)


def lost(request: httpx.Request, _answer: httpx.Response) -> httpx.Response:
    raise httpx.ReadTimeout("lost", request=request)


def endless(_request: httpx.Request, _answer: httpx.Response) -> httpx.Response:
    async def body() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 65_536

    return httpx.Response(201, content=body())


async def lied_to(storage: Storage, server: LyingServer) -> tuple[Bench[LyingServer], str]:
    """Some rounds, and then two days later: what is repeated for 48 hours need not be repeated here."""
    bench = make_bench(storage, server)
    record = bench.end_call(REFILL)
    await bench.settle(hours=0.02)
    if bench.open_rows():
        bench.clock.forward(49 * 3_600)
        await bench.settle()
    return bench, record.call_id


HTML = b"<!doctype html><title>Sign in</title>"
NOTE = {"resourceType": "DocumentReference", "id": "d-1"}
REFUSING: dict[str, tuple[Lie, str]] = {
    "200 with an OperationOutcome": (says(200, outcome("processing")), "fhir-refused-despite-success"),
    "201 with an OperationOutcome": (says(201, outcome("invalid")), "fhir-refused-despite-success"),
    "a login page": (says(200, HTML, **{"Content-Type": "text/html"}), "fhir-not-fhir"),
    "JSON that is no resource": (says(200, ["yes"]), "fhir-not-fhir"),
    "an endless body": (endless, "fhir-answer-too-large"),
    "another type": (says(201, {"resourceType": "Patient", "id": "p9"}), "fhir-unverifiable"),
    "the place of another type": (says(201, NOTE, Location="Task/9/_history/1"), "fhir-unverifiable"),
    "two ids at once": (says(201, NOTE, Location="DocumentReference/d-2"), "fhir-unverifiable"),
    "somewhere else": (says(307, None, Location="http://elsewhere.test/fhir"), "fhir-redirected"),
}


@pytest.mark.parametrize("name", REFUSING)
async def test_a_note_that_is_not_there_is_never_called_written(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(answers, "MAX_ANSWER_BYTES", 500_000)
    lie, code = REFUSING[name]
    bench, call_id = await lied_to(storage, LyingServer(lie))
    assert bench.server.all("DocumentReference") == []
    assert bench.states() == {"device": "confirmed", "enc": "confirmed", "note": "dead", "prov": "confirmed"}
    (task,) = bench.staff_tasks(call_id)
    assert (task.kind, task.state) == ("writeback-dead-letter", "open")
    assert f"note: {code}: create DocumentReference" in task.summary or code == "fhir-unverifiable"
    assert code in task.summary


@pytest.mark.parametrize("name", REFUSING)
async def test_a_note_that_was_stored_behind_the_lie_is_found_and_not_made_twice(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(answers, "MAX_ANSWER_BYTES", 500_000)
    bench, call_id = await lied_to(storage, LyingServer(REFUSING[name][0], works=True))
    assert len(bench.server.all("DocumentReference")) == 1
    assert set(bench.states().values()) == {"confirmed"}
    assert bench.staff_tasks(call_id) == []


async def test_a_login_page_that_goes_away_costs_nothing(storage: Storage) -> None:
    bench, call_id = await lied_to(storage, LyingServer(says(200, HTML), times=3))
    assert len(bench.server.all("DocumentReference")) == 1
    assert bench.staff_tasks(call_id) == []


@pytest.mark.parametrize("lie", [says(200, outcome("timeout")), says(200, HTML), says(200, NOTE)])
async def test_a_search_that_answers_nonsense_is_not_taken_for_nothing_found(
    storage: Storage, lie: Lie
) -> None:
    """It would be the licence to send the note a second time."""
    server = LyingServer(lie, about="GET DocumentReference", times=4)
    first = LyingServer(lost, works=True, times=1)

    def handle(request: httpx.Request) -> httpx.Response:
        return first.handle(request) if first.times and request.method == "POST" else server.handle(request)

    first.stored = server.stored
    both = FaultyFhirServer(Mode.CONDITIONAL, types=ALL_TYPES)
    both.handle = handle  # type: ignore[method-assign]
    bench = make_bench(storage, both)
    bench.end_call(REFILL)
    await bench.settle()
    assert server.times == 0
    assert len(server.all("DocumentReference")) == 1
    assert set(bench.states().values()) == {"confirmed"}


@pytest.mark.parametrize(
    "lie",
    [
        says(200, outcome("processing")),
        says(200, {"resourceType": "Bundle"}),
        says(200, NOTE),
        says(201, HTML),
    ],
)
async def test_a_transaction_answered_with_nonsense_is_sent_one_by_one(storage: Storage, lie: Lie) -> None:
    server = LyingServer(lie, about="POST ")
    server.mode = Mode.TRANSACTION
    bench, call_id = await lied_to(storage, server)
    assert set(bench.states().values()) == {"confirmed"}
    assert len(server.all("DocumentReference")) == 1
    assert bench.staff_tasks(call_id) == []


async def test_a_token_never_follows_a_redirect(storage: Storage) -> None:
    hosts: set[str] = set()

    def lie(request: httpx.Request, _answer: httpx.Response) -> httpx.Response:
        hosts.add(request.url.host)
        return httpx.Response(302, headers={"Location": "http://elsewhere.test/steal"})

    bench, _ = await lied_to(storage, LyingServer(lie, times=2))
    assert hosts == {"faulty.test"}
    assert bench.states()["note"] == "confirmed"


async def test_a_statement_that_is_a_web_page_holds_the_call_back_and_loses_nothing(storage: Storage) -> None:
    bench, call_id = await lied_to(storage, LyingServer(says(200, HTML), about="GET metadata", times=3))
    assert set(bench.states().values()) == {"confirmed"}
    assert bench.staff_tasks(call_id) == []


class MergingServer(FarServer):
    """Its first chart was merged away: whatever is written into it is refused as gone."""

    def _create(self, body: Json, condition: str) -> tuple[int, Json]:
        if "Patient/far-1" in orjson.dumps(body).decode():
            self.stored["Patient"] = [
                one for one in self.all("Patient") if self.keeps or one["id"] != "far-1"
            ]
            return 410, outcome("deleted")
        return super()._create(body, condition)

    keeps = False


async def test_a_patient_who_is_gone_there_is_looked_for_again(storage: Storage) -> None:
    merged = {**THEIRS, "link": [{"type": "replaced-by", "other": {"reference": "Patient/far-1"}}]}
    server = MergingServer(THEIRS, merged)
    bench = far_bench(storage, server)
    record = bench.end_call(REFILL)
    await bench.dispatcher().drain_once()
    server.stored["Patient"] = [{**THEIRS, "id": "far-9"}]
    await bench.settle()
    assert subjects(server) == {"Patient/far-9"}
    assert {bench.states()[key] for key in ("enc", "note", "prov")} == {"confirmed"}
    assert bench.staff_tasks(record.call_id) == []


async def test_a_patient_who_is_gone_and_not_found_again_is_a_persons_work(storage: Storage) -> None:
    server = MergingServer(THEIRS)
    server.keeps = True  # the search goes on naming a chart that takes nothing
    bench = far_bench(storage, server)
    record = bench.end_call(REFILL)
    await bench.settle()
    assert subjects(server) == set()
    assert bench.states()["patient"] == "held"
    assert "refused as gone" in bench.staff_tasks(record.call_id)[0].summary
