"""Statements, everyday calls and plain dangers, each held to the whole answer of the screen."""

from __future__ import annotations

import pytest

from dialog.safety import assess
from tests.dialog_safety.everyday import EVERYDAY
from tests.dialog_safety.further_positives import FURTHER
from tests.dialog_safety.statements import STATEMENTS
from tests.dialog_safety.told import TOLD
from tests.dialog_safety.witnesses import answer, is_due


@pytest.mark.parametrize(("expected", "text"), STATEMENTS)
def test_how_it_is_said_decides(expected: str, text: str) -> None:
    assert answer(assess([text])) == expected


def test_everyday_calls_raise_no_alarm() -> None:
    assert [text for text in EVERYDAY if assess([text]).flag] == []


@pytest.mark.parametrize(
    ("flag_id", "text"), [(flag, text) for flag, texts in FURTHER.items() for text in texts]
)
def test_a_plain_danger_is_raised(flag_id: str, text: str) -> None:
    assert flag_id in {flag.red_flag_id for flag in assess([text]).raised}


@pytest.mark.parametrize("table", TOLD)
def test_what_callers_say_is_answered_as_is_due(table: str) -> None:
    assessed = ((due, text, assess([text])) for due, text in TOLD[table])
    assert [(due, text, answer(found)) for due, text, found in assessed if not is_due(due, found)] == []


def test_nothing_is_told_twice() -> None:
    told = [row for rows in TOLD.values() for row in rows]
    assert len(told) == len(set(told))
