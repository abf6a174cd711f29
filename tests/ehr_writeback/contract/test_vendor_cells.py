"""The table of what vendors take, cell by cell: against the stubs, and against what we would send.

Rows come from published statements and pages; nothing was tried against the vendors' own servers.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ehr_writeback import WritebackConfig, plan
from ehr_writeback.demands import Demand, unmet
from ehr_writeback.faulty_server import BASE_URL
from ehr_writeback.fitting import Unfit, fitted
from ehr_writeback.vendor_server import VendorServer
from ehr_writeback.vendors import CELLS, Cell, Vendor, cells_of, vendor_of
from fhir.capability import read_capabilities
from fhir.client import FhirClient, FixedToken
from fhir.matching import Match, match_patient, person_of
from tests.ehr_writeback.contract.records import EVERYTHING

Json = dict[str, Any]
PRACTITIONER = "Practitioner/7"
PLANNED = plan(EVERYTHING, WritebackConfig(page_recipient_ref="Group/oncall", same_server=False))
APPOINTMENT: Json = {
    "resourceType": "Appointment",
    "status": "booked",
    "slot": [{"reference": "Slot/1"}],
    "start": "2026-12-01T19:20:00Z",
    "end": "2026-12-01T19:40:00Z",
    "participant": [
        {"actor": {"reference": "Patient/p1"}, "status": "accepted"},
        {"actor": {"reference": "Practitioner/d1"}, "status": "accepted"},
    ],
}
ORDER: Json = {
    "resourceType": "MedicationRequest",
    "status": "draft",
    "intent": "proposal",
    "medicationCodeableConcept": {"text": "lisinopril 10 mg tablet"},
    "subject": {"reference": "Patient/p1"},
}
PATIENT: Json = {"resourceType": "Patient", "name": [{"family": "Lopez"}]}


def sample(resource_type: str) -> Json:
    """What we write of a type, its references as they are on a server."""
    own = {"Appointment": APPOINTMENT, "MedicationRequest": ORDER, "Patient": PATIENT}
    if resource_type in own:
        return own[resource_type]
    found = [item.resource for item in PLANNED if item.resource["resourceType"] == resource_type]
    vital = [one for one in found if "vital-signs" in str(one.get("category"))]
    placed: Json = _placed((vital or found)[0])
    return placed


def _placed(node: Any) -> Any:
    if isinstance(node, list):
        return [_placed(item) for item in node]
    if not isinstance(node, dict):
        return f"Basic/{node[-4:]}" if isinstance(node, str) and node.startswith("urn:uuid:") else node
    return {name: _placed(value) for name, value in node.items()}


async def post(vendor: Vendor, resource: Json) -> httpx.Response:
    async with VendorServer(vendor).client() as http:
        return await http.post(f"{BASE_URL}/{resource['resourceType']}", json=resource)


def shaped(cell: Cell) -> Json:
    """Ours, in the vendor's form (or as it is, where we never send it)."""
    fit = fitted(sample(cell.resource_type), cell.vendor, PRACTITIONER)
    return sample(cell.resource_type) if isinstance(fit, Unfit) else fit


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.vendor.value}: {cell.resource_type}")
async def test_a_stub_takes_what_its_cell_says_and_nothing_else(cell: Cell) -> None:
    answer = await post(cell.vendor, shaped(cell))
    assert answer.status_code == (201 if cell.creates else 405), answer.text
    if not cell.creates:
        assert answer.json()["resourceType"] == "OperationOutcome"
    assert cell.source


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.vendor.value}: {cell.resource_type}")
def test_what_we_would_send_is_what_the_cell_takes(cell: Cell) -> None:
    fit = fitted(sample(cell.resource_type), cell.vendor, PRACTITIONER)
    assert isinstance(fit, Unfit) == bool(cell.avoided)
    if not isinstance(fit, Unfit):
        assert unmet(cell.demands, fit) == ()


def _without(name: str) -> Callable[[Json], Json]:
    return lambda resource: {key: value for key, value in resource.items() if key != name}


def _with(**changes: Any) -> Callable[[Json], Json]:
    return lambda resource: {**resource, **changes}


def _twice(name: str) -> Callable[[Json], Json]:
    return lambda resource: {**resource, name: resource[name] * 2}


def _attached(media: str) -> Callable[[Json], Json]:
    return _with(content=[{"attachment": {"contentType": media, "data": "VEVMRVBIT05F"}}])


