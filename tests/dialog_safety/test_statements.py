"""Statements, everyday calls and plain dangers, each held to the whole answer of the screen."""

from __future__ import annotations

import pytest

from dialog.safety import assess
from tests.dialog_safety.everyday import EVERYDAY
from tests.dialog_safety.further_positives import FURTHER
from tests.dialog_safety.statements import STATEMENTS
from tests.dialog_safety.witnesses import answer


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
