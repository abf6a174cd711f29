""" "No problem" agrees everywhere but where problems were asked about."""

from __future__ import annotations

import pytest

from intents.readers.yes_no import read_yes_no

ASKED = "Any new problems or side effects with it?"


@pytest.mark.parametrize(
    "text",
    [
        "no problem",
        "no problems",
        "no new problems",
        "um no problem at all",
        "no, no problem",
        "not a problem",
    ],
)
def test_no_problem_denies_problems(text: str) -> None:
    answer = read_yes_no(text, ASKED)
    assert answer is not None
    assert answer.value is False


def test_no_problem_agrees_elsewhere() -> None:
    answer = read_yes_no("no problem", "Shall I book it?")
    assert answer is not None
    assert answer.value is True
