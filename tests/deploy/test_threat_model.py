"""Every test that the threat model names exists, and every edge has its rows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECTION = (ROOT / "docs" / "security.md").read_text().partition("## Threat model\n")[2].partition("\n## ")[0]
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", SECTION)))
EDGES = re.findall(r"^\*\*(.+?)\*\*$", SECTION, re.MULTILINE)
NOT_TESTED = "not tested"


def rows() -> list[list[str]]:
    lines = [line for line in SECTION.splitlines() if re.match(r"\| [STRIDE] \|", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_every_test_that_is_named_exists(file: str) -> None:
    tree = ast.parse((ROOT / "tests" / file).read_text())
    there = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    named = {test for other, test in NAMED if other == file}
    assert named <= there, f"{file} has no {sorted(named - there)}"
    assert all(test.startswith("test_") for test in named)


def test_every_threat_says_what_holds_it_and_where_that_is_tested() -> None:
    found = rows()
    assert len(found) > 50
    for letter, threat, holds, tested, _ in found:
        assert letter in "STRIDE"
        assert threat
        assert holds
        assert "::" in tested or tested == NOT_TESTED, threat
    assert sum(tested == NOT_TESTED for _, _, _, tested, _ in found) <= 2, "and those say so"


def test_every_edge_is_there() -> None:
    assert len(EDGES) == 11
    for edge in (
        "webhooks",
        "media socket",
        "REST",
        "browser",
        "EHR",
        "database",
        "processes",
        "websockets",
        "command line",
        "made of",
        "voice",
    ):
        assert any(edge in title for title in EDGES), edge
