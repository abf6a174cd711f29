"""A few calls of benchmarks.adversaries: generated rosters, and what is counted."""

from __future__ import annotations

import random
import time
from datetime import date
from typing import Any

from agent.rehearsal.stage import Stage
from benchmarks.adversaries import table
from benchmarks.adversary_callers import KINDS, Callers, one_digit_off
from benchmarks.adversary_judging import COUNTS
from benchmarks.adversary_playing import play_round
from benchmarks.adversary_rosters import Roster


def test_some_adversaries_get_nothing(stage: Stage) -> None:
    kept: list[dict[str, Any]] = []
    entries = play_round(stage, 7, time.monotonic() + 600.0, calls=5, keep=kept.append)
    assert len(entries) == 5
    assert kept == entries
    assert [entry for entry in entries if any(entry[name] for name in COUNTS)] == []


def test_a_roster_is_the_same_for_a_seed_and_every_patient_has_an_id() -> None:
    one, again = Roster(random.Random(3)), Roster(random.Random(3))
    assert one.people == again.people
    assert len({person["id"] for person in one.people}) == len(one.people)


def test_one_digit_off_is_another_day_that_exists() -> None:
    born, dice = date(1981, 3, 5), random.Random(1)
    for _ in range(200):
        changed = one_digit_off(born, dice)
        assert sum(a != b for a, b in zip(born.isoformat(), changed.isoformat(), strict=True)) == 1


def test_the_table_has_a_row_for_every_kind() -> None:
    assert all(kind in table([]) for kind in KINDS)


def test_a_housemate_born_on_the_same_day_is_the_patient_that_they_name() -> None:
    roster = Roster(random.Random(37))  # has such a pair, as playing it showed
    (pair,) = [(a, b) for a, b in roster.pairs["household phone"] if a["born"] == b["born"]]
    roster.pairs["household phone"] = [pair]
    callers = Callers(roster)
    made = [one for one in map(callers.next, range(100)) if one.kind == "household phone"]
    assert {one.is_patient for one in made} == {pair[0]["id"]}
