"""Who may speak for a patient by the chart, and what they never see."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from backends.embedded import EmbeddedBackends
from models.domain import (
    Authority,
    IdentityLevel,
    IdentityVerified,
    ProxyScope,
    RecordPermission,
    VerifyIdentity,
)
from tests.backends.conftest import TestClock

DOROTHY = ("Dorothy Hill", date(1938, 10, 30), "02121")
EVAN = ("Evan Brooks", date(2012, 5, 20), "02115")
ALL = (ProxyScope.ALL,)


async def authority(
    backends: EmbeddedBackends, who: tuple[str, date, str], *callers: str, call: str = "C1"
) -> Authority | None:
    claim = VerifyIdentity("v", (who[0],), who[1], who[2], callers, spelled=True)
    answer = await backends.directory.verify(claim, caller_number="", call_id=call)
    return answer.authority if isinstance(answer, IdentityVerified) else None


@pytest.mark.parametrize(
    ("caller", "scopes"),
    [
        ("Susan Hill", ALL),
        ("Suzan Hill", ALL),  # as it sounds
        ("Sue Hill", ALL),  # a short form
        ("Peter Hill", (ProxyScope.SCHEDULING,)),
        ("Ellen Price", ()),  # on file, with no consent
        ("Frank Hill", ()),  # his consent has ended
        ("Paula Hill", ()),
        ("Hill", ()),
        ("Dorothy Hill", ()),
    ],
)
async def test_an_adults_consent_names_the_person_and_the_scope(
    backends: EmbeddedBackends, caller: str, scopes: tuple[ProxyScope, ...]
) -> None:
    found = await authority(backends, DOROTHY, caller)
    assert (found.scopes if found else ()) == scopes


@pytest.mark.parametrize(
    ("caller", "may"), [("Laura Brooks", True), ("Mark Brooks", True), ("Ann Hill", False)]
)
async def test_both_parents_of_a_minor(backends: EmbeddedBackends, caller: str, may: bool) -> None:
    found = await authority(backends, EVAN, caller)
    assert (found is not None) is may
    assert found is None or found.basis.startswith("RelatedPerson/pt-1006-speaker-")


async def test_a_parent_of_a_grown_patient_needs_a_consent_like_anybody(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    clock.move(days=366 * 4)
    assert await authority(backends, EVAN, "Laura Brooks") is None


async def changed(backends: EmbeddedBackends, kind: str, resource_id: str, **values: Any) -> None:
    body = (await backends.chart.read(kind, resource_id)).body
    await backends.chart.update({**body, **values}, resource_id)


@pytest.mark.parametrize(
    ("kind", "resource_id", "values"),
    [
        ("RelatedPerson", "pt-1012-speaker-1", {"active": False}),
        ("RelatedPerson", "pt-1012-speaker-1", {"period": {"end": "2020-01-01"}}),
        ("Consent", "pt-1012-speaker-1-consent", {"status": "inactive"}),
        ("Consent", "pt-1012-speaker-1-consent", {"provision": {"type": "deny"}}),
        ("Consent", "pt-1012-speaker-1-consent", {"provision": {"type": "permit"}}),
        ("Patient", "pt-1012", {"deceasedBoolean": True}),
        ("Patient", "pt-1012", {"active": False}),
        ("Patient", "pt-1012", {"meta": {"security": [{"code": "42CFRPart2"}]}}),
    ],
)
async def test_what_ends_an_authority(
    backends: EmbeddedBackends, kind: str, resource_id: str, values: dict[str, Any]
) -> None:
    assert await authority(backends, DOROTHY, "Susan Hill", call="C0")
    await changed(backends, kind, resource_id, **values)
    assert await authority(backends, DOROTHY, "Susan Hill") is None


async def test_who_has_no_authority_counts_as_a_failed_check(backends: EmbeddedBackends) -> None:
    for number in range(5):
        claim = VerifyIdentity("v", (DOROTHY[0],), DOROTHY[1], DOROTHY[2], ("Ellen Price",))
        await backends.directory.verify(claim, caller_number="+16175550190", call_id=f"C{number}")
    assert await backends.directory.locked("+16175550190")


async def test_a_spoken_permission_is_a_consent_with_its_time(backends: EmbeddedBackends) -> None:
    wish = RecordPermission("a1", "pt-1001", "Ann Smith", "sister")
    first = await backends.directory.record_permission(wish, call_id="C1")
    again = await backends.directory.record_permission(wish, call_id="C1")
    assert first == again
    assert first.authority.scopes == ALL
    kind, _, resource_id = first.authority.basis.partition("/")
    consent = (await backends.chart.read(kind, resource_id)).body
    assert consent["dateTime"].startswith("2026-")
    assert consent["provision"]["actor"][0]["reference"]["display"] == "Ann Smith, sister"
    assert await authority(backends, ("Maria Lopez", date(1981, 3, 5), "02111"), "Ann Smith") is None, (
        "it is for this call, not for the next"
    )


async def test_what_is_confidential_is_not_there_for_who_speaks_for_the_patient(
    backends: EmbeddedBackends,
) -> None:
    chart = backends.chart
    order = (await chart.read("MedicationRequest", "pt-1001-rx-1")).body
    for number, label in enumerate(("norethindrone 0.35 MG Oral Tablet", "sertraline 50 MG Oral Tablet")):
        await chart.create(
            {**order, "medicationCodeableConcept": {"text": label}, "authoredOn": f"2026-01-0{number + 1}"}
        )
    marked = {
        "meta": {"security": [{"code": "STD"}]},
        "medicationCodeableConcept": {"text": "doxycycline 100 MG Oral Tablet"},
    }
    await chart.create({**order, **marked})
    directory = backends.directory
    own = await directory.view("pt-1001", IdentityLevel.L1)
    theirs = await directory.view("pt-1001", IdentityLevel.L1, by_proxy=True)
    assert {m.name for m in own.medicines} == {"lisinopril", "norethindrone", "sertraline", "doxycycline"}
    assert {m.name for m in theirs.medicines} == {"lisinopril"}


async def test_a_marked_visit_is_not_there_either(backends: EmbeddedBackends) -> None:
    directory = backends.directory
    (visit,) = (await directory.view("pt-1002", IdentityLevel.L1)).visits
    assert (await directory.view("pt-1002", IdentityLevel.L1, by_proxy=True)).visits == (visit,)
    await changed(backends, "Appointment", visit.appointment_id, meta={"security": [{"code": "PSY"}]})
    assert (await directory.view("pt-1002", IdentityLevel.L1, by_proxy=True)).visits == ()
    assert (await directory.view("pt-1002", IdentityLevel.L1)).visits == (visit,)


async def test_a_part_2_mark_bars_reading_out_to_anybody(backends: EmbeddedBackends) -> None:
    order = (await backends.chart.read("MedicationRequest", "pt-1001-rx-1")).body
    assert (await backends.directory.view("pt-1001", IdentityLevel.L2)).may_be_read_out
    await changed(backends, "MedicationRequest", order["id"], meta={"security": [{"code": "42CFRPart2"}]})
    assert not (await backends.directory.view("pt-1001", IdentityLevel.L2)).may_be_read_out
