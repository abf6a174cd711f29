"""Kills under many calls, of all kinds, on each database and from process to process: BUDGET (kills), SEED.

Short form: a few calls and kills. Long: fifty calls at once; each run adds a line to benchmarks/results.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.survival.storm import Plan, note, run

BUDGET = int(os.environ.get("BUDGET", "0"))
SEED = int(os.environ.get("SEED", "20261126"))
CALLS = 50 if BUDGET else 4
KILLS = BUDGET or 3

pytestmark = pytest.mark.slow(about_s=60)

PLANS = (
    Plan(KILLS, CALLS, SEED),
    Plan(KILLS, CALLS, SEED, database="postgresql", machines=2),
    Plan(KILLS, 5, SEED, stt="pocketsphinx"),
)


@pytest.mark.parametrize("plan", PLANS, ids=("sqlite", "two processes on postgresql", "real speech"))
def test_nothing_acknowledged_is_lost_or_doubled(plan: Plan, tmp_path: Path) -> None:
    if not BUDGET and plan is not PLANS[1]:
        pytest.skip("BUDGET is not set: test_kills.py kills on SQLite; speech takes the processor")
    print(f"\nSEED={plan.seed} BUDGET={plan.kills}")
    outcome = run(plan, tmp_path)
    if BUDGET:
        note(outcome)
    assert outcome.losses == []
    assert outcome.kills == plan.kills
    assert outcome.silences_s, "the agent was heard again"
