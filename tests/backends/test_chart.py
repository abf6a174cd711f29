"""The chart's contract: what any FHIR R4 client may rely on."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.chart import Chart
from backends.checking import RESOURCE_TYPES, check_resource
from backends.embedded import EmbeddedBackends
from backends.index import entries
from backends.refusals import ChartRefusal
from fhir.outcome import document_of

SYSTEM = "https://demo.example/call"


def patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "name": [{"family": "Díaz-O'Hara", "given": ["Zoë"]}], **more}


def task(value: str, **more: Any) -> dict[str, Any]:
    document = {"resourceType": "Task", "status": "requested", "intent": "order"}
    return {**document, "identifier": [{"system": SYSTEM, "value": value}], **more}


@pytest.fixture
def chart(empty: EmbeddedBackends) -> Chart:
    return empty.chart


async def refusal(awaitable: Any) -> ChartRefusal:
    with pytest.raises(ChartRefusal) as caught:
        await awaitable
    get_fhir_model_class("OperationOutcome").model_validate(document_of(caught.value.issues))
    return caught.value


async def ids(chart: Chart, resource_type: str, *pairs: tuple[str, str]) -> list[str]:
    return [found.body["id"] for found in (await chart.search(resource_type, pairs)).found]


async def test_a_created_resource_is_read_back_with_id_and_version(chart: Chart) -> None:
    stored, created = await chart.create(patient(birthDate="1981-03-05", id="ignored"))
    read = await chart.read("Patient", stored.body["id"])
    assert created
    assert read.body == stored.body
    assert read.body["meta"]["versionId"] == "1"
    assert read.body["id"] != "ignored"
    assert read.etag == 'W/"1"'


async def test_every_version_stays_readable(chart: Chart) -> None:
    stored, _ = await chart.create(patient(gender="female"))
    await chart.update({**stored.body, "gender": "unknown"}, stored.body["id"])
    old = await chart.vread("Patient", stored.body["id"], 1)
    versions = await chart.history("Patient", stored.body["id"])
    assert old.body["gender"] == "female"
    assert [version.body["gender"] for version in versions] == ["unknown", "female"]


@pytest.mark.parametrize(
    ("resource", "status", "expression"),
    [
        ([], 400, ""),
        ({"resourceType": "Nonsense"}, 404, ""),
        ({"resourceType": None}, 404, ""),
        (patient(birthDate="05.03.1981"), 422, "Patient.birthDate"),
        (patient(nickname="Zo"), 422, "Patient.nickname"),
        (patient(gender="girl"), 422, "Patient.gender"),
        ({"resourceType": "Slot", "status": "free"}, 422, "Slot.schedule"),
        (task("x", status=None), 422, "Task"),
        (patient(name=[{"given": "Zoë"}]), 422, "Patient.name[0].given"),
        (patient(name=[{"given": None}]), 422, "Patient.name[0].given"),
        (patient(generalPractitioner=None), 422, "Patient.generalPractitioner"),
    ],
)
async def test_a_wrong_resource_is_refused_with_the_place(
    chart: Chart, resource: object, status: int, expression: str
) -> None:
    refused = await refusal(chart.create(resource))
    assert refused.status == status
    assert "".join(refused.issues[0].expression).startswith(expression)


async def test_a_refusal_never_repeats_the_value(chart: Chart) -> None:
    refused = await refusal(chart.create(patient(birthDate="canary-1981", gender="canary-2")))
    assert "canary" not in str(refused)


async def test_an_update_with_a_stale_version_is_refused(chart: Chart) -> None:
    stored, _ = await chart.create(patient())
    await chart.update(stored.body, stored.body["id"], if_match='W/"1"')
    refused = await refusal(chart.update(stored.body, stored.body["id"], if_match='W/"1"'))
    assert refused.status == 412
    assert (await refusal(chart.update(stored.body, stored.body["id"], if_match="yesterday"))).status == 400


async def test_an_update_under_a_new_id_creates(chart: Chart) -> None:
    _, created = await chart.update(patient(), "my-own.id-1")
    assert created
    assert (await refusal(chart.update(patient(id="other"), "my-own.id-1"))).status == 400
    assert (await refusal(chart.update(patient(), "no spaces"))).status == 400


async def test_conditional_create_gives_201_then_200_then_412(chart: Chart) -> None:
    query = f"identifier={SYSTEM}|C1/task/1"
    first, created = await chart.create(task("C1/task/1"), if_none_exist=query)
    again, created_again = await chart.create(task("C1/task/1"), if_none_exist=query)
    assert (created, created_again) == (True, False)
    assert again.body == first.body
    await chart.create(task("C1/task/1"))  # without the condition a second one is allowed
    refused = await refusal(chart.create(task("C1/task/1"), if_none_exist=query))
    assert refused.status == 412


async def test_of_many_conditional_creates_at_once_one_creates(chart: Chart) -> None:
    query = f"identifier={SYSTEM}|C2/task/1"
    answers = await asyncio.gather(*(chart.create(task("C2/task/1"), if_none_exist=query) for _ in range(50)))
    assert sum(created for _, created in answers) == 1
    assert len({stored.body["id"] for stored, _ in answers}) == 1


async def test_conditional_creates_race_between_processes(many_processes: list[EmbeddedBackends]) -> None:
    query = f"identifier={SYSTEM}|C3/task/1"
    charts = [process.chart for process in many_processes for _ in range(10)]
    answers = await asyncio.gather(*(c.create(task("C3/task/1"), if_none_exist=query) for c in charts))
    assert sum(created for _, created in answers) == 1
    assert len({stored.body["id"] for stored, _ in answers}) == 1


async def test_patients_are_found_by_what_is_known_of_them(chart: Chart) -> None:
    stored, _ = await chart.create(
        patient(
            birthDate="1981-03-05",
            telecom=[{"system": "phone", "value": "+16175550123"}],
            address=[{"postalCode": "02111"}],
            identifier=[{"system": "urn:mrn", "value": "7"}],
        )
    )
    await chart.create(patient(birthDate="1981-03-06", name=[{"family": "Other", "given": ["Someone"]}]))
    mine = [stored.body["id"]]
    for name, value in (
        ("name", "zoe"),
        ("given", "ZO"),
        ("family", "diaz"),
        ("family", "o'hara"),
        ("birthdate", "1981-03-05"),
        ("phone", "+16175550123"),
        ("identifier", "urn:mrn|7"),
        ("identifier", "7"),
        ("address-postalcode", "02111"),
        ("_id", stored.body["id"]),
    ):
        assert await ids(chart, "Patient", (name, value)) == mine, name
    assert len(await ids(chart, "Patient", ("birthdate", "1981-03"))) == 2
    assert await ids(chart, "Patient", ("family", "diaz"), ("birthdate", "1981-03-06")) == []
    assert await ids(chart, "Patient", ("phone", "+16175550124")) == []


async def test_personal_values_do_not_rest_in_the_clear(chart: Chart, tmp_path: Any) -> None:
    await chart.create(
        patient(birthDate="1981-03-05", telecom=[{"system": "phone", "value": "+16175550123"}])
    )
    chart.storage.close()
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("db/chart.db*"))
    assert b"chart_resource" in raw
    assert b"6175550123" not in raw
    assert b"1981-03-05" not in raw


async def test_dates_compare_as_intervals(chart: Chart) -> None:
    for start in ("2026-12-01T19:00:00Z", "2026-12-01T14:20:00-05:00", "2026-12-02T00:30:00Z"):
        await chart.create(
            {
                "resourceType": "Slot",
                "schedule": {"reference": "Schedule/s"},
                "status": "free",
                "start": start,
                "end": "2026-12-03T00:00:00Z",
            }
        )

    async def count(*values: str) -> int:
        return (await chart.search("Slot", [("start", value) for value in values])).total

    assert await count("2026-12-01") == 2
    assert await count("2026-12") == 3
    assert await count("ge2026-12-01T19:20:00Z") == 2
    assert await count("gt2026-12-01T19:20:00Z") == 1
    assert await count("lt2026-12-01T19:20:00Z") == 1
    assert await count("le2026-12-01T14:20:00-05:00") == 2
    assert await count("ge2026-12-01T19:10:00Z", "lt2026-12-02") == 1
    assert (await refusal(count("next tuesday"))).status == 400


async def test_codes_references_sorting_and_pages(chart: Chart) -> None:
    for number in range(5):
        await chart.create(
            task(
                f"C9/{number}",
                code={"coding": [{"system": "urn:c", "code": "approve"}]},
                focus={"reference": f"MedicationRequest/m{number}"},
                authoredOn=f"2026-11-0{number + 1}",
                **{"for": {"reference": "Patient/p1"}},
            )
        )
    assert len(await ids(chart, "Task", ("code", "urn:c|approve"))) == 5
    assert len(await ids(chart, "Task", ("code", "urn:d|approve"))) == 0
    assert len(await ids(chart, "Task", ("focus", "MedicationRequest/m1,MedicationRequest/m2"))) == 2
    assert len(await ids(chart, "Task", ("patient", "p1"), ("status", "requested"))) == 5
    assert len(await ids(chart, "Task", ("subject:Patient", "p1"))) == 5
    page = await chart.search("Task", [("_sort", "-authored-on"), ("_count", "2"), ("_offset", "2")])
    assert [found.body["authoredOn"] for found in page.found] == ["2026-11-03", "2026-11-02"]
    assert page.total == 5


@pytest.mark.parametrize(
    "pair",
    [("shoe-size", "44"), ("name:exact", "x"), ("_count", "-1"), ("_sort", "name"), ("identifier", ""),
     ("_offset", "²"), ("_has", "x"), ("phone", "a\0b")],
)  # fmt: skip
async def test_what_cannot_be_searched_for_is_refused(chart: Chart, pair: tuple[str, str]) -> None:
    assert (await refusal(chart.search("Patient", [pair]))).status == 400


def transaction(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def post(resource: dict[str, Any], full_url: str = "", **request: Any) -> dict[str, Any]:
    entry = {"resource": resource, "request": {"method": "POST", "url": resource["resourceType"], **request}}
    return {**entry, "fullUrl": full_url} if full_url else entry


async def test_a_transaction_resolves_references_between_its_entries(chart: Chart) -> None:
    answer = await chart.transaction(
        transaction(
            post(task("T/task/1", focus={"reference": "urn:uuid:rx"}), "urn:uuid:task"),
            post(
                {
                    "resourceType": "MedicationRequest",
                    "status": "draft",
                    "intent": "proposal",
                    "medicationCodeableConcept": {"text": "lisinopril"},
                    "subject": {"reference": "urn:uuid:pat"},
                },
                "urn:uuid:rx",
            ),
            post(patient(), "urn:uuid:pat"),
        )
    )
    get_fhir_model_class("Bundle").model_validate(answer)
    task_ref, rx_ref, patient_ref = (
        entry["response"]["location"].split("/_history")[0] for entry in answer["entry"]
    )
    stored_task = await chart.read("Task", task_ref.split("/")[1])
    stored_rx = await chart.read("MedicationRequest", rx_ref.split("/")[1])
    assert stored_task.body["focus"]["reference"] == rx_ref
    assert stored_rx.body["subject"]["reference"] == patient_ref
    assert all(entry["response"]["status"] == "201 Created" for entry in answer["entry"])


async def test_a_repeated_transaction_changes_nothing(chart: Chart) -> None:
    bundle = transaction(post(task("T/task/2"), ifNoneExist=f"identifier={SYSTEM}|T/task/2"))
    first = await chart.transaction(bundle)
    second = await chart.transaction(bundle)
    assert second["entry"][0]["response"]["status"] == "200 OK"
    assert second["entry"][0]["response"]["location"] == first["entry"][0]["response"]["location"]


@pytest.mark.parametrize(
    "bad",
    [
        post(patient(gender="girl")),
        post(task("x", focus={"reference": "urn:uuid:nobody"})),
        post(task("x", focus={"reference": "Patient?identifier=urn:mrn|none"})),
        {"resource": patient(), "request": {"method": "PUT", "url": "Patient/p1", "ifMatch": 'W/"9"'}},
        {"request": {"method": "GET", "url": "Patient/none"}},
        {"request": {"method": "DELETE", "url": "Patient/p1"}},
        {"resource": patient(), "request": {"method": "POST", "url": "Task"}},
        {"resource": patient()},
        "nonsense",
    ],
)
async def test_a_transaction_is_all_or_nothing(chart: Chart, bad: Any) -> None:
    await refusal(chart.transaction(transaction(post(task("T/good")), bad)))
    assert await ids(chart, "Task") == []


async def test_a_conditional_reference_points_at_the_one_match(chart: Chart) -> None:
    stored, _ = await chart.create(patient(identifier=[{"system": "urn:mrn", "value": "7"}]))
    answer = await chart.transaction(
        transaction(post(task("T/3", focus={"reference": "Patient?identifier=urn:mrn|7"})))
    )
    made = answer["entry"][0]["response"]["location"].split("/")[1]
    assert (await chart.read("Task", made)).body["focus"]["reference"] == stored.ref


async def test_the_capability_statement_is_valid_and_says_what_is_true(chart: Chart) -> None:
    statement = chart.capability_statement()
    get_fhir_model_class("CapabilityStatement").model_validate(statement)
    rest = statement["rest"][0]
    kinds = {entry["type"]: entry for entry in rest["resource"]}
    assert {"code": "transaction"} in rest["interaction"]
    assert kinds["Encounter"]["conditionalCreate"] is True
    assert {"name": "slot", "type": "reference"} in kinds["Appointment"]["searchParam"]


async def test_an_identifier_given_up_may_be_taken_again(chart: Chart) -> None:
    query = f"identifier={SYSTEM}|C4/task/1"
    first, _ = await chart.create(task("C4/task/1"), if_none_exist=query)
    await chart.update(task("C4/task/2"), first.body["id"])
    second, created = await chart.create(task("C4/task/1"), if_none_exist=query)
    assert created
    assert second.body["id"] != first.body["id"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
ELEMENTS = ("id", "meta", "name", "telecom", "identifier", "birthDate", "address", "status", "code", "start")


@given(st.sampled_from(RESOURCE_TYPES), st.dictionaries(st.sampled_from(ELEMENTS), JSON, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_json_is_stored_or_refused(resource_type: str, elements: dict[str, Any]) -> None:
    resource = {**elements, "resourceType": resource_type}
    with suppress(ChartRefusal):  # anything else is a defect
        check_resource(resource)
        assert entries(resource, lambda purpose, value: purpose + value) is not None
