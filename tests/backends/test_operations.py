"""Scheduling over HTTP, as another program does it: $find, $hold, $book, on the telephone's own cells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fhir.resources.R4B import get_fhir_model_class

from backends.embedded import EmbeddedBackends
from backends.fhir_routes import build_router
from models.domain import (
    BookOpening,
    FindOpenings,
    HoldOpening,
    IdentityLevel,
    OpeningGone,
    OpeningHeld,
    VisitBooked,
)
from tests.backends.conftest import TOKEN, TestClock

Json = dict[str, Any]
MARIA, JAMES = "pt-1001", "pt-1002"
TUESDAY = ("2026-12-01", "2026-12-01")


@pytest.fixture
async def http(backends: EmbeddedBackends) -> AsyncIterator[httpx.AsyncClient]:
    """The demo practice's chart over HTTP, in-process."""
    app = FastAPI()
    app.include_router(build_router(backends.chart, TOKEN, backends.operations))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/fhir+json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://chart/fhir", headers=headers) as made:
        yield made


def parameters(*pairs: tuple[str, Any]) -> Json:
    """A Parameters resource; a text is a valueString, a dict what it says it is."""
    parts = [
        {"name": name, **(value if isinstance(value, dict) else {"valueString": value})}
        for name, value in pairs
    ]
    document = {"resourceType": "Parameters", "parameter": parts}
    get_fhir_model_class("Parameters").model_validate(document)
    return document


def ref(reference: str) -> Json:
    return {"valueReference": {"reference": reference}}


async def post(http: httpx.AsyncClient, name: str, *pairs: tuple[str, Any]) -> httpx.Response:
    return await http.post(f"Appointment/${name}", json=parameters(*pairs))


async def find(http: httpx.AsyncClient, *more: tuple[str, Any], kind: str = "follow-up") -> list[Json]:
    """The proposed Appointments of that Tuesday."""
    days = (("start", TUESDAY[0]), ("end", TUESDAY[1]))
    answer = await post(http, "find", *days, ("service-type", f"urn:firstring|{kind}"), *more)
    assert answer.status_code == 200
    bundle = answer.json()
    get_fhir_model_class("Bundle").model_validate(bundle)
    assert bundle["type"] == "searchset"
    return [entry["resource"] for entry in bundle.get("entry", []) if entry["search"]["mode"] == "match"]


async def held(http: httpx.AsyncClient, appointment_id: str, *more: tuple[str, Any]) -> httpx.Response:
    return await post(http, "hold", ("appointment-reference", ref(f"Appointment/{appointment_id}")), *more)


async def booked(
    http: httpx.AsyncClient, appointment_id: str, patient: str = MARIA, *more: tuple[str, Any]
) -> httpx.Response:
    about = ("appointment-reference", ref(f"Appointment/{appointment_id}"))
    return await post(http, "book", about, ("patient-reference", ref(f"Patient/{patient}")), *more)


def appointment(answer: httpx.Response) -> Json:
    """The one Appointment of a $book's Bundle."""
    assert answer.status_code == 200, answer.text
    bundle = answer.json()
    get_fhir_model_class("Bundle").model_validate(bundle)
    (entry,) = bundle["entry"]
    get_fhir_model_class("Appointment").model_validate(entry["resource"])
    found: Json = entry["resource"]
    return found


def refusal(answer: httpx.Response, status: int, severity: str = "error") -> str:
    assert answer.status_code == status, answer.text
    get_fhir_model_class("OperationOutcome").model_validate(answer.json())
    issue = answer.json()["issue"][0]
    assert issue["severity"] == severity
    return str(issue["code"])


async def starts(backends: EmbeddedBackends, patient: str) -> list[datetime]:
    view = await backends.directory.view(patient, IdentityLevel.L1)
    return [visit.start for visit in view.visits]


# --------------------------------------------------------------------------- $find


async def test_what_is_free_is_proposed(http: httpx.AsyncClient) -> None:
    found = await find(http)
    first = found[0]
    get_fhir_model_class("Appointment").model_validate(first)
    assert (first["status"], first["start"], first["minutesDuration"]) == (
        "proposed", "2026-12-01T08:00:00-05:00", 20,
    )  # fmt: skip
    actors = {part["actor"]["reference"] for part in first["participant"]}
    assert actors == {"Practitioner/dr-chen", "Location/main-office"}
    assert [one["start"] for one in found] == sorted(one["start"] for one in found)
    assert (await http.get(f"Appointment/{first['id']}")).status_code == 404  # computed, never stored


