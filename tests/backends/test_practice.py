"""The practice's file: what it says, and that every wrong value is named; hours when the clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from backends.practice import DEMO_PRACTICE, Practice, hours_text, load_practice
from backends.schedule_rules import cells, slot_times
from models.domain import OpenHours
from models.errors import SettingsError

DEMO = DEMO_PRACTICE.read_text(encoding="utf-8")


def test_the_demo_practice_says_what_calls_need(practice: Practice) -> None:
    facts = practice.facts(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))
    assert facts.staff_available
    assert "Doctor Chen" in {provider.name for provider in facts.providers}
    assert "Main Street Pharmacy" in facts.pharmacies
    assert {"follow-up", "new-patient", "sick"} <= {kind.code for kind in facts.visit_types}
    assert facts.hours_text.startswith("Monday to Wednesday, 8 a.m. to 5 p.m.")


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('timezone = "America/New_York"', 'timezone = "Boston"', "practice.timezone"),
        ('phone = "+16175550100"', 'phone = "617-555-0100"', "practice.phone"),
        ('name = "Harbor Street Family Medicine"', "name = 7", "practice.name"),
        ("slot_minutes = 20", "slot_minutes = 0", "practice.slot_minutes"),
        ('["08:00-12:00", "13:00-19:00"]', '["13:00-19:00", "08:00-12:00"]', "hours.thursday"),
        ('["08:00-12:00", "13:00-19:00"]', '["8-12"]', "hours.thursday"),
        ('["08:00-12:00", "13:00-19:00"]', '["08:00-25:00"]', "hours.thursday"),
        ("thursday = ", "thorsday = ", "hours.thorsday"),
        ("date = 2026-11-26", 'date = "thanksgiving"', "closures[0].date"),
        ('id = "dr-chen"', 'id = "Dr Chen!"', "providers[0].id"),
        ('weekdays = ["monday", "wednesday", "thursday"]', 'weekdays = ["mon"]', "providers[2].weekdays"),
        ("minutes = 15", "minutes = 17", "visit_types[6].minutes"),
        ("[[pharmacies]]", "[[drug_stores]]", ""),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, before: str, after: str, named: str) -> None:
    file = tmp_path / "practice.toml"
    file.write_text(DEMO.replace(before, after), encoding="utf-8")
    if not named:
        assert load_practice(file).drug_stores == ()
        return
    with pytest.raises(SettingsError) as caught:
        load_practice(file)
    assert f"practice.toml: {named}:" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"), [("practice = [", "not TOML"), ("", "practice.name"), (None, "cannot be read")]
)
def test_a_broken_or_missing_file_is_named(tmp_path: Path, content: str | None, problem: str) -> None:
    file = tmp_path / "practice.toml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError, match=problem):
        load_practice(file)


def test_hours_are_said_as_people_say_them() -> None:
    nine, noon, half_five = time(9), time(12), time(17, 30)
    days = [OpenHours(0, nine, half_five), OpenHours(1, nine, half_five), OpenHours(5, nine, noon)]
    assert hours_text(days) == "Monday to Tuesday, 9 a.m. to 5:30 p.m.; Saturday, 9 a.m. to noon"


@pytest.mark.parametrize(
    ("local", "is_open"),
    [
        ("2026-11-23T07:59", False),
        ("2026-11-23T08:00", True),
        ("2026-11-23T12:00", False),  # lunch
        ("2026-11-23T16:59", True),
        ("2026-11-23T17:00", False),
        ("2026-11-26T10:00", False),  # Thanksgiving
        ("2026-11-28T10:00", False),  # Saturday
        ("2026-10-30T16:30", True),  # summer time
        ("2027-03-15T08:00", True),  # summer time again
    ],
)
def test_staff_are_there_when_the_practice_is_open(practice: Practice, local: str, is_open: bool) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=practice.zone)
    assert practice.is_open(moment.astimezone(UTC)) is is_open


def night_practice(practice: Practice, zone: str = "America/New_York") -> Practice:
    """Open on Sundays from midnight to four, when the clocks change."""
    return replace(practice, timezone=zone, hours=(OpenHours(6, time(0), time(4)),), closures=())


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 10, 25), 4), (date(2026, 11, 1), 5), (date(2027, 3, 14), 3)]
)
def test_a_day_on_which_the_clocks_change_has_its_real_length(
    practice: Practice, day: date, hours: int
) -> None:
    night = night_practice(practice)
    slots = list(slot_times(night, day, ()))
    assert len(slots) == hours * 3
    assert all(end - start == timedelta(minutes=20) for start, end in slots)
    assert all(first[1] == second[0] for first, second in pairwise(slots))
    spoken = [start.astimezone(night.zone).replace(tzinfo=None).isoformat() for start, _ in slots]
    assert not [text for text in spoken if day == date(2027, 3, 14) and "T02:" in text]  # does not exist


def test_arizona_keeps_its_clocks(practice: Practice) -> None:
    night = night_practice(practice, "America/Phoenix")
    for day in (date(2026, 11, 1), date(2027, 3, 14)):
        assert len(list(slot_times(night, day, ()))) == 12


def test_cells_cover_a_visit_and_no_more() -> None:
    start = datetime(2026, 12, 1, 19, 20, tzinfo=UTC)
    assert len(cells(start, 20)) == 4
    assert cells(start, 20)[-1] == datetime(2026, 12, 1, 19, 35, tzinfo=UTC)
    uneven = cells(start + timedelta(minutes=2), 10)
    assert uneven[0] == start
    assert len(uneven) == 3  # 19:22 to 19:32 touches 19:20, 19:25 and 19:30
