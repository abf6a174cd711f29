"""The load tables of docs/scale.md are those of the results file, and the knee is read off as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.load_report import document, documented, last_run, modelled
from benchmarks.load_sections import Options, capacity_of
from benchmarks.load_server import Point, part_of

POINT = Point(
    "stand-in", 10, 60.0, {"web": 0.3, "ear": 0.1, "mind": 0.1, "mouth": 0.0},
    {"turns": 1.0, "writes": 4.0, "transactions": 3.0}, 900, 500, 600.0, 800.0, 60, 0, 0, 10, 0, 0, None,
    None, 0.0, 0.0,
)  # fmt: skip


def test_the_document_says_what_the_newest_run_measured() -> None:
    assert documented() == document(last_run())


def test_capacity_is_the_highest_load_that_was_served_well() -> None:
    full = replace(POINT, calls=30, p95_ms=1_600.0)
    busy = replace(POINT, calls=20, cpu={**POINT.cpu, "web": 0.6})
    slow_callers = replace(POINT, calls=40, note="slow callers")
    assert capacity_of([POINT, busy, full, slow_callers]) == 10
    assert capacity_of([full]) == 30, "the lowest tried, where none was"


def test_the_load_that_checks_the_model_is_not_in_it() -> None:
    points = [replace(POINT, calls=calls, live_mean=calls) for calls in (5, 10, 15, 20)]
    lines = [{**point.row(), "section": "stand-in", "kind": "point"} for point in points]
    lines[-1]["pss_bytes"] = 1e9  # so that it would be seen
    model, _, held_out = modelled(lines)
    assert held_out["calls"] == 20
    assert model.bytes_per_call < 1e6
    with pytest.raises(ValueError, match="too few"):
        modelled(lines[:1])


def test_a_part_is_known_by_its_command() -> None:
    assert part_of(["python", "-m", "agent.nursery", "7", "--public-fd", "3"]) == "web"
    assert part_of(["python", "-m", "agent.worker_process", "ear-2", "--socket", "/x/ear-2.sock"]) == "ear"
    assert part_of(["python", "-m", "something"]) == "other"


def test_the_full_run_is_the_issues_table() -> None:
    assert (Options().transport_calls, Options().transport_s) == (300, 600.0)
