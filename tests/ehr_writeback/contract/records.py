"""A call in which everything happened that we write of."""

from __future__ import annotations

from dataclasses import replace

from models.domain import CheckinFiled, DoneAction
from tests.ehr_writeback.records import BOOKING, RED_FLAG
from tests.ehr_writeback.test_checkins import FILED
from tests.ehr_writeback.test_drug_issues import with_issue

EVERYTHING = replace(
    RED_FLAG,
    call_id="CA-everything",
    done=(
        *RED_FLAG.done,
        with_issue().done[-1],
        BOOKING.done[-1],
        DoneAction(3, FILED, CheckinFiled("Checkin/1")),
    ),
)
