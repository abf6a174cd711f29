"""Findings as people and programs read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from agent.doctor.findings import Finding, Outcome

WIDTH = max(len(outcome.value) for outcome in Outcome)


def show_findings(findings: Iterable[Finding], show: Callable[[Any], None], *, as_json: bool) -> bool:
    """Shows each finding as it comes, then the sum. True when nothing FAILs."""
    counted: Counter[Outcome] = Counter()
    for finding in findings:
        counted[finding.outcome] += 1
        if as_json:
            show(finding.to_json())
        else:
            for line in lines_of(finding):
                show(line)
    if not as_json:
        show(summary(counted))
    return not counted[Outcome.FAIL]


def lines_of(finding: Finding) -> list[str]:
    indent = " " * (WIDTH + 2)
    lines = [f"{finding.outcome.value:{WIDTH}}  {finding.check}: {finding.detail}"]
    if finding.fix and finding.outcome is not Outcome.OK:
        lines.append(f"{indent}fix: {finding.fix}")
    return lines


def summary(counted: Counter[Outcome]) -> str:
    return "result: " + ", ".join(f"{counted[outcome]} {outcome.value}" for outcome in Outcome)
