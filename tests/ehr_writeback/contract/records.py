"""A call in which everything happened that we write of, and all of it was said."""

from __future__ import annotations

from dataclasses import replace

from models.domain import CheckinFiled, DoneAction, RefillAnswered, RequestRefill
from tests.ehr_writeback.records import BOOKING, RED_FLAG, turn
from tests.ehr_writeback.test_checkins import ANSWERS, ASKED, FILED
from tests.ehr_writeback.test_drug_issues import with_issue

_ASKED_FOR = with_issue().done[-1]
assert isinstance(_ASKED_FOR.action, RequestRefill)
assert isinstance(_ASKED_FOR.result, RefillAnswered)
REFILLED = replace(_ASKED_FOR, turn_number=6, action=replace(_ASKED_FOR.action, beside="ibuprofen"))
SAID = (
    *RED_FLAG.turns[:3],
    turn(3, "OK I will", "Our staff have been told. Is there anything else?"),
    turn(4, "I need my lisinopril refilled at Main Street Pharmacy", "Do you take anything beside it?"),
    turn(5, "ibuprofen", "Any new problems or side effects with it?"),
    turn(6, "No, no new problems", "I've sent this to the care team. Tuesday at two twenty?"),
    turn(7, "Yes please", f"You are booked. {ASKED[0]}"),
    *(
        turn(n, one.quote, text)
        for n, (one, text) in enumerate(zip(ANSWERS, [*ASKED[1:], "Goodbye."], strict=True), start=8)
    ),
)
EVERYTHING = replace(
    RED_FLAG,
    call_id="CA-everything",
    turns=SAID,
    done=(
        *RED_FLAG.done,
        REFILLED,
        replace(BOOKING.done[-1], turn_number=7),
        DoneAction(SAID[-1].number, FILED, CheckinFiled("Checkin/1")),
    ),
)
