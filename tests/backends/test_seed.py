"""The demo chart: valid, repeatable, and of one meaning on any day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fhir.resources.R4B import get_fhir_model_class

from backends.checking import check_resource
from backends.embedded import EmbeddedBackends
from backends.practice import Practice
from backends.seed import demo_resources, seed_demo
from models.domain import (
    Desk,
    Directory,
    IdentityLevel,
    Pharmacy,
    RefillOutcome,
    RequestRefill,
    Scheduling,
)
from tests.backends.conftest import NOW, SYSTEM, TestClock


def test_every_resource_is_valid_and_its_own(practice: Practice) -> None:
    resources = list(demo_resources(practice, NOW.date(), SYSTEM))
    for resource in resources:
        check_resource(resource)
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    places = [(resource["resourceType"], resource["id"]) for resource in resources]
    assert len(set(places)) == len(places)


def test_every_reference_points_at_something(practice: Practice) -> None:
    resources = list(demo_resources(practice, NOW.date(), SYSTEM))
    there = {f"{resource['resourceType']}/{resource['id']}" for resource in resources}

    def references(value: object) -> set[str]:
        if isinstance(value, list):
            return {found for item in value for found in references(item)}
        if not isinstance(value, dict):
            return set()
        own = {value["reference"]} if isinstance(value.get("reference"), str) else set()
        return own | {found for item in value.values() for found in references(item)}

    assert references(resources) <= there


def test_all_numbers_are_fictional(practice: Practice) -> None:
    for resource in demo_resources(practice, NOW.date(), SYSTEM):
        for item in resource.get("telecom", []):
            assert "55501" in item["value"]


async def test_seeding_again_adds_nothing(backends: EmbeddedBackends) -> None:
    assert await seed_demo(backends.chart, backends.practice, NOW, SYSTEM) == 0
    james = await backends.directory.view("pt-1002", IdentityLevel.L1)
    assert len(james.visits) == 1


async def test_seeding_the_next_day_adds_that_days_slots_and_keeps_the_rest(
    backends: EmbeddedBackends,
) -> None:
    body = (await backends.chart.read("Patient", "pt-1001")).body
    await backends.chart.update({**body, "gender": "other"}, "pt-1001")
    before = (await backends.chart.search("Slot", [])).total
    monday = datetime(2026, 11, 23, 15, tzinfo=UTC)
    await seed_demo(backends.chart, backends.practice, monday, SYSTEM)
    assert (await backends.chart.search("Slot", [])).total > before
    assert (await backends.chart.read("Patient", "pt-1001")).body["gender"] == "other"


@pytest.mark.parametrize(
    "day", [datetime(2027, 3, 13, 12, tzinfo=UTC), datetime(2028, 2, 29, 12, tzinfo=UTC)]
)
async def test_the_charts_mean_the_same_on_any_day(
    empty: EmbeddedBackends, clock: TestClock, day: datetime
) -> None:
    clock.now = day
    await seed_demo(empty.chart, empty.practice, day, SYSTEM)
    for patient, outcome in (
        ("pt-1001", RefillOutcome.NEEDS_REVIEW),  # in order but for the caller, who was not verified
        ("pt-1010", RefillOutcome.NEEDS_REVIEW),
        ("pt-1003", RefillOutcome.NEEDS_REVIEW),
    ):
        wish = RequestRefill("r", patient, f"{patient}-rx-1", "x", "Main Street", False)
        answer = await empty.pharmacy.request_refill(wish, call_id=f"C-{patient}")
        assert answer.outcome is outcome
        failed = [rule.rule for rule in answer.rules if rule.passed is False]
        expected = {
            "pt-1001": [],
            "pt-1010": ["visit-recent", "pharmacy-on-file"],
            "pt-1003": ["not-high-risk"],
        }
        assert failed == expected[patient]


def test_the_backends_are_what_the_dialog_needs(backends: EmbeddedBackends) -> None:
    needed: tuple[Directory, Scheduling, Pharmacy, Desk] = (  # mypy compares the signatures
        backends.directory,
        backends.scheduling,
        backends.pharmacy,
        backends.desk,
    )
    assert all(needed)
