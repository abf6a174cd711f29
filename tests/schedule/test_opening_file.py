"""Openings from a file: what is right is read, and what is wrong is named by its line."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.opening_file import read_plans
from backends.practice import Practice, load_practice
from models.schedule import Plan

TODAY = date(2026, 11, 22)
HEADER = "provider,date,from,to,visit_types"
GOOD = "dr-chen,2026-12-01,09:00,12:00,"


def faults(text: str, practice: Practice) -> list[tuple[int, str]]:
    return [(fault.line, fault.problem) for fault in read_plans(text, practice, TODAY).faults]


def test_a_good_file_in_all_its_forms(practice: Practice) -> None:
    whole = Plan("dr-chen", date(2026, 12, 1), date(2026, 12, 1), time(9), time(12), (), ("lab", "vaccine"))
    for text in (
        f"{HEADER}\ndr-chen,2026-12-01,09:00,12:00,lab;vaccine\n",
        f"\ufeff{HEADER}\r\nDoctor Chen,12/1/2026,9:00 AM,12:00 pm,Lab visit|vaccine\r\n",
        'Date;From;To;Visit types;Provider\n2026-12-01;9:00;12:00;"lab;vaccine";DR-CHEN\n',
        "provider\tdate\tfrom\tto\tvisit_types\n\ndr-chen\t2026-12-01\t09:00\t12:00\tlab;vaccine",
    ):
        read = read_plans(text, practice, TODAY)
        assert read.faults == ()
        assert read.plans == (whole,)


def test_every_faulty_line_is_named_and_the_good_ones_are_read(practice: Practice) -> None:
    lines = [HEADER, GOOD, "dr-chan,2026-12-01,09:00,12:00,", "dr-chen,2026-02-30,09:00,12:00,", GOOD]
    read = read_plans("\n".join([*lines, "dr-chen,2026-12-01,9h,12:00,"]), practice, TODAY)
    assert [fault.line for fault in read.faults] == [3, 4, 6]
    assert len(read.plans) == 2
    assert "dr-chen, dr-patel, np-rivera" in read.faults[0].fix


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (",2026-12-01,09:00,12:00,", "it names no provider"),
        ("dr-chen,2026-11-21,09:00,12:00,", "2026-11-21 is not from today to two years ahead"),
        ("dr-chen,2029-12-01,09:00,12:00,", "2029-12-01 is not from today to two years ahead"),
        ("dr-chen,tomorrow,09:00,12:00,", "“tomorrow” is no date"),
        ("dr-chen,2026-12-01,25:00,26:00,", "“from” is “25:00”, which is no time"),
        ("dr-chen,2026-12-01,09:02,12:00,", "“from” is 09:02"),
        ("dr-chen,2026-12-01,12:00,09:00,", "between 12:00 and 09:00 there is no room for an opening"),
        ("dr-chen,2026-12-01,09:00,09:10,", "between 09:00 and 09:10 there is no room for an opening"),
        ("dr-chen,2026-12-01,09:00,12:00,massage", "“massage” is no kind of visit"),
        ("dr-chen,2026-12-01,09:00,12:00,lab,vaccine", "it has more values than there are columns"),
        ("dr-chen", "“” is no date"),
        ('dr-chen,2026-12-01,09:00,12:00,"lab', "this is no CSV"),
    ],
)
def test_a_faulty_line_says_what_is_wrong(practice: Practice, line: str, problem: str) -> None:
    assert faults(f"{HEADER}\n{line}", practice) == [(2, problem)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "there is nothing in it"),
        (" \n\n", "there is nothing in it"),
        (GOOD, "there is no column “provider”"),
        ("provider,date,from", "there is no column “to”"),
        (f"{HEADER},room", "“room” is no column"),
        (f"{HEADER},date", "there are two columns “date”"),
        (HEADER, "there is no line below the header"),
    ],
)
def test_a_file_without_its_columns_is_refused(practice: Practice, text: str, problem: str) -> None:
    assert faults(text, practice) == [(1, problem)]


def test_a_value_of_any_length_is_shown_in_short(practice: Practice) -> None:
    ((_line, problem),) = faults(f"{HEADER}\n{'x' * 5_000},2026-12-01,09:00,12:00,", practice)
    assert len(problem) < 100


@given(st.text(max_size=300))
def test_whatever_is_given_is_read_or_refused(text: str) -> None:
    for whole in (text, f"{HEADER}\n{text}", f"{HEADER}\n{GOOD}\n{text}"):
        read = read_plans(whole, _PRACTICE, TODAY)
        assert read.plans or read.faults


_PRACTICE = load_practice()