DEVICE = {"reference": "Device/1"}
TEXT = {"contentString": "chest pain"}
SURVEY = [{"coding": [{"code": "survey"}]}]
BREACHES: dict[tuple[str, str], Callable[[Json], Json]] = {
    ("DocumentReference", "status current"): _with(status="superseded"),
    ("DocumentReference", "docStatus final or amended"): _with(docStatus="preliminary"),
    ("DocumentReference", "the end of the time it is about (context.period.end)"): _without("context"),
    ("DocumentReference", "exactly one content"): _twice("content"),
    ("DocumentReference", "a Practitioner as author, or none"): _with(author=[DEVICE]),
    ("DocumentReference", "plain text, HTML or PDF, in UTF-8"): _attached("text/markdown"),
    ("Communication", "status completed"): _with(status="in-progress"),
    ("Communication", "category notification or reminder"): _without("category"),
    ("Communication", "priority routine or urgent"): _with(priority="stat"),
    ("Communication", "a Practitioner as sender"): _with(sender=DEVICE),
    ("Communication", "recipients that are Practitioners or Groups"): _without("recipient"),
    ("Communication", "exactly one payload, an attachment"): _with(payload=[TEXT]),
    ("Appointment", "status booked or proposed"): _with(status="pending"),
    ("Appointment", "exactly one slot when booked"): _without("slot"),
    ("Appointment", "exactly one Patient among the participants"): _twice("participant"),
    ("Observation", "category vital-signs or laboratory"): _with(category=SURVEY),
}
DEMANDS = [(cell, demand) for cell in CELLS for demand in cell.demands]


@pytest.mark.parametrize(("cell", "demand"), DEMANDS, ids=lambda one: getattr(one, "says", None))
async def test_each_demand_is_refused_by_name_when_it_is_not_met(cell: Cell, demand: Demand) -> None:
    broken = BREACHES[cell.resource_type, demand.says](shaped(cell))
    answer = await post(cell.vendor, broken)
    assert answer.status_code == 422
    assert demand.says in answer.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize("vendor", [Vendor.EPIC, Vendor.ORACLE, Vendor.ATHENA])
async def test_none_takes_conditions_or_transactions(vendor: Vendor) -> None:
    async with VendorServer(vendor).client() as http:
        said = read_capabilities((await http.get(f"{BASE_URL}/metadata")).json())
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": []}
        assert (await http.post(BASE_URL, json=bundle)).status_code == 404
    assert vendor_of(said.software) is vendor
    assert (said.transaction, said.conditional_create) == (False, frozenset())
    assert {cell.resource_type for cell in cells_of(vendor) if cell.creates} == {
        kind for kind, codes in said.interactions.items() if "create" in codes
    }


LOPEZ: Json = {
    "resourceType": "Patient",
    "id": "far-1",
    "name": [{"family": "Lopez", "given": ["Maria"]}],
    "birthDate": "1981-03-05",
    "telecom": [{"system": "phone", "value": "+16175550123"}],
}


@pytest.mark.parametrize("vendor", [Vendor.EPIC, Vendor.ORACLE, Vendor.ATHENA])
async def test_a_patient_is_found_as_the_vendor_lets_us(vendor: Vendor) -> None:
    server = VendorServer(vendor)
    server.stored["Patient"] = [LOPEZ, {**LOPEZ, "id": "far-2", "telecom": []}]
    async with server.client() as http:
        client = FhirClient(BASE_URL, FixedToken("secret"), http)
        capabilities = read_capabilities(await client.metadata())
        assert await match_patient(client, capabilities, person_of(LOPEZ)) == Match("Patient/far-1")
        nobody = await match_patient(client, capabilities, person_of({**LOPEZ, "birthDate": "1981-03-06"}))
    assert (nobody.reference, bool(nobody.reason)) == ("", True)
    asked = [path for _, path in server.requests if path.startswith("Patient")]
    assert asked[0] == ("Patient/$match" if vendor is Vendor.EPIC else "Patient/_search")


@pytest.mark.parametrize("software", ["Medplum in memory", "HAPI FHIR Server", "", "OpenEMR"])
def test_everybody_else_gets_plain_r4(software: str) -> None:
    assert vendor_of(software) is Vendor.OTHER
    note = sample("DocumentReference")
    assert fitted(note, Vendor.OTHER) is note


def test_a_message_to_oracle_says_the_same_in_one_attachment() -> None:
    message = shaped(next(cell for cell in cells_of(Vendor.ORACLE) if cell.resource_type == "Communication"))
    text = base64.b64decode(message["payload"][0]["contentAttachment"]["data"]).decode()
    assert text.startswith('Red flag RF01 (emergency)\nCaller: "I have chest pain"')
    assert message["sender"] == {"reference": PRACTITIONER}
    assert message["priority"] == "urgent"
