"""Simulated callers whose calls must leave the right state. All of them in `make check-long`."""

from __future__ import annotations

import os

import pytest

from agent.rehearsal.judge import judge
from agent.rehearsal.scenario import Scenario, default_folder, read_folder
from agent.rehearsal.stage import Stage
from agent.rehearsal.text_calls import play

ALL = {scenario.name: scenario for scenario in read_folder(default_folder())}
SAMPLE = (
    *("refill-due", "refill-changes-mind-about-pharmacy", "refill-warfarin-goes-to-a-person"),
    *(
        "book-all-at-once",
        "move-a-visit",
        "cancel-one-of-two",
        "one-digit-off",
        "two-of-one-name-told-apart-by-number",
    ),
    *("person-in-the-middle-of-a-refill", "chest-pain-in-the-middle-of-booking", "non-native-refill"),
    "an-appointment-in-1890",
)
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
SEEDS = (1, 2, 3) if IS_LONG else (1,)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", sorted(ALL) if IS_LONG else SAMPLE)
def test_a_call_leaves_the_right_state(stage: Stage, name: str, seed: int) -> None:
    scenario: Scenario = ALL[name]
    played = play(stage, scenario, seed)
    verdict = judge(scenario, played)
    assert verdict.passed, "\n".join([*verdict.failures, *played.transcript()])


def test_the_same_seed_is_the_same_call(stage: Stage) -> None:
    first, again = (play(stage, ALL["confused-refill"], 7, noise=0.15) for _ in range(2))
    assert first.transcript() == again.transcript()


def test_another_seed_is_another_caller(stage: Stage) -> None:
    first, other = (play(stage, ALL["refill-due"], seed) for seed in (1, 4))
    assert first.transcript() != other.transcript()


def test_what_a_call_must_not_leave_is_found(stage: Stage) -> None:
    """The judge is no rubber stamp: a right refill is wrong where none was wanted."""
    from dataclasses import replace

    scenario = ALL["refill-due"]
    unwanted = replace(scenario, expect=replace(scenario.expect, refills=()))
    verdict = judge(unwanted, play(stage, unwanted, 1))
    assert any("asked for a refill of lisinopril" in failure for failure in verdict.wrong)
