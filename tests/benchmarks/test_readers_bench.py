"""The readers' benchmark counts what it says it counts."""

from __future__ import annotations

import json
import random
from itertools import islice
from pathlib import Path

from benchmarks.drug_noise import BOTH, INCLUDED_PAIRS, OTHER, PLAIN, misheard, trials
from benchmarks.readers import answer, days_and_times, rows, scored, verdict
from benchmarks.understanding_rows import Options


def _slots(folder: Path, *rows_of_text: tuple[str, str, str, dict[str, int]]) -> Path:
    lines = [
        json.dumps({"text": text, "slots": {name: {"text": words, "value": value}}})
        for text, name, words, value in rows_of_text
    ]
    path = folder / "slots" / "date_time_name.jsonl"
    path.parent.mkdir()
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_each_value_gets_its_verdict(tmp_path: Path) -> None:
    """The source's today is Tuesday, 15 March 2022."""
    path = _slots(
        tmp_path,
        ("come in tomorrow", "date", "tomorrow", {"year": 2022, "month": 3, "day": 16}),
        ("next friday then", "date", "next friday", {"year": 2022, "month": 3, "day": 25}),
        ("at half past two", "time", "half past two", {"hour": 2, "minute": 30}),
        ("at two p m", "time", "two p m", {"hour": 2, "minute": 0}),
        ("when the moon is full", "date", "the moon is full", {"year": 2022, "month": 3, "day": 18}),
    )
    slots, left_out = scored(path)
    assert [verdict(slot) for slot in slots] == [
        "right", "both offered", "right", "another value", "not read",
    ]  # fmt: skip
    assert left_out == {}


def test_misses_are_named_by_row_and_kind_alone(tmp_path: Path) -> None:
    _slots(tmp_path, ("ask for jane roe", "date", "jane roe", {"year": 2022, "month": 3, "day": 18}))
    printed = " ".join(row.note for row in days_and_times(Options(data=tmp_path)))
    assert "1 date not read" in printed
    assert "jane" not in printed


def test_data_that_is_not_there_is_said(tmp_path: Path) -> None:
    figures = [row.figure for row in islice(rows(Options(data=tmp_path)), 2)]
    assert figures == ["not measured", "not measured"]


def test_the_trials_are_the_same_every_time() -> None:
    first, again = list(trials(0.1)), list(trials(0.1))
    assert first == again
    assert all(len({medicine.name for medicine in said.medicines}) == 5 for said in first)
    included = [said for said in first if said.is_included]
    assert sum(said.group == BOTH for said in included) == 2 * INCLUDED_PAIRS
    for said in first:
        taken = {medicine.name for medicine in said.medicines}
        assert (said.drug in taken) is (said.group != OTHER)


def test_noise_changes_names_and_none_does_not() -> None:
    chance = random.Random(1)
    names = ["lisinopril", "metformin", "levothyroxine", "atorvastatin"]
    assert any(misheard(name, 0.25, chance).replace(" ", "") != name for name in names)
    plain = [said for said in trials(0.0, quick=True) if said.group == PLAIN]
    assert sum(answer(said) == "right" for said in plain[:30]) >= 29
