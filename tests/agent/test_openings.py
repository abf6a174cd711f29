"""`firstring openings`: what it says, and what it will not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent import openings
from agent.local_server import demo_settings
from agent.settings import Settings
from models.errors import SettingsError


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    return demo_settings(tmp_path / "data")


async def publish(chosen: Settings, first: str, days: int, *, as_json: bool = True) -> list[Any]:
    shown: list[Any] = []
    await openings.run(chosen, first, days, shown.append, as_json=as_json)
    return shown


async def test_it_says_how_many_were_made(chosen: Settings) -> None:
    (made,) = await publish(chosen, "2026-12-01", 2)
    assert made == {
        "from": "2026-12-01", "to": "2026-12-02", "new": 120, "known": 0, "taken": 0, "open_days": 2,
    }  # fmt: skip
    text = await publish(chosen, "2026-12-01", 2, as_json=False)
    assert text[0] == "0 new openings from 2026-12-01 to 2026-12-02 (2 of 2 days are open)"
    assert "120 were published before" in text[1]


@pytest.mark.parametrize(
    ("first", "days", "problem"),
    [
        ("tomorrow", 5, "no date"),
        ("2026-02-30", 5, "no date"),
        ("12/01/2026", 5, "no date"),
        ("2026-11-23", 5, "today is 2026-11-24"),
        ("2036-01-01", 5, "today is"),
        ("2026-12-01", 0, "1 to 366"),
        ("2026-12-01", -3, "1 to 366"),
        ("2026-12-01", 10_000, "1 to 366"),
    ],
)
async def test_dates_and_counts_that_make_no_sense(
    chosen: Settings, first: str, days: int, problem: str
) -> None:
    with pytest.raises(SettingsError, match=problem) as refused:
        await publish(chosen, first, days)
    assert refused.value.fix


async def test_with_a_real_ehr_the_schedule_is_not_here(tmp_path: Path) -> None:
    chosen = demo_settings(tmp_path / "data", fhir_base_url="https://ehr.example/fhir")
    with pytest.raises(SettingsError, match="FHIR_BASE_URL"):
        await publish(chosen, "2026-12-01", 1)
