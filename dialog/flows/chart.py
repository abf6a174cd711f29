"""What a chart says, read to who has shown the one-time code: medicines a few at a time, and the last visit.

No reason of a visit, no diagnosis and no result is ever part of it (domain rules section 2).
"""

from __future__ import annotations

import re

from dialog import wording
from dialog.medicines import with_strength
from dialog.reading import says, yes
from dialog.speech import day_name, year
from dialog.steps import Flow, Step, expect_yes_no, slot_missing
from dialog.turn import Turn
from models.domain import Disposition, IdentityLevel, Intent, Understanding

MEDICINES, LAST_VISIT = "medicines", "last_visit"
AT_ONCE = 2  # medicines in one breath
SHALL_I_GO_ON = "Shall I read more?"
NONE_TO_READ = "I have no medicines that I can read to you."
NO_VISIT = "I have no past visit that I can read to you."
READ_AS = frozenset(
    {
        *(Intent.MEDICATION_QUESTION, Intent.SCHEDULE_LOOKUP, Intent.RECORDS_REQUEST, Intent.REFILL_STATUS),
        *(Intent.OFFICE_INFO, Intent.REFILL_REQUEST, Intent.RESULTS_INQUIRY, Intent.OUT_OF_SCOPE),
    }
)
_DRUGS = r"(?:medications?|medicines?|meds|prescriptions?|drugs|pills)"
_MY = r"(?:my |the |his |her |their )(?:\w+ )?"
_ASKS_MEDICINES = re.compile(
    rf"\b(?:what|which) (?:\w+ )?{_DRUGS} (?:am i|do i|are|does|is|i am|i'm|i|do you|you)\b(?!.*refill)"
    rf"|\b(?:read|tell|give)\b.{{0,30}}\b{_MY}{_DRUGS}(?: list)?\s*(?:please)?\W*$"
    rf"|\b(?:list|rundown) of (?:all )?(?:{_MY})?{_DRUGS}\b"
    r"|\b(?:medications?|medicines?|meds|prescriptions?|drug) list\b"
    r"|\bwhat am i (?:on|taking)\b"
)
_VISIT = r"(?:visit|appointment|seen|see|come|came|in|there|check-?up|physical)"
_ASKS_LAST_VISIT = re.compile(
    rf"\bwhen (?:was|were|did) .{{0,30}}\blast\b.{{0,30}}\b{_VISIT}\b"
    rf"|\bwhen (?:was|were|did) .{{0,30}}\b{_VISIT}\b.{{0,20}}\blast\b"
    rf"|\b(?:date|day) of (?:my|the|her|his|their) last\b.{{0,20}}\b{_VISIT}\b"
    rf"|\bhow long (?:ago|since)\b.{{0,30}}\b{_VISIT}\b"
)


# Words for somebody else are a message, whatever they are about.
_FOR_OTHERS = re.compile(
    r"\b(?:leave|take|give|get|pass)\b.{0,20}\bmessage\b"
    r"|\b(?:tell|ask|let) (?:the|my|dr|doctor|him|her|them|nurse)\b"
)


def reads_as(heard: Understanding) -> frozenset[Intent]:
    """The intents that a wish to hear the chart may be taken for, and is not."""
    return READ_AS if says(heard, _FOR_OTHERS) else READ_AS | {Intent.MESSAGE_FOR_PROVIDER}


def asked(heard: Understanding) -> str:
    """Which part of the chart the words ask to be read: "medicines", "last_visit", or "" for neither."""
    if says(heard, _ASKS_LAST_VISIT):
        return LAST_VISIT
    return MEDICINES if says(heard, _ASKS_MEDICINES) else ""


def _tell(turn: Turn) -> Turn:
    if turn.patient is None:
        return turn.say(wording.NO_SYSTEM).done()
    return _last_visit(turn) if turn.slot("about") == LAST_VISIT else _medicines(turn)


def _last_visit(turn: Turn) -> Turn:
    visit = turn.patient.last_visit if turn.patient else None
    if visit is None:
        return _served(turn.say(NO_VISIT))
    seen = f" with {visit.provider_name}" if visit.provider_name else ""
    return _served(turn.say(f"The last visit was on {day_name(visit.day)}, {year(visit.day.year)}{seen}."))


def _medicines(turn: Turn) -> Turn:
    """The next few. "I can read" is true also where something is kept back."""
    patient = turn.patient
    if patient is None or not patient.may_be_read_out:
        return turn.put(barred=True)
    told = int(turn.slot("told") or 0)
    group = patient.medicines[told : told + AT_ONCE]
    if not group:
        return _served(turn.say(NONE_TO_READ))
    words = ", and ".join(with_strength(medicine) for medicine in group)
    turn = turn.put(told=told + len(group), go_on=None)
    turn = turn.say(f"I can read {words}." if not told else f"Then {words}.")
    return _served(turn) if told + len(group) >= len(patient.medicines) else turn


def _to_staff(turn: Turn) -> Turn:
    """A chart that is not read out by telephone: which mark it bears is not said."""
    return turn.say(wording.NEEDS_STAFF).begin("message", kind="routine-message", priority="routine")


def _hear_more(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None:
        return None
    return turn.put(go_on=True) if answer else _served(turn.say(wording.ALL_RIGHT))


def _served(turn: Turn) -> Turn:
    return turn.settle(Disposition.COMPLETED).note(served=True).done()


CHART = Flow(
    "chart",
    (
        Step(
            "barred",
            _to_staff,
            lambda turn: turn.has("barred"),
        ),
        Step("tell", _tell, lambda turn: not turn.has("told") or turn.has("go_on")),
        Step(
            "more",
            SHALL_I_GO_ON,
            slot_missing("go_on"),
            _hear_more,
            expect_yes_no,
            ("Shall I go on reading, yes or no?", "Press 1 to hear more, or 2 to stop."),
        ),
    ),
    back="Back to your chart.",
    then="Now, your chart.",
    identified=True,
    level=IdentityLevel.L2,
    constants=(NONE_TO_READ, NO_VISIT),
)
