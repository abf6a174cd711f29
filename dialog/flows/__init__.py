"""The flows, and which wish leads to which."""

from __future__ import annotations

from collections.abc import Mapping

from dialog.flows.booking import BOOK
from dialog.flows.checkin import CHECKIN
from dialog.flows.desk import INFO, LANGUAGE, PROFESSIONAL, STATUS
from dialog.flows.message import MESSAGE
from dialog.flows.refill import REFILL
from dialog.flows.visits import CANCEL, LOOKUP, MOVE
from dialog.flows.waitlist import WAITLIST
from dialog.steps import Flow

_ALL = (REFILL, BOOK, MOVE, CANCEL, LOOKUP, WAITLIST, CHECKIN, MESSAGE, INFO, PROFESSIONAL, LANGUAGE, STATUS)
FLOWS: Mapping[str, Flow] = {flow.name: flow for flow in _ALL}
