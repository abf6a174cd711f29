"""The table of `make bench-voice`: what was missed says so, and one broken section spoils no other."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from benchmarks import voice
from benchmarks.voice_rows import Options, Row, within


def test_reached_missed_and_not_aimed_at_are_told_apart() -> None:
    assert voice.verdict(Row("a", "1 ms", "<= 2 ms", "", True)) == "reached"
    assert voice.verdict(Row("a", "3 ms", "<= 2 ms", "", False)) == "MISSED"
    assert voice.verdict(Row("a", "3 ms")) == ""


def test_a_figure_that_does_not_exist_reaches_nothing() -> None:
    assert not within([(float("nan"), 500.0)])
    assert within([(499.0, 500.0)])


def test_a_section_that_breaks_is_a_row_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ModuleType("benchmarks.broken")

    def rows(options: Options) -> list[Row]:
        raise ValueError("no such clip")

    broken.rows = rows  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "benchmarks.broken", broken)
    monkeypatch.setitem(voice.SECTIONS, "floor", "benchmarks.broken")
    (row,) = list(voice.section("floor", Options()))
    assert (row.figure, row.note, row.reached) == ("not measured", "ValueError: no such clip", None)
