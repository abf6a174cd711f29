"""Promises of every check-in, tried on answers that no one would write down."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from backends.questionnaires import runnable
from dialog.flows.questionnaire_rules import matched
from dialog.turn import Turn
from models.domain import (
    CODES,
    CheckinStatus,
    FileCheckin,
    Heard,
    HungUp,
    Intent,
    Keys,
    NoInput,
    OpenTask,
    Phase,
    Questionnaire,
)
from tests.dialog.calls import NO, PRACTICE, YES, meaning
from tests.dialog.checkin_calls import BY_NAME, QUESTIONNAIRES, CheckinCall

SAID = st.sampled_from(
    [
        *(YES, NO, meaning("a little"), meaning("I'd rather not say"), meaning("I don't know")),
        *(meaning("not at all"), meaning("several days"), meaning("nearly every day")),
        *(meaning("four"), meaning("two eighty"), meaning("no, three pounds", yes_no=False), meaning("none")),
        meaning("two hundred over one ten", blood_pressure="200/110 mmHg"),
        meaning("December third", date="2026-12-03"),
        *(meaning("go back"), meaning("I have to go now"), meaning("blah blah"), meaning("")),
        *(
            meaning("I have a headache", symptom="headache"),
            meaning("my ankles are swollen", symptom="swelling"),
        ),
        *(meaning("worse"), meaning("the cost"), meaning("say that again", Intent.REPEAT)),
        *(meaning("when are you open", Intent.OFFICE_INFO), meaning("never mind")),
    ]
)
EVENT = st.one_of(SAID.map(Heard), st.sampled_from([NoInput(), Keys("1"), Keys("2"), Keys("4"), Keys("180")]))
NAME = st.sampled_from(sorted(BY_NAME))
POINTS = {"not at all": 0, "several days": 1, "more than half the days": 2, "nearly every day": 3}
# Kroenke, Spitzer and Williams 2001, table 5
BANDS = ((4, "minimal"), (9, "mild"), (14, "moderate"), (19, "moderately severe"), (27, "severe"))


def band_of(total: int) -> str:
    return next(name for most, name in BANDS if total <= most)


@given(NAME, st.lists(EVENT, max_size=25), st.booleans())
@settings(max_examples=120, deadline=None)
def test_whatever_is_answered_nothing_is_lost_and_a_person_is_told(
    name: str, events: list[Heard | NoInput | Keys], staff: bool
) -> None:
    """`CheckinCall` itself asserts manners and that the state survives being stored."""
    call = CheckinCall(name, staff=staff)
    for event in events:
        if call.state.phase is Phase.ENDED:
            break
        call.event(event)
    answered = any(slot.startswith("a.") for slot in call.state.slots)
    call.event(HungUp())
    assert call.state.phase is Phase.ENDED
    assert not answered or call.filed, "answers were given and not kept"
    for filed in call.filed:
        assert filed.patient_id == "pat-1"
        assert len({answer.link_id for answer in filed.answers}) == len(filed.answers)
        assert filed.code in ("", *CODES)
        told = call.ordered_of(OpenTask) or call.paged
        assert told or call.state.known.get("with_person"), "nobody was told"


@given(st.lists(st.sampled_from(sorted(POINTS)), min_size=9, max_size=9))
@settings(max_examples=60, deadline=None)
def test_scores_are_the_published_sums_and_the_ninth_item_always_wins(said: list[str]) -> None:
    points = [POINTS[text] for text in said]
    call = CheckinCall("phq")
    call.answers(*said[:2])
    if sum(points[:2]) < 3:
        assert [(score.name, score.total) for score in call.filed[0].scores] == [("phq2", sum(points[:2]))]
        return
    call.answers(*said[2:])
    (filed,) = call.filed
    totals = {score.name: (score.total, score.band) for score in filed.scores}
    assert totals["phq9"] == (sum(points), band_of(sum(points)))
    assert (filed.code == "D0-988") is (points[8] > 0)
    assert (filed.status is CheckinStatus.STOPPED) is (points[8] > 0)
    assert points[8] == 0 or "988" in call.text
    spoken = " ".join(call.said)
    assert not any(band in spoken for _, band in BANDS)


@given(
    st.sets(st.sampled_from(["", "Dr. Chen"]), min_size=1),
    st.sampled_from(["", "2026-11-20"]),
    st.booleans(),
)
def test_with_real_patients_only_what_the_practice_signed_runs(who: set[str], when: str, demo: bool) -> None:
    one = replace(BY_NAME["copd"], signed_by=max(who), signed_on=when, demo_only=demo)
    assert bool(runnable([one], live=True)) is (bool(max(who)) and bool(when) and not demo)
    assert runnable([one], live=False) == (one,)


def test_a_questionnaire_that_may_not_run_is_never_asked() -> None:
    call = CheckinCall("copd", why="")
    call.context = replace(call.context, practice=replace(PRACTICE, questionnaires=()))
    call.says("You called me for a check-in", Intent.CHECKIN_RETURN)
    call.identifies()
    call.hears("I'll pass this on: You called me for a check-in.")
    assert call.ordered_of(FileCheckin) == []


@pytest.mark.parametrize("one", QUESTIONNAIRES, ids=lambda one: one.name)
def test_a_danger_comes_before_everything_that_was_answered(one: Questionnaire) -> None:
    """The most urgent rule that holds decides, whatever else holds."""
    call = CheckinCall(one.name)
    for _ in range(30):
        if call.filed or call.state.flow != "questionnaire":
            break
        call.answers("yes")
        rules = matched(Turn(call.state, call.context), one) if call.state.slots.get("questionnaire") else ()
        assert not any(rule.code in ("D0", "D0-988", "D1") for rule in rules), "asked on after a danger"
