"""Kills under many calls, of all kinds, on each database and from process to process: BUDGET (kills), SEED.

Fifty calls at once; each run adds a line to benchmarks/results. The short form is test_kills.py.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tests.survival.storm import Plan, note, run

BUDGET = int(os.environ.get("BUDGET", "0"))
SEED = int(os.environ.get("SEED", "20261126"))
CALLS = 50

pytestmark = pytest.mark.slow(about_s=60)

PLANS = (
    Plan(BUDGET, CALLS, SEED),
    Plan(BUDGET, CALLS, SEED, database="postgresql", machines=2),
    Plan(BUDGET, 3, SEED, stt="pocketsphinx"),  # and two more on the line: five hear real speech
)


@pytest.mark.parametrize("plan", PLANS, ids=("sqlite", "two processes on postgresql", "real speech"))
def test_nothing_acknowledged_is_lost_or_doubled(plan: Plan) -> None:
    if not BUDGET:
        pytest.skip("BUDGET is not set; test_kills.py is the short form")
    print(f"\nSEED={plan.seed} BUDGET={plan.kills}")
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to PostgreSQL's user
        outcome = run(plan, Path(name))
    if BUDGET:
        note(outcome)
    assert outcome.losses == []
    assert outcome.kills == plan.kills
    assert outcome.row()["acknowledged_turns"], "something was answered"
    assert outcome.silences_s, "the agent was heard again"