async def test_find_keeps_provider_place_time_and_count(http: httpx.AsyncClient) -> None:
    chen = await find(http, ("practitioner", ref("Practitioner/dr-chen")))
    assert {part["actor"]["reference"] for one in chen for part in one["participant"]} == {
        "Practitioner/dr-chen", "Location/main-office",
    }  # fmt: skip
    assert await find(http, ("practitioner", ref("Practitioner/nobody"))) == []
    assert await find(http, ("location-reference", ref("Location/elsewhere"))) == []
    assert await find(http, ("location-reference", ref("http://chart/fhir/Location/main-office"))) != []
    answer = await post(
        http, "find", ("start", "2026-12-01T14:00:00-05:00"), ("end", "2026-12-01T15:00:00-05:00"),
        ("service-type", "annual-physical"), ("_count", {"valueInteger": 1}),
    )  # fmt: skip
    bundle = answer.json()
    assert bundle["total"] == 4  # two providers, at 14:00 and 14:20; all of it within the hour
    (entry,) = bundle["entry"]
    assert entry["resource"]["end"] <= "2026-12-01T15:00:00-05:00"


async def test_find_by_get(http: httpx.AsyncClient) -> None:
    query = {
        "start": "2026-12-01",
        "end": "2026-12-01",
        "practitioner": "Practitioner/dr-chen",
        "_count": "2",
    }
    answer = await http.get("Appointment/$find", params=query)
    assert [entry["resource"]["status"] for entry in answer.json()["entry"]] == ["proposed"] * 2


async def test_nothing_in_the_past_or_beyond_the_horizon(http: httpx.AsyncClient) -> None:
    for start, end in (
        ("2020-01-01", "2020-01-31"),
        ("2028-01-01", "2028-01-31"),
        ("2026-12-02", "2026-12-01"),
    ):
        answer = await post(http, "find", ("start", start), ("end", end))
        assert (answer.status_code, answer.json()["total"]) == (200, 0)
        assert "entry" not in answer.json()


async def test_what_changed_nothing_is_told(http: httpx.AsyncClient) -> None:
    answer = await post(
        http, "find", ("start", "2026-12-01"), ("end", "2026-12-01"), ("specialty", "x|394802001")
    )
    told = answer.json()["entry"][-1]
    assert told["search"]["mode"] == "outcome"
    assert "specialty" in told["resource"]["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([], "required"),
        ([("start", "2026-12-01")], "required"),
        ([("start", "soon"), ("end", "2026-12-01")], "value"),
        ([("start", "2026-12-01"), ("end", "2026-12-01"), ("service-type", "surgery")], "code-invalid"),
        ([("start", "2026-12-01"), ("end", "2026-12-01"), ("_count", "many")], "value"),
        ([("start", "2026-12-01"), ("end", "2026-12-01"), ("practitioner", ref("Patient/1"))], "value"),
        ([("start", "2026-12-01"), ("end", "2026-12-01"), ("colour", "red")], "not-supported"),
    ],
)
async def test_a_malformed_question_is_named(http: httpx.AsyncClient, pairs: list[Any], code: str) -> None:
    assert refusal(await post(http, "find", *pairs), 400) == code


@pytest.mark.parametrize("name", ["find", "hold", "book"])
@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b"{", b'{"resourceType":"Parameters","parameter":[{"value":1}]}',
             b'{"resourceType":"Parameters","parameter":"x"}', b'{"resourceType":"Patient"}'],
)  # fmt: skip
async def test_bad_bodies_are_refused(http: httpx.AsyncClient, name: str, body: bytes) -> None:
    refusal(await http.post(f"Appointment/${name}", content=body), 400)


async def test_without_the_token_nothing_is_found(http: httpx.AsyncClient) -> None:
    for name in ("find", "hold", "book"):
        answer = await http.post(f"Appointment/${name}", json=parameters(), headers={"Authorization": ""})
        assert refusal(answer, 401) == "login"


async def test_the_capability_statement_names_the_operations(http: httpx.AsyncClient) -> None:
    statement = (await http.get("metadata")).json()
    get_fhir_model_class("CapabilityStatement").model_validate(statement)
    resources = {one["type"]: one for one in statement["rest"][0]["resource"]}
    assert [one["name"] for one in resources["Appointment"]["operation"]] == ["find", "hold", "book"]
    assert "operation" not in resources["Patient"]


async def test_a_chart_without_a_practice_has_none(client: httpx.AsyncClient) -> None:
    answer = await client.post("/fhir/Appointment/$find", json=parameters(("start", "2026-12-01")))
    assert answer.status_code == 405
    statement = (await client.get("/fhir/metadata")).json()
    assert all("operation" not in one for one in statement["rest"][0]["resource"])


# --------------------------------------------------------------------------- $hold


