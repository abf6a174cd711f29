"""What a caller whose line was lost hears at once is what their call goes on with."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dialog
from models.domain import CallStarted, Language, Pace, Phase
from tests.dialog.calls import Call


def test_a_call_that_has_begun_goes_on_with_these_words() -> None:
    call = Call()
    assert dialog.says_so_at_once(call.state)
    assert call.event(CallStarted(resumed=True)).startswith(dialog.RESUMED)


def test_one_that_was_lost_before_the_greeting_goes_on_with_them_and_is_greeted() -> None:
    call = Call()
    call.state = dialog.start("call-1")
    assert dialog.says_so_at_once(call.state)
    said = call.event(CallStarted(resumed=True))
    assert said.startswith(f"{dialog.RESUMED} Thank you for calling")
    assert said.count(dialog.RESUMED) == 1


def test_not_where_all_was_said() -> None:
    assert not dialog.says_so_at_once(replace(Call().state, phase=Phase.ENDED))


@pytest.mark.parametrize(
    "known", [{"with_person": True}, {"language": Language.SPANISH.value}], ids=["a person", "Spanish"]
)
def test_not_to_who_was_put_through_nor_to_who_speaks_spanish(known: dict[str, str | bool]) -> None:
    assert not dialog.says_so_at_once(replace(Call().state, known=known))


def test_not_to_who_wants_it_slower() -> None:
    assert not dialog.says_so_at_once(replace(Call().state, pace=Pace.SLOW))
