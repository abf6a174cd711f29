"""References to another server's chart: their form in the settings, and whether they are there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent import chart_references, settings
from agent.chart_references import doubts, tell_at_start
from agent.preparing import writeback_config
from agent.reference_settings import KINDS
from ehr_writeback.faulty_server import BASE_URL, Fault, FaultyFhirServer, Mode
from ehr_writeback.vendor_server import VendorServer
from ehr_writeback.vendors import Vendor
from fhir.capability import read_capabilities
from fhir.client import FhirClient, FixedToken
from models.errors import SettingsError

Json = dict[str, Any]
THERE = {
    "ORGANIZATION": "Organization/cedar",
    "LOCATION": "Location/main",
    "PRACTITIONER": "Practitioner/7",
    "TASK_OWNER": "CareTeam/desk",
    "PAGE_RECIPIENT": "Group/oncall",
    "PROVIDERS": "dr-chen=Practitioner/8 np-rivera=PractitionerRole/9",
}


def chosen_with(**changes: str) -> settings.Settings:
    named = {f"FIRSTRING_FHIR_{name}": value for name, value in (THERE | changes).items() if value}
    return settings.load({"FIRSTRING_FHIR_BASE_URL": BASE_URL, **named}, Path("/nowhere"))


def ehr(*, without: str = "", script: list[Fault] | None = None) -> FaultyFhirServer:
    """A server that holds all that `THERE` names, but for one."""
    names = [*THERE.values()][:-1] + [pair.partition("=")[2] for pair in THERE["PROVIDERS"].split()]
    types = {name.partition("/")[0] for name in names} | {"Task"}
    server = FaultyFhirServer(Mode.CONDITIONAL, script or [], types=sorted(types))
    for kind, identity in (name.split("/") for name in names if name != without):
        server.stored.setdefault(kind, []).append({"resourceType": kind, "id": identity, "active": True})
    return server


async def told(server: FaultyFhirServer, **changes: str) -> list[str]:
    async with server.client() as http:
        client = FhirClient(BASE_URL, FixedToken("secret"), http)
        able = read_capabilities(await client.metadata())
        return [doubt.detail for doubt in await doubts(chosen_with(**changes), client, able)]


def test_what_is_named_reaches_the_write_back() -> None:
    config = writeback_config(chosen_with(), "Cedar Family Practice")
    assert (config.organization_ref, config.location_ref) == ("Organization/cedar", "Location/main")
    assert (config.task_owner_ref, config.page_recipient_ref) == ("CareTeam/desk", "Group/oncall")
    assert config.provider_refs == {"dr-chen": "Practitioner/8", "np-rivera": "PractitionerRole/9"}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ORGANIZATION", "cedar", "FHIR_ORGANIZATION is 'cedar'"),
        ("ORGANIZATION", "https://ehr.example.org/Organization/1", "FHIR_ORGANIZATION is"),
        ("LOCATION", "Location/no spaces", "FHIR_LOCATION is"),
        ("PRACTITIONER", "PractitionerRole/7", "FHIR_PRACTITIONER is"),
        ("TASK_OWNER", "Group/oncall", "FHIR_TASK_OWNER is"),
        ("PAGE_RECIPIENT", "Patient/1", "FHIR_PAGE_RECIPIENT is"),
        ("PROVIDERS", "dr-chen=", "FHIR_PROVIDERS holds 'dr-chen'"),
        ("PROVIDERS", "dr-chen=Location/1", r"FHIR_PROVIDERS \(dr-chen\) is 'Location/1'"),
    ],
)
def test_a_wrong_form_is_named_when_the_settings_are_read(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        chosen_with(**{name: value})
    assert "Write" in caught.value.fix


@pytest.mark.parametrize("name", THERE)
def test_without_another_server_nothing_of_it_can_be_named(name: str) -> None:
    with pytest.raises(SettingsError, match="the chart is the embedded one"):
        settings.load({f"FIRSTRING_FHIR_{name}": THERE[name]}, Path("/nowhere"))


async def test_all_that_is_named_is_there() -> None:
    assert await told(ehr()) == []


@pytest.mark.parametrize("missing", [*list(THERE.values())[:-1], "Practitioner/8", "PractitionerRole/9"])
async def test_what_is_not_there_is_named_with_its_setting(missing: str) -> None:
    (detail,) = await told(ehr(without=missing))
    assert detail.endswith(f"there is no {missing} at FHIR_BASE_URL")
    assert detail.startswith("FHIR_")


async def test_what_is_no_longer_active_is_named() -> None:
    server = ehr()
    server.stored["Organization"][0]["active"] = False
    assert await told(server) == ["FHIR_ORGANIZATION: Organization/cedar is no longer active there"]


async def test_what_may_not_be_read_is_said_to_be_unchecked_and_is_no_fault() -> None:
    (detail,) = await told(ehr(script=[Fault.NONE, Fault.FORBIDDEN]))
    assert detail.startswith("FHIR_ORGANIZATION: Organization/cedar could not be read")


async def test_a_server_that_takes_tasks_wants_an_owner_for_them() -> None:
    assert await told(ehr(), TASK_OWNER="") == ["FHIR_TASK_OWNER is not set: tasks there are nobody's"]


async def test_oracle_health_wants_a_person_and_a_group() -> None:
    nothing = dict.fromkeys(THERE, "")
    said = await told(VendorServer(Vendor.ORACLE), **nothing)
    assert [detail.partition(" ")[0] for detail in said] == ["FHIR_PRACTITIONER", "FHIR_PAGE_RECIPIENT"]
    wrong = await told(VendorServer(Vendor.ORACLE), **nothing | {"PAGE_RECIPIENT": "Organization/1"})
    assert "FHIR_PAGE_RECIPIENT: Oracle Health sends messages to no Organization" in wrong


@pytest.mark.parametrize("vendor", [Vendor.EPIC, Vendor.ATHENA])
async def test_the_others_want_nothing(vendor: Vendor) -> None:
    assert await told(VendorServer(vendor), **dict.fromkeys(THERE, "")) == []


async def test_the_server_is_asked_at_the_start_and_again_when_it_was_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chart_references, "AGAIN_S", 0.0)
    server = ehr(without="Location/main", script=[Fault.UNREACHABLE])
    async with server.client() as http:
        with capture_logs() as logs:
            await asyncio.wait_for(
                tell_at_start(chosen_with(), FhirClient(BASE_URL, FixedToken("secret"), http)), 60
            )
    assert [entry["event"] for entry in logs] == ["chart.references_not_checked", "chart.reference"]
    assert "there is no Location/main" in logs[1]["problem"]
    assert all(entry["fix"] for entry in logs)


async def test_the_embedded_chart_is_not_asked() -> None:
    server = ehr()
    async with server.client() as http:
        await tell_at_start(settings.Settings(), FhirClient(BASE_URL, FixedToken("secret"), http))
    assert server.requests == []


def test_each_setting_says_what_it_is_for_in_the_manual() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "ehr.md").read_text()
    for kind in KINDS:
        assert f"| `{kind.setting.upper()}` |" in page
        assert all(name in page for name in kind.types)
