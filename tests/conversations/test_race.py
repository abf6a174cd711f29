"""Many callers want one opening at once: one gets it, the others hear so and are offered another."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from agent.local_server import demo_settings
from agent.settings import with_secrets
from benchmarks.booking_race import postgresql, race

CALLERS = 200 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 8


async def test_on_sqlite(tmp_path: Path) -> None:
    outcome = await race(with_secrets(demo_settings(tmp_path / "data")), CALLERS)
    assert outcome.is_right, outcome


@pytest.mark.slow(about_s=10)
async def test_on_postgresql(tmp_path: Path) -> None:
    with postgresql(tmp_path) as url:
        settings = replace(demo_settings(tmp_path / "data"), database_url=url)
        outcome = await race(with_secrets(settings), CALLERS)
    assert outcome.is_right, outcome
