"""Zero is a person, but not the first digit of a birth date."""

from __future__ import annotations

import pytest

from agent.keypad import is_complete


@pytest.mark.parametrize(
    ("keys", "wanted", "complete"),
    [
        ("0", 0, True),  # "0 for a person", where no number was asked for
        ("0", 1, True),
        ("0", 8, False),  # 03051981 begins so
        ("0305198", 8, False),
        ("03051981", 8, True),
        ("0#", 8, True),
        ("021", 5, False),
        ("02111", 5, True),
        ("1", 1, True),
        ("*", 0, True),
    ],
)
def test_keys_are_complete_when_nothing_more_is_due(keys: str, wanted: int, complete: bool) -> None:
    assert is_complete(keys, wanted) is complete