async def test_a_held_time_is_pending_and_hidden_for_five_minutes(
    http: httpx.AsyncClient, backends: EmbeddedBackends, clock: TestClock
) -> None:
    first = (await find(http))[0]
    answer = await held(http, first["id"])
    assert answer.status_code == 200
    pending = answer.json()
    get_fhir_model_class("Appointment").model_validate(pending)
    assert (pending["status"], pending["start"]) == ("pending", first["start"])
    assert first["id"] not in {one["id"] for one in await find(http)}
    assert refusal(await held(http, first["id"]), 404, "fatal") == "not-found"
    opening = first["id"].removesuffix(".follow-up")
    assert await backends.scheduling.hold(HoldOpening("h", opening), call_id="C1") == OpeningGone(opening)
    clock.move(minutes=5)
    await backends.operations.tidy(clock())
    assert (await http.get(f"Appointment/{pending['id']}")).json()["status"] == "cancelled"
    assert first["id"] in {one["id"] for one in await find(http)}


async def test_what_a_caller_holds_is_hidden_from_a_client(
    http: httpx.AsyncClient, backends: EmbeddedBackends
) -> None:
    first = (await find(http))[0]
    opening = first["id"].removesuffix(".follow-up")
    assert isinstance(await backends.scheduling.hold(HoldOpening("h", opening), call_id="C1"), OpeningHeld)
    assert first["id"] not in {one["id"] for one in await find(http)}
    assert refusal(await booked(http, first["id"]), 404, "fatal") == "not-found"


async def test_tidying_leaves_a_live_hold_alone(http: httpx.AsyncClient, backends: EmbeddedBackends) -> None:
    pending = (await held(http, (await find(http))[0]["id"])).json()
    await backends.operations.tidy(backends.clock())
    assert (await http.get(f"Appointment/{pending['id']}")).json()["status"] == "pending"


# --------------------------------------------------------------------------- $book


async def test_a_held_time_is_booked_under_its_own_id(
    http: httpx.AsyncClient, backends: EmbeddedBackends
) -> None:
    first = (await find(http))[0]
    pending = (await held(http, first["id"], ("patient-reference", ref(f"Patient/{MARIA}")))).json()
    about = ("appointment-reference", ref(f"Appointment/{pending['id']}"))
    made = appointment(await post(http, "book", about))
    assert (made["id"], made["status"]) == (pending["id"], "booked")
    assert made == appointment(await post(http, "book", about))  # repeated: nothing changes
    assert await starts(backends, MARIA) == [datetime.fromisoformat(first["start"])]
    slot = (await http.get(made["slot"][0]["reference"])).json()
    assert slot["status"] == "busy"


async def test_booking_without_a_hold(http: httpx.AsyncClient, backends: EmbeddedBackends) -> None:
    first = (await find(http, kind="annual-physical"))[0]
    made = appointment(await booked(http, first["id"]))
    assert made["serviceType"][0]["coding"][0]["code"] == "annual-physical"
    assert len(made["slot"]) == 2
    again = appointment(await booked(http, first["id"]))  # the answer was lost on its way
    assert again["id"] == made["id"]
    assert len(await starts(backends, MARIA)) == 1
    assert refusal(await booked(http, first["id"], JAMES), 404, "fatal") == "not-found"


async def test_booking_by_the_whole_resource(http: httpx.AsyncClient) -> None:
    first = (await find(http))[0]
    patient = {"actor": {"reference": f"Patient/{MARIA}"}, "status": "accepted"}
    wanted = {**first, "status": "booked", "participant": [*first["participant"], patient]}
    made = appointment(await post(http, "book", ("appointment-resource", {"resource": wanted})))
    assert (made["status"], made["start"]) == ("booked", first["start"])
    assert f"Patient/{MARIA}" in {part["actor"]["reference"] for part in made["participant"]}


async def test_a_visit_is_moved_as_one_swap(http: httpx.AsyncClient, backends: EmbeddedBackends) -> None:
    first, *_, last = await find(http)
    made = appointment(await booked(http, first["id"]))
    changed = {**made, "slot": last["slot"], "start": last["start"], "end": last["end"]}
    moved = appointment(await post(http, "book", ("appt-resource", {"resource": changed})))
    assert moved["start"] == last["start"]
    assert moved["supportingInformation"] == [{"reference": f"Appointment/{made['id']}"}]
    assert (await http.get(f"Appointment/{made['id']}")).json()["status"] == "cancelled"
    assert await starts(backends, MARIA) == [datetime.fromisoformat(last["start"])]
    assert first["id"] in {one["id"] for one in await find(http)}


