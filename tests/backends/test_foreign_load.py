"""Foreign Bundles in the embedded chart: what is kept, found, dropped and refused."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from backends.chart import Chart
from backends.embedded import EmbeddedBackends
from backends.foreign_cleaning import e164
from backends.foreign_file import ChartFileError, read_bundle
from backends.foreign_load import ChartLoader, Loaded
from backends.foreign_owning import FORMER
from backends.refusals import Json
from backends.store import ChartStore
from models.domain import IdentityLevel, VerifyIdentity
from tests.backends import bundles
from tests.backends.bundles import bundle, entry

NAMES = (
    "id", "fullUrl", "meta", "identifier", "type", "coding", "code", "system", "value", "name", "given",
    "family", "telecom", "text", "subject", "patient", "reference", "resourceType", "birthDate",
    "generalPractitioner",
)  # fmt: skip
OWN = ("dr-chen", "dr-patel", "np-rivera")


async def load(backends: EmbeddedBackends, document: object, *, own: bool = False) -> Loaded:
    loader = ChartLoader(backends.chart, backends.practice, own_patients=own)
    return await loader.load(read_bundle(orjson.dumps(document)))


async def all_of(backends: EmbeddedBackends, kind: str, **query: str) -> list[Json]:
    page = await backends.chart.search(kind, [*query.items(), ("_count", "1000")])
    return [stored.body for stored in page.found]


async def only(backends: EmbeddedBackends, kind: str, **query: str) -> Json:
    found = await all_of(backends, kind, **query)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection", "searchset", "document"])
async def test_every_kind_of_bundle_that_carries_charts(empty: EmbeddedBackends, kind: str) -> None:
    loaded = await load(empty, bundles.whole(kind))
    kinds = ("Encounter", "MedicationRequest", "Organization", "Patient", "Practitioner")
    assert loaded.added == dict.fromkeys(kinds, 1)
    assert not loaded.skipped
    order = await only(empty, "MedicationRequest")
    patient = await only(empty, "Patient")
    assert order["subject"] == {"reference": f"Patient/{patient['id']}"}
    assert order["encounter"] == {"reference": f"Encounter/{(await only(empty, 'Encounter'))['id']}"}
    assert order["requester"] == {"reference": f"Practitioner/{(await only(empty, 'Practitioner'))['id']}"}


async def test_a_uuid_becomes_the_id_and_a_valid_id_is_kept(empty: EmbeddedBackends) -> None:
    await load(empty, bundle(entry(bundles.PATIENT, bundles.patient())))
    await load(empty, bundle(entry(bundles.DOCTOR, bundles.doctor(id="quill.1"))))
    assert (await only(empty, "Patient"))["id"] == bundles.PATIENT.removeprefix("urn:uuid:")
    assert (await only(empty, "Practitioner"))["id"] == "quill.1"


async def test_loading_twice_changes_nothing(empty: EmbeddedBackends) -> None:
    await load(empty, bundles.whole())
    before = {kind: await all_of(empty, kind) for kind in ("Patient", "Encounter", "MedicationRequest")}
    again = await load(empty, bundles.whole())
    assert (again.added, again.held) == ({}, 5)
    assert before == {kind: await all_of(empty, kind) for kind in before}, "not even a version number"


async def test_what_staff_have_changed_since_stays(empty: EmbeddedBackends) -> None:
    await load(empty, bundles.whole())
    order = await only(empty, "MedicationRequest")
    await empty.chart.update({**order, "status": "stopped"}, order["id"])
    await load(empty, bundles.whole())
    assert (await only(empty, "MedicationRequest"))["status"] == "stopped"


async def test_an_appointment_without_any_address_is_stored_once(empty: EmbeddedBackends) -> None:
    actor = {"actor": {"reference": "Patient/p1"}, "status": "accepted"}
    visit = {"resourceType": "Appointment", "id": "a1", "status": "booked", "participant": [actor]}
    document = bundle({"resource": bundles.patient(id="p1")}, {"resource": visit}, kind="collection")
    for _ in range(3):
        await load(empty, document)
    assert len(await all_of(empty, "Appointment")) == 1


async def test_absolute_addresses_are_resolved(empty: EmbeddedBackends) -> None:
    base = "https://ehr.example/fhir/r4"
    absolute = bundles.order(f"{base}/Patient/p1", f"{base}/Practitioner/d1/_history/3", id="o1")
    relative = bundles.order("Patient/p1", "Practitioner/d1", id="o2")
    parts = (bundles.patient(id="p1"), bundles.doctor(id="d1"), absolute, relative)
    await load(empty, bundles.on_server(base, *parts))
    for order in await all_of(empty, "MedicationRequest"):
        assert order["subject"]["reference"] == "Patient/p1"
        assert order["requester"]["reference"] == "Practitioner/d1"


async def test_a_conditional_reference_finds_what_came_in_another_file(empty: EmbeddedBackends) -> None:
    await load(empty, bundle(entry(bundles.DOCTOR, bundles.doctor(id="d1"))))
    search = "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999999901"
    within = "Organization?identifier=https://registry.example%7Corg-5"
    visit = bundles.visit(by=search, serviceProvider={"reference": within})
    document = bundle(
        entry(bundles.PATIENT, bundles.patient()),
        entry(bundles.CLINIC, bundles.clinic(id="c1")),
        entry(bundles.VISIT, visit),
    )
    await load(empty, document)
    found = await only(empty, "Encounter")
    assert found["participant"][0]["individual"]["reference"] == "Practitioner/d1"
    assert found["serviceProvider"]["reference"] == "Organization/c1"


async def test_what_points_nowhere_never_points_at_something_else(empty: EmbeddedBackends) -> None:
    await load(empty, bundle(entry("https://a.example/fhir/Practitioner/7", bundles.doctor(id="7"))))
    search = "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1111111111"
    parts = (
        bundles.patient(id="p1"),
        bundles.order("Patient/p1", "Practitioner/7", id="o1", encounter={"reference": "urn:uuid:gone"}),
        bundles.order("Patient/p1", search, id="o2"),
    )
    loaded = await load(empty, bundles.on_server("https://b.example/fhir", *parts))
    orders = {order["id"]: order for order in await all_of(empty, "MedicationRequest")}
    assert "reference" not in orders["o1"]["requester"], "the other server's Practitioner/7 is somebody else"
    assert "reference" not in orders["o1"]["encounter"]
    assert orders["o2"]["requester"]["identifier"]["value"] == "1111111111"
    assert loaded.nowhere["Practitioner"] == 2


async def test_one_id_for_two_people_makes_two_charts(empty: EmbeddedBackends) -> None:
    other = bundles.patient(
        id="1", identifier=[], name=[{"given": ["Rufus"], "family": "Adler"}], birthDate="1990-01-02"
    )
    first = bundles.on_server(
        "https://a.example/fhir", bundles.patient(id="1"), bundles.order("Patient/1", id="5")
    )
    second = bundles.on_server("https://b.example/fhir", other, bundles.order("Patient/1", id="5"))
    for _ in range(2):
        await load(empty, first)
        await load(empty, second)
    people = {person["id"]: person["name"][0]["family"] for person in await all_of(empty, "Patient")}
    assert sorted(people.values()) == ["Adler", "Brandt"]
    subjects = [order["subject"]["reference"] for order in await all_of(empty, "MedicationRequest")]
    assert sorted(subjects) == sorted(f"Patient/{name}" for name in people), "each has one order of their own"


async def test_people_and_organisations_of_several_files_are_stored_once(empty: EmbeddedBackends) -> None:
    await load(empty, bundles.whole())
    other = "urn:uuid:5b1d2c1e-0009-4a6b-9b1e-000000000009"
    person = bundles.patient(identifier=[], name=[{"given": ["Rufus"], "family": "Adler"}])
    document = bundle(
        entry(other, person),
        entry("urn:uuid:5b1d2c1e-0008-4a6b-9b1e-000000000008", bundles.doctor()),
        entry(bundles.CLINIC, bundles.clinic()),
    )
    loaded = await load(empty, document)
    assert loaded.added == {"Patient": 1}
    assert loaded.held == 2
    assert len(await all_of(empty, "Practitioner")) == len(await all_of(empty, "Organization")) == 1


async def test_one_person_twice_in_a_file_is_stored_once(empty: EmbeddedBackends) -> None:
    again = "urn:uuid:5b1d2c1e-0008-4a6b-9b1e-000000000008"
    document = bundles.whole()
    document["entry"] += [
        entry(again, bundles.doctor()),
        entry("urn:uuid:5b1d2c1e-0009-4a6b-9b1e-000000000009", bundles.visit(by=again)),
    ]
    await load(empty, document)
    doctor = await only(empty, "Practitioner")
    for visit in await all_of(empty, "Encounter"):
        assert visit["participant"][0]["individual"]["reference"] == f"Practitioner/{doctor['id']}"


async def test_of_several_patients_each_keeps_a_provider_of_their_own(empty: EmbeddedBackends) -> None:
    """Whom one patient mostly saw says nothing about another."""
    document = bundle(kind="searchset")
    people = {}
    for number in range(8):
        patient, doctor = f"Patient/p{number}", f"Practitioner/d{number}"
        person = bundles.patient(id=f"p{number}", identifier=[{"system": "urn:mrn", "value": str(number)}])
        document["entry"] += [
            {"resource": person},
            {"resource": bundles.doctor(id=f"d{number}", identifier=[], name=[{"family": f"Quill{number}"}])},
            {"resource": bundles.order(patient, doctor, id=f"o{number}", encounter={"display": "a visit"})},
        ]
    await load(empty, document, own=True)
    for order in await all_of(empty, "MedicationRequest"):
        people[order["subject"]["reference"]] = order["requester"]["reference"]
    for person in await all_of(empty, "Patient"):
        assert person["generalPractitioner"][0]["reference"] == people[f"Patient/{person['id']}"]
    assert len(set(people.values())) > 1


async def test_numbers_that_say_who_somebody_is_are_dropped(empty: EmbeddedBackends) -> None:
    untyped = [
        {"system": "urn:oid:2.16.840.1.113883.4.1", "value": "999-45-1111"},
        {"type": {"text": "Social Security number"}, "value": "999451112"},
        {"type": {"text": "Driver's license"}, "value": "D5551234"},
        {"system": "http://hl7.org/fhir/sid/passport-USA", "value": "P5551234"},
        {"value": "999-45-1113"},
        {"system": "https://old-clinic.example/mrn", "value": "779"},
    ]
    note = {"text": f"social {bundles.SSN.replace('-', '')} on file, licence {bundles.LICENCE}"}
    document = bundles.whole()
    document["entry"][0]["resource"]["identifier"] += untyped
    document["entry"][4]["resource"]["note"] = [note]
    loaded = await load(empty, document)
    assert loaded.dropped == {"social security number": 4, "driver's licence": 2, "passport number": 2}
    person = await only(empty, "Patient")
    assert [item["value"] for item in person["identifier"]] == ["778", "779"]
    assert "text" not in person
    kept = orjson.dumps([person, await only(empty, "MedicationRequest")]).decode()
    for value in (bundles.SSN, bundles.SSN.replace("-", ""), bundles.LICENCE, bundles.PASSPORT):
        assert value not in kept
    assert not await all_of(empty, "Patient", identifier=f"http://hl7.org/fhir/sid/us-ssn|{bundles.SSN}")


async def test_a_caller_is_known_by_number_and_by_any_of_their_names(empty: EmbeddedBackends) -> None:
    await load(empty, bundles.whole())
    assert await empty.directory.names_at("+16175550178") == ("Ottilie Brandt",)
    for number, name in enumerate(("ottilie brandt", "ottilie vesper")):
        claim = VerifyIdentity("v", (name,), date(1961, 4, 9))
        answer = await empty.directory.verify(claim, caller_number="+16175550178", call_id=f"C{number}")
        assert getattr(answer, "level", None) is IdentityLevel.L1, name


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("617-555-0178", "+16175550178"),
        ("1 (617) 555.0178 x9", "+16175550178"),
        ("tel:+1-617-555-0178", "+16175550178"),
        ("+44 20 7946 0958", "+442079460958"),
        ("555-0178", ""),  # without its area code it is nobody's caller ID
        ("911", ""),
        ("", ""),
    ],
)
def test_numbers_as_caller_id_shows_them(written: str, number: str) -> None:
    assert e164(written, "US") == number


async def test_a_number_that_is_none_is_kept_and_counted(empty: EmbeddedBackends) -> None:
    person = bundles.patient(telecom=[{"system": "phone", "value": "ask the neighbour"}])
    loaded = await load(empty, bundle(entry(bundles.PATIENT, person)))
    assert loaded.numbers_unread == 1
    assert (await only(empty, "Patient"))["telecom"][0]["value"] == "ask the neighbour"


async def test_the_digits_that_synthea_gives_to_names_go(empty: EmbeddedBackends) -> None:
    person = bundles.patient(name=[{"given": ["Alma712"], "family": "O'Hara4"}])
    await load(empty, bundle(entry(bundles.PATIENT, person)))
    assert await empty.directory.roster_names() == ("Alma O'Hara",)


async def test_a_medicine_named_by_reference_has_its_name_beside_it(empty: EmbeddedBackends) -> None:
    medication = {"resourceType": "Medication", "code": {"text": "metformin 500 MG Oral Tablet"}}
    by_link = bundles.order(
        medicationReference={"reference": "urn:uuid:5b1d2c1e-0007-4a6b-9b1e-000000000007"}
    )
    inside = bundles.order(
        medicationReference={"reference": "#m"},
        contained=[{"resourceType": "Medication", "id": "m", "code": {"coding": [{"display": "albuterol"}]}}],
    )
    for order in (by_link, inside):
        del order["medicationCodeableConcept"]
    document = bundle(
        entry(bundles.PATIENT, bundles.patient()),
        entry(bundles.ORDER, by_link),
        entry("urn:uuid:5b1d2c1e-0006-4a6b-9b1e-000000000006", inside),
        entry("urn:uuid:5b1d2c1e-0007-4a6b-9b1e-000000000007", medication),
    )
    await load(empty, document)
    patient = await only(empty, "Patient")
    view = await empty.directory.view(patient["id"], IdentityLevel.L1)
    assert sorted(medicine.name for medicine in view.medicines) == ["albuterol", "metformin"]


async def test_own_patients_get_providers_of_the_practice(empty: EmbeddedBackends) -> None:
    await load(empty, bundles.whole(), own=True)
    order, person = await only(empty, "MedicationRequest"), await only(empty, "Patient")
    provider = order["requester"]["reference"].removeprefix("Practitioner/")
    assert provider in OWN
    assert person["generalPractitioner"] == [{"reference": f"Practitioner/{provider}"}]
    former = order["requester"]["extension"][0]
    assert former["url"] == FORMER
    assert former["valueReference"]["reference"].startswith("Practitioner/5b1d2c1e-0002"), (
        "nothing is forgotten"
    )
    view = await empty.directory.view(person["id"], IdentityLevel.L1)
    assert view.provider_id == provider
    assert (await empty.chart.read("Practitioner", provider)).body["active"] is True


async def test_without_the_option_prescribers_stay_foreign(empty: EmbeddedBackends) -> None:
    await load(empty, bundles.whole())
    assert (await only(empty, "MedicationRequest"))["requester"]["reference"].startswith("Practitioner/5b1d")
    assert "generalPractitioner" not in await only(empty, "Patient")


async def test_patients_loaded_before_can_be_taken_over_later(empty: EmbeddedBackends) -> None:
    await load(empty, bundles.whole())
    loaded = await load(empty, bundles.whole(), own=True)
    assert (loaded.added, loaded.adopted) == ({}, 2)
    assert (await only(empty, "MedicationRequest"))["requester"]["reference"].removeprefix(
        "Practitioner/"
    ) in OWN
    assert (await load(empty, bundles.whole(), own=True)).adopted == 0, "and then nothing changes any more"


async def test_what_is_not_held_or_broken_is_left_out_and_named(empty: EmbeddedBackends) -> None:
    document = bundles.whole()
    document["entry"] += [
        {"resource": {"resourceType": "MolecularSequence", "coordinateSystem": 0}},
        {"fullUrl": "urn:uuid:nothing"},
        entry("urn:uuid:5b1d2c1e-0010-4a6b-9b1e-000000000010", bundles.order(status="perhaps")),
        entry("urn:uuid:5b1d2c1e-0011-4a6b-9b1e-000000000011", bundles.order(subject="Patient/elsewhere")),
    ]
    loaded = await load(empty, document)
    skipped = {item.what: item for item in loaded.skipped}
    assert "does not hold" in skipped["entry[5] MolecularSequence"].why
    assert "no resource" in skipped["entry[6]"].why
    assert "MedicationRequest.status" in skipped["entry[7] MedicationRequest"].why
    assert "patient" in skipped["entry[8] MedicationRequest"].why
    assert not loaded.whole
    assert loaded.added["MedicationRequest"] == 1


async def test_no_personal_value_is_told_of_a_broken_resource(empty: EmbeddedBackends) -> None:
    broken = bundles.visit(status="Ottilie Brandt", period={"start": "Ottilie"})
    loaded = await load(
        empty, bundle(entry(bundles.PATIENT, bundles.patient()), entry(bundles.VISIT, broken))
    )
    assert loaded.skipped[0].what == "entry[1] Encounter"
    assert "Ottilie" not in loaded.skipped[0].why


async def test_a_broken_patient_refuses_the_file(empty: EmbeddedBackends) -> None:
    document = bundles.whole()
    document["entry"][0]["resource"]["birthDate"] = "the ninth of April"
    with pytest.raises(ChartFileError, match=r"entry\[0\] Patient") as refused:
        await load(empty, document)
    assert "ninth" not in str(refused.value)
    assert not await all_of(empty, "Encounter")


@dataclass
class Interrupted(Exception):
    """The machine stops."""


class HalfWayStore(ChartStore):
    """Stores half of a file, then fails as a full disk would."""

    def add_all(self, session: Session, fresh: Sequence[Json]) -> None:
        super().add_all(session, fresh[: len(fresh) // 2])
        raise Interrupted


async def test_a_failure_half_way_leaves_nothing_of_the_file(empty: EmbeddedBackends) -> None:
    chart = Chart(empty.chart.storage, empty.chart.storage.keyring, empty.clock)
    chart.store = HalfWayStore(empty.chart.storage.keyring, empty.clock)
    with pytest.raises(Interrupted):
        await ChartLoader(chart, empty.practice).load(read_bundle(orjson.dumps(bundles.whole())))
    for kind in ("Patient", "Practitioner", "Organization", "Encounter", "MedicationRequest"):
        assert not await all_of(empty, kind)
    assert (await load(empty, bundles.whole())).added["Patient"] == 1, "and it can be loaded afterwards"


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.just("Patient/1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), ODD, max_size=6), max_size=4))
def test_whatever_a_file_holds_it_is_loaded_or_refused_by_name(
    empty: EmbeddedBackends, resources: list[dict[str, Any]]
) -> None:
    entries = [
        {"fullUrl": one.get("fullUrl"), "resource": {"resourceType": "Patient", **one}} for one in resources
    ]
    with contextlib.suppress(ChartFileError):
        asyncio.run(load(empty, {"resourceType": "Bundle", "type": "batch", "entry": entries}, own=True))


@pytest.mark.parametrize("depth", [100, 400, 480])
async def test_resources_nested_without_end(empty: EmbeddedBackends, depth: int) -> None:
    inner = '{"extension":[' * depth + "]}" * depth
    document = (
        '{"resourceType":"Bundle","type":"batch","entry":[{"resource":'
        f'{{"resourceType":"Patient","x":{inner}}}}}]}}'
    )
    with pytest.raises(ChartFileError):
        await ChartLoader(empty.chart, empty.practice).load(read_bundle(document.encode()))
    assert not await all_of(empty, "Patient")


async def test_of_several_versions_the_newest_is_loaded(empty: EmbeddedBackends) -> None:
    old: dict[str, Any] = bundles.order(status="active", meta={"versionId": "1"})
    new: dict[str, Any] = bundles.order(status="stopped", meta={"versionId": "2"})
    entries = [
        entry(bundles.PATIENT, bundles.patient()),
        entry(bundles.ORDER, new),
        entry(bundles.ORDER, old),
    ]
    loaded = await load(empty, bundle(*entries))
    assert (await only(empty, "MedicationRequest"))["status"] == "stopped"
    assert "older version" in loaded.skipped[0].why


async def test_a_resource_without_anything_to_search_by(empty: EmbeddedBackends) -> None:
    binary = {"resourceType": "Binary", "id": "b1", "contentType": "text/plain"}
    loaded = await load(empty, bundle({"resource": binary}, kind="collection"))
    assert loaded.added == {"Binary": 1}


async def test_loading_on_postgresql(many_processes: list[EmbeddedBackends]) -> None:
    """The same rules; two processes may load the same file at once."""
    results = await asyncio.gather(
        *(load(backends, bundles.whole(), own=True) for backends in many_processes[:2])
    )
    assert sum(result.added.get("Patient", 0) for result in results) == 1
    people = await all_of(many_processes[2], "Patient", identifier="https://old-clinic.example/mrn|778")
    assert len(people) == 1
