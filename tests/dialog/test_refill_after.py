"""After a refill was sent: why an early one, a visit to book, running out; and requests of before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from models.domain import (
    AboutRefill,
    AddToRefill,
    FindOpenings,
    IdentityLevel,
    Intent,
    OpenRequest,
    RefillAnswered,
    RefillOutcome,
    RequestRefill,
    RequestStage,
    RuleResult,
)
from tests.dialog.calls import MARIA, Backend, Call

REVIEW = RefillOutcome.NEEDS_REVIEW


def review(rule: str, **more: object) -> RefillAnswered:
    answer = RefillAnswered(REVIEW, "", "Task/1", (RuleResult(rule, False),), decided_by=rule)
    return replace(answer, **more)  # type: ignore[arg-type]


def sent(answer: RefillAnswered, backend: Backend | None = None, said: str = "lisinopril") -> Call:
    call = Call(replace(backend or Backend(), refills={"m1": answer}))
    call.says(f"I need a refill of {said}", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.yes()
    return call


def test_one_refill_takes_three_answers_after_identity() -> None:
    call = sent(review("labs-recent"))
    call.hears("I've sent this to the care team. They may ask for a test first.")
    assert len(call.ordered_of(RequestRefill)) == 1


def test_a_reason_for_an_early_one_is_kept_with_the_request() -> None:
    call = sent(review("not-too-soon"))
    call.hears("Do you need it early for a reason, like travel or lost pills?")
    call.says("yes", Intent.AFFIRM, yes_no=True)
    call.hears("What is the reason?")
    call.says("my daughter gets married in Spain")
    call.hears("I've added that for the care team.")
    [added] = call.ordered_of(AddToRefill)
    assert (added.task_ref, added.about) == ("Task/1", AboutRefill.EARLY_REASON)
    assert added.words == "my daughter gets married in Spain"


def test_a_reason_given_before_is_not_asked_for() -> None:
    call = sent(review("not-too-soon"), said="lisinopril, I lost my pills on a trip,")
    call.hears("I've added that for the care team.", "anything else")
    assert "trip" in call.ordered_of(AddToRefill)[0].words


def test_no_reason_is_an_answer() -> None:
    call = sent(review("not-too-soon"))
    call.no()
    call.hears("Is there anything else")
    assert call.ordered_of(AddToRefill) == []


def test_what_cannot_be_known_is_not_asked_about() -> None:
    unknown = (RuleResult("not-too-soon", None),)
    call = sent(review("not-too-soon", rules=unknown))
    assert "early" not in call.text


BRIDGE = RefillAnswered(
    RefillOutcome.BRIDGE_SUGGESTED, "MedicationRequest/1", "Task/1", visit_type="follow-up"
)


def test_the_visit_that_is_due_is_offered_and_booked_in_the_same_call() -> None:
    call = sent(BRIDGE)
    call.hears("They may ask you to come in for a visit. Shall we book that visit now?")
    call.yes()
    call.says("any time", Intent.SCHEDULE_BOOK)
    [search] = call.ordered_of(FindOpenings)
    assert search.visit_type == "follow-up"


def test_the_offer_of_a_visit_may_be_left() -> None:
    call = sent(BRIDGE)
    call.no()
    call.hears("Is there anything else")
    assert call.ordered_of(FindOpenings) == []


@pytest.mark.parametrize(
    ("words", "days"), [("I have two left", 1), ("I will run out before then", 1), ("I'm already out", 0)]
)
@pytest.mark.parametrize("matters", [True, False])
def test_running_out_is_added_to_the_request(words: str, days: int, matters: bool) -> None:
    call = sent(RefillAnswered(REVIEW, "", "Task/1"), Backend(runs_out_matters=matters))
    call.hears("tell me if you will run out before then.")
    call.says(words)
    call.hears("Our team will call you today." if matters else "I've added that for the care team.")
    [added] = call.ordered_of(AddToRefill)
    assert (added.about, added.days_left) == (AboutRefill.RUNS_OUT, days)
    call.says("I have two left")
    assert len(call.ordered_of(AddToRefill)) == 1, "it is told once"


def test_running_out_said_at_first_goes_with_the_request() -> None:
    call = sent(RefillAnswered(REVIEW, "", "Task/1", urgent=True), said="lisinopril, I'm out,")
    assert call.ordered_of(RequestRefill)[0].days_left == 0
    call.hears("I've sent this to the care team. Our team will call you today.")


def test_running_out_before_anything_was_asked_for_is_a_wish_like_any() -> None:
    call = Call()
    call.says("I have two lisinopril left and need a refill", Intent.REFILL_REQUEST, drug="lisinopril")
    call.hears("May I have your full name?")


# --------------------------------------------------------------------------- an earlier request


def known(stage: RequestStage = RequestStage.WITH_CARE_TEAM) -> Backend:
    request = OpenRequest("refill-review", date(2026, 11, 21), stage, "m1")
    return Backend(patient=replace(MARIA, open_requests=(request,)))


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (RequestStage.WITH_CARE_TEAM, "Your open request is with the care team."),
        (RequestStage.ANSWERED, "The care team has answered your request. Please call your pharmacy"),
        (RequestStage.NOT_GRANTED, "The care team has looked at your request, and would like to speak"),
    ],
)
def test_where_an_earlier_request_stands_without_its_name(stage: RequestStage, words: str) -> None:
    call = Call(known(stage))
    call.says("did my refill go through", Intent.REFILL_STATUS)
    call.hears("May I have your full name?")
    call.identifies()
    call.hears(words)
    assert "lisinopril" not in call.text


def test_the_name_is_said_back_to_who_said_it() -> None:
    call = Call(known())
    call.says("did my lisinopril go through", Intent.REFILL_STATUS, drug="lisinopril")
    call.identifies()
    call.hears("Your request for lisinopril is with the care team.")


def test_a_request_for_another_medicine_is_not_told_as_this_one() -> None:
    call = Call(known())
    call.says("did my metformin go through", Intent.REFILL_STATUS, drug="metformin")
    call.identifies()
    call.hears("I don't see an open request. Would you like to ask for a refill?")
    call.yes()
    call.hears("Any new problems or side effects with it?")


def test_who_asks_for_a_refill_is_asked_once_whether_it_is_about_the_open_one() -> None:
    call = Call(known())
    call.says("I'm calling about my refill", Intent.REFILL_REQUEST)
    call.identifies()
    call.hears("You have an open request with the care team. Are you calling about that?")
    call.no()
    call.hears("Which medication would you like refilled?")
    call.says("metformin", drug="metformin")
    call.hears("Any new problems")


def test_the_open_one_is_known_again_by_the_medicine_named() -> None:
    call = Call(known())
    call.says("a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    call.hears("You have an open request with the care team.")
    call.yes()
    call.hears("is with the care team.", "anything else")
    assert call.ordered_of(RequestRefill) == []


def test_another_medicine_raises_no_question_about_the_open_one() -> None:
    call = Call(known())
    call.says("a refill of metformin", Intent.REFILL_REQUEST, drug="metformin")
    call.identifies()
    call.hears("Any new problems")


def test_nobody_who_is_not_verified_hears_of_a_request() -> None:
    call = Call(known())
    call.says("did my refill go through", Intent.REFILL_STATUS)
    for _ in range(3):
        call.says("John Smith", name="John Smith")
        call.says("May first 1970", dob="1970-05-01", zip="02110")
    assert "request" not in call.text
    assert call.state.identity is IdentityLevel.L0
