"""The flows, and which wish leads to which."""

from __future__ import annotations

from collections.abc import Mapping

from dialog.flows.booking import BOOK
from dialog.flows.cancelling import CANCEL
from dialog.flows.chart import CHART
from dialog.flows.checkin import CHECKIN, DANGER_ASKED
from dialog.flows.desk import INFO, LANGUAGE
from dialog.flows.eligibility import DANGER_ASKED as BOOKING_DANGER_ASKED
from dialog.flows.late import LATE
from dialog.flows.looking_up import LOOKUP
from dialog.flows.message import MESSAGE
from dialog.flows.moving import MOVE
from dialog.flows.newcomer import DANGER_ASKED as NEWCOMER_DANGER_ASKED
from dialog.flows.newcomer import NEWCOMER
from dialog.flows.permission import PERMISSION
from dialog.flows.professional import PROFESSIONAL
from dialog.flows.questionnaire import QUESTIONNAIRE
from dialog.flows.refill import REFILL
from dialog.flows.refill_after import RUNS_OUT
from dialog.flows.refill_open import STATUS
from dialog.flows.waitlist import WAITLIST
from dialog.steps import Flow

_ALL = (
    *(REFILL, STATUS, RUNS_OUT, BOOK, MOVE, CANCEL, LOOKUP, LATE, NEWCOMER, WAITLIST, CHECKIN, MESSAGE),
    *(INFO, PROFESSIONAL, LANGUAGE, CHART, PERMISSION, QUESTIONNAIRE),
)
FLOWS: Mapping[str, Flow] = {flow.name: flow for flow in _ALL}
# Questions to which a yes, or no clear answer, is a danger sign.
DANGER_QUESTIONS = frozenset({DANGER_ASKED, BOOKING_DANGER_ASKED, NEWCOMER_DANGER_ASKED})
