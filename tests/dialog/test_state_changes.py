"""A changed state is a new one, alike in all the rest; it takes no part that the state does not have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialog.state import DialogState, Wish, changed
from models.domain import Phase


def test_it_is_what_replacing_gives() -> None:
    state = DialogState("CA1", flow="book", slots={"date": "2026-12-01"}, queue=(Wish("refill"),), counter=3)
    changes = {"phase": Phase.SERVING, "slots": {}, "counter": 4}
    assert changed(state, changes) == replace(state, **changes)  # type: ignore[arg-type]
    assert state.counter == 3


def test_a_part_that_the_state_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="moood"):
        changed(DialogState("CA1"), {"moood": "good"})