async def test_when_the_new_time_is_gone_the_visit_stands(
    http: httpx.AsyncClient, backends: EmbeddedBackends
) -> None:
    first, *_, last = await find(http)
    made = appointment(await booked(http, first["id"]))
    appointment(await booked(http, last["id"], JAMES))
    changed = {**made, "slot": last["slot"]}
    answer = await post(http, "book", ("appointment-resource", {"resource": changed}))
    assert refusal(answer, 404, "fatal") == "not-found"
    assert await starts(backends, MARIA) == [datetime.fromisoformat(first["start"])]


async def test_a_visit_or_a_hold_is_cancelled(http: httpx.AsyncClient, backends: EmbeddedBackends) -> None:
    first, second, *_ = await find(http)
    made = appointment(await booked(http, first["id"]))
    coding = [
        {"system": "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason", "code": "prov"}
    ]
    gone = {**made, "status": "cancelled", "cancelationReason": {"coding": coding}}
    for _ in range(2):
        cancelled = appointment(await post(http, "book", ("appointment-resource", {"resource": gone})))
        assert cancelled["status"] == "cancelled"
        assert cancelled["cancelationReason"]["coding"][0]["code"] == "prov"
    assert await starts(backends, MARIA) == []
    pending = (await held(http, second["id"])).json()
    dropped = {**pending, "status": "cancelled"}
    appointment(await post(http, "book", ("appointment-resource", {"resource": dropped})))
    assert {first["id"], second["id"]} <= {one["id"] for one in await find(http)}


async def test_what_cannot_be_booked_is_named(http: httpx.AsyncClient) -> None:
    first, second, *_ = await find(http)
    about = ("appointment-reference", ref(f"Appointment/{first['id']}"))
    assert refusal(await post(http, "book", about), 400) == "required"  # for whom?
    assert refusal(await booked(http, first["id"], "nobody"), 422) == "not-found"
    assert refusal(await booked(http, "no-such-opening"), 404, "fatal") == "not-found"
    assert refusal(await post(http, "hold"), 400) == "required"
    made = appointment(await booked(http, first["id"]))
    other = {**made, "slot": second["slot"]}
    theirs = await post(
        http,
        "book",
        ("appointment-resource", {"resource": other}),
        ("patient-reference", ref(f"Patient/{JAMES}")),
    )
    assert refusal(theirs, 409) == "conflict"
    arrived = {**made, "status": "arrived"}
    assert (
        refusal(await post(http, "book", ("appointment-resource", {"resource": arrived})), 400)
        == "not-supported"
    )
    broken = {**made, "status": "cancelled", "slot": "x"}
    answer = await http.post("Appointment/$book", json={
        "resourceType": "Parameters", "parameter": [{"name": "appt-resource", "resource": broken}],
    })  # fmt: skip
    refusal(answer, 400)
    gone = {**made, "id": "never-was", "status": "cancelled"}
    assert refusal(await post(http, "book", ("appointment-resource", {"resource": gone})), 404) == "not-found"


async def test_one_patient_is_never_in_two_rooms(http: httpx.AsyncClient) -> None:
    chen = await find(http, ("practitioner", ref("Practitioner/dr-chen")))
    patel = await find(http, ("practitioner", ref("Practitioner/dr-patel")))
    appointment(await booked(http, chen[0]["id"]))
    assert refusal(await booked(http, patel[0]["id"]), 409) == "business-rule"


# --------------------------------------------------------------------------- against the telephone


@pytest.mark.parametrize("clients", [20])
async def test_a_caller_and_clients_race_and_one_gets_it(
    http: httpx.AsyncClient, backends: EmbeddedBackends, clients: int
) -> None:
    (opening,) = (await backends.scheduling.find(FindOpenings("f", "follow-up", limit=1))).openings
    by_telephone = [
        backends.scheduling.book(
            BookOpening("a1", f"pt-10{n % 14 + 1:02}", opening.opening_id, "follow-up"), call_id=f"C{n}"
        )
        for n in range(clients)
    ]
    by_http = [
        booked(http, f"{opening.opening_id}.follow-up", f"pt-10{n % 14 + 1:02}") for n in range(clients)
    ]
    answers = await asyncio.gather(*by_telephone, *by_http)
    callers = [one for one in answers if isinstance(one, VisitBooked)]
    ids = {
        appointment(one)["id"]
        for one in answers
        if isinstance(one, httpx.Response) and one.status_code == 200
    }
    ids |= {one.visit.appointment_id for one in callers}
    assert len(ids) == 1
    page = await backends.chart.search("Appointment", [("status", "booked"), ("_count", "100")])
    slot_id = opening.opening_id.rpartition(".")[0]
    assert sum(f"Slot/{slot_id}" in str(stored.body.get("slot")) for stored in page.found) == 1
