"""The phase table, the stored state, and how dates and numbers sound."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import UTC, date, datetime, time

import pytest

import dialog
from dialog import speech
from dialog.flows import FLOWS
from dialog.phases import MAY_FOLLOW, PhaseError, move
from models.domain import Heard, Intent, Phase, Sentence
from tests.dialog.calls import PRACTICE, Call, meaning

LIVE = [phase for phase in Phase if phase is not Phase.ENDED]


@pytest.mark.parametrize("phase", LIVE)
def test_a_person_and_the_end_are_one_step_from_every_live_phase(phase: Phase) -> None:
    assert move(phase, Phase.ENDED) is Phase.ENDED
    assert move(phase, Phase.HANDOFF) is Phase.HANDOFF


def test_nothing_follows_the_end_and_a_handoff_does_not_lead_to_a_goodbye() -> None:
    assert MAY_FOLLOW[Phase.ENDED] == frozenset()
    for phase in LIVE:
        with pytest.raises(PhaseError):
            move(Phase.ENDED, phase)
    with pytest.raises(PhaseError):
        move(Phase.HANDOFF, Phase.CLOSING)


def test_a_state_is_small_json_and_comes_back_whole() -> None:
    call = Call()
    call.says("book a follow up", Intent.SCHEDULE_BOOK, visit_type="follow-up")
    call.identifies()
    call.says("any time")
    call.says("what are your hours and my back hurts", (Intent.OFFICE_INFO, Intent.SYMPTOM_REPORT))
    text = json.dumps(dialog.to_json(call.state))
    assert dialog.from_json(json.loads(text)) == call.state
    assert len(text) < 4_000


def test_an_older_state_without_newer_fields_is_read() -> None:
    read = dialog.from_json({"call_id": "c1", "phase": "open"})
    assert read == dialog.DialogState("c1", Phase.OPEN)


def test_every_question_says_what_it_expects() -> None:
    call = Call()
    call.says("refill", Intent.REFILL_REQUEST)
    assert call.decision.expectation.asked == "May I have your full name?"
    assert call.decision.say[-1] == Sentence("May I have your full name?", fixed=True)


def test_every_question_of_every_flow_has_two_other_wordings() -> None:
    for flow in FLOWS.values():
        for step in flow.steps:
            if isinstance(step.ask, str):
                assert len(set(step.reasks)) >= 1, (flow.name, step.name)
                assert step.ask not in step.reasks


def test_fixed_sentences_are_many_and_each_once() -> None:
    fixed = dialog.fixed_sentences(PRACTICE)
    assert len(fixed) == len(set(fixed))
    assert "Which pharmacy should we use?" in fixed
    assert "Can you call 911 right now?" in fixed
    for claim in ("approved", "diagnos", "prescribe"):
        assert not any(claim in text.lower() for text in fixed)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (speech.birth_date(date(1981, 3, 5)), "March fifth, nineteen eighty-one"),
        (speech.birth_date(date(2004, 2, 29)), "February twenty-ninth, two thousand four"),
        (speech.birth_date(date(1905, 12, 30)), "December thirtieth, nineteen oh five"),
        (speech.year(2016), "twenty sixteen"),
        (speech.year(1900), "nineteen hundred"),
        (speech.clock(time(14, 20)), "two twenty PM"),
        (speech.clock(time(9, 5)), "nine oh five AM"),
        (speech.clock(time(12, 0)), "noon"),
        (speech.clock(time(0, 30)), "twelve thirty AM"),
        (speech.ordinal(31), "thirty-first"),
        (speech.ordinal(12), "twelfth"),
        (speech.either(["a", "b", "c"]), "a, b, or c"),
        (speech.quoted("one  two three", 9), "one two ..."),
    ],
)
def test_how_it_sounds(said: str, expected: str) -> None:
    assert said == expected


def test_times_are_the_practices_own_on_both_sides_of_the_clock_change() -> None:
    before = datetime(2026, 10, 31, 14, 0, tzinfo=UTC)
    after = datetime(2026, 11, 1, 15, 0, tzinfo=UTC)
    assert speech.moment(before, "America/New_York") == "Saturday, October thirty-first at ten AM"
    assert speech.moment(after, "America/New_York") == "Sunday, November first at ten AM"
    assert speech.moment(after, "America/Phoenix") == "Sunday, November first at eight AM"


def test_a_decision_is_little_work() -> None:
    """A phone turn has some hundred milliseconds for everything. Counted in calls of functions."""
    call = Call()
    event = Heard(meaning("I need a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril"))
    dialog.decide(call.state, event, call.context)
    calls = Counter[str]()
    sys.setprofile(lambda frame, kind, given: calls.update([kind]))
    try:
        dialog.decide(call.state, event, call.context)
    finally:
        sys.setprofile(None)
    assert 0 < calls["call"] < 2_000, calls
