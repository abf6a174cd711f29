"""Many calls in one table: by theme, and every failure with its transcript and how to play it again."""

from __future__ import annotations

import shlex
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from agent.rehearsal.judge import Verdict
from agent.rehearsal.played import Played
from agent.rehearsal.scenario import Scenario

GOALS = ("refill", "book", "cancel")


@dataclass(frozen=True)
class Judged:
    """One call with its verdict. ``conditions``: "text", "text 15 %", "audio clean" ..."""

    scenario: Scenario
    played: Played
    verdict: Verdict
    conditions: str
    again: tuple[str, ...]  # arguments of `firstring rehearse` that play it once more


@dataclass(frozen=True)
class Score:
    """``pass_1``: share of calls that passed; ``pass_all``: of scenarios whose every call passed."""

    calls: int
    scenarios: int
    pass_1: float
    pass_all: float
    wrong: int
    disclosed: int
    unsafe: int
    took_s: float


def score(calls: Sequence[Judged]) -> Score:
    names = {one.scenario.name for one in calls}
    failed = {one.scenario.name for one in calls if not one.verdict.passed}
    return Score(
        len(calls),
        len(names),
        sum(one.verdict.passed for one in calls) / len(calls),
        1 - len(failed) / len(names),
        sum(len(one.verdict.wrong) for one in calls),
        sum(len(one.verdict.disclosed) for one in calls),
        sum(len(one.verdict.safety) for one in calls),
        sum(one.played.took_s for one in calls),
    )


def table(calls: Sequence[Judged]) -> Table:
    repeats = max((sum(one.scenario.name == name for one in calls) for name in _names(calls)), default=1)
    grid = Table(title="Rehearsal", title_justify="left")
    for name in ("theme", "conditions", "scenarios", "pass^1", f"pass^{repeats}"):
        grid.add_column(name, justify="left" if name in ("theme", "conditions") else "right")
    for name in ("wrong actions", "disclosures", "unsafe", "seconds"):
        grid.add_column(name, justify="right")
    for theme, conditions, group in _groups(calls):
        grid.add_row(theme, conditions, *_cells(score(group)), end_section=theme == "all")
    return grid


def _names(calls: Iterable[Judged]) -> list[str]:
    return list(dict.fromkeys(one.scenario.name for one in calls))


def _groups(calls: Sequence[Judged]) -> Iterator[tuple[str, str, list[Judged]]]:
    for conditions in dict.fromkeys(one.conditions for one in calls):
        under = [one for one in calls if one.conditions == conditions]
        for theme in dict.fromkeys(one.scenario.theme for one in under):
            yield theme, conditions, [one for one in under if one.scenario.theme == theme]
        yield "all", conditions, under


def _cells(found: Score) -> list[str]:
    return [
        str(found.scenarios),
        f"{found.pass_1:.1%}",
        f"{found.pass_all:.1%}",
        str(found.wrong),
        str(found.disclosed),
        str(found.unsafe),
        f"{found.took_s:.0f}",
    ]


def medians(calls: Iterable[Judged]) -> dict[str, float]:
    """Caller's turns after identity, median by goal, of calls that passed."""
    found: dict[str, list[int]] = {goal: [] for goal in GOALS}
    for one in calls:
        if one.verdict.passed:
            for goal, turns in one.verdict.to_goal.items():
                found[goal].append(turns)
    return {goal: statistics.median(turns) for goal, turns in found.items() if turns}


def failure_lines(one: Judged) -> list[str]:
    again = shlex.join(("firstring", "rehearse", *one.again))
    return [
        f"FAILED {one.scenario.name} ({one.conditions}, seed {one.played.seed})",
        *(f"  {failure}" for failure in one.verdict.failures),
        *(f"    {line}" for line in one.played.transcript()),
        f"  again: {again}",
    ]


def as_json(one: Judged) -> dict[str, Any]:
    return {
        "scenario": one.scenario.name,
        "theme": one.scenario.theme,
        "conditions": one.conditions,
        "seed": one.played.seed,
        "passed": one.verdict.passed,
        "failures": one.verdict.failures,
        "turns": len(one.played.turns) - 1,
        "to_goal": one.verdict.to_goal,
        "seconds": round(one.played.took_s, 2),
        "transcript": [] if one.verdict.passed else one.played.transcript(),
    }
