"""What anybody may know of the practice: hours of a day, and what it has written down; nothing is made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from dialog.office import topics_in
from models.domain import ClosedDay, Intent, OfficeTopic, OpenHours, OpenTask, TaskKind
from tests.dialog.calls import PRACTICE, Call

TOPICS = (
    OfficeTopic("parking", "There is a lot behind the house.", ("parking", "park")),
    OfficeTopic("new-patients", "Yes, we're taking new patients.", ("accepting new patient",)),
    OfficeTopic("forms", "Forms are at the front desk.", ("new patient form", "get form")),
    OfficeTopic("visit", "Please bring your card.", ("bring visit",)),
)
HOURS = tuple(
    OpenHours(weekday, time(opens), time(closes))
    for weekday in range(5)
    for opens, closes in ((8, 12), (13, 17))
)
THANKSGIVING = date(2026, 11, 26)


def call_to(**facts: object) -> Call:
    call = Call()
    known = {"office_info": TOPICS, "hours": HOURS, "closed_days": (ClosedDay(THANKSGIVING, "Thanksgiving"),)}
    practice = replace(PRACTICE, **{**known, **facts})  # type: ignore[arg-type]
    call.context = replace(call.context, practice=practice)
    return call


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        (
            "are you open today",
            {"date": "2026-11-23"},
            "We're open today from eight AM to noon, and from one PM",
        ),
        ("are you still open", {}, "We're open today"),
        ("when do you close tomorrow", {"date": "2026-11-24"}, "We're open tomorrow from eight AM"),
        (
            *("are you open on thanksgiving", {"date": "2026-11-26"}),
            "We're closed on Thursday, November twenty-sixth, for Thanksgiving.",
        ),
        ("are you open on saturday", {"weekday": 5}, "We're closed on Saturday, November twenty-eighth."),
        ("what are your hours", {}, "We're open Monday to Friday, eight to five."),
        ("where do I park", {}, "There is a lot behind the house."),
        ("what do I bring to my first visit", {}, "Please bring your card."),
        ("what's your address", {}, "We're at 12 Maple Street."),
    ],
)
def test_what_is_written_down_is_told(text: str, values: dict[str, object], answer: str) -> None:
    call = call_to()
    call.says(text, Intent.OFFICE_INFO, **values)
    call.hears(answer, "Is there anything else I can help with?")


def test_what_is_not_written_down_becomes_a_message() -> None:
    call = call_to()
    call.says("do you have a gym in the building", Intent.OFFICE_INFO)
    call.hears("I don't have that here. I'll pass this on: do you have a gym in the building. Is that right?")
    call.yes()
    [task] = call.ordered_of(OpenTask)
    assert (task.kind, task.summary) == (TaskKind.ROUTINE_MESSAGE, "do you have a gym in the building")


def test_a_question_about_nothing_yet_is_asked_what_about() -> None:
    call = call_to()
    call.says("office information please", Intent.OFFICE_INFO)
    call.hears("What would you like to know about our office?")
    call.says("parking")
    call.hears("There is a lot behind the house.")


def test_a_question_taken_for_another_wish_is_still_answered() -> None:
    call = call_to()
    call.says("how can I get a form", Intent.RECORDS_REQUEST)
    call.hears("Forms are at the front desk.")


def test_a_wish_that_only_names_a_topic_stays_a_wish() -> None:
    call = call_to()
    call.says("please send the new patient forms to my new doctor", Intent.RECORDS_REQUEST)
    assert "front desk" not in call.text


def test_in_the_middle_of_a_refill_and_back() -> None:
    call = call_to()
    call.says("refill lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    call.says("is there parking", Intent.OFFICE_INFO)
    call.hears("There is a lot behind the house. Back to your refill.")


def test_the_longest_words_win() -> None:
    assert topics_in("Do you have the new patient forms?", TOPICS) == ("forms",)
    assert topics_in("are you accepting any new patients", TOPICS) == ("new-patients",)
    assert topics_in("my spark plug", TOPICS) == ()
