"""What a front desk answers at once: hours and address, another language."""

from __future__ import annotations

import re

from dialog import office, wording
from dialog.handoff import connect
from dialog.reading import day, says, word_count
from dialog.speech import quoted
from dialog.steps import Flow, Step
from dialog.tasks import hand_over
from dialog.turn import Turn
from models.domain import Disposition, JsonScalar, Language, Priority, TaskKind, Understanding

WHAT_ABOUT = "What would you like to know about our office?"
NOT_WRITTEN_DOWN = "I don't have that here."
_TOPICS = {
    "hours": re.compile(r"\b(hours?|open|close[ds]?|closing|weekends?|saturday|sunday|when are you)\b"),
    "address": re.compile(r"\b(address|where|located|location|directions?|get (there|to you))\b"),
    "phone": re.compile(r"\b(phone|telephone|number)\b"),
}
_SPANISH = re.compile(r"\b(espa[nñ]ol|castellano|spanish|habla|hablo)\b")
_FEW_WORDS = 3  # "office information, please": what about is asked


def topics(turn: Turn, heard: Understanding) -> str:
    """Which facts about the practice are asked for; "" when the words do not say."""
    written = office.asked(turn, heard)
    return " ".join(written or (name for name, pattern in _TOPICS.items() if says(heard, pattern)))


def info_slots(turn: Turn, heard: Understanding) -> dict[str, JsonScalar]:
    """What a question about the office already says."""
    slots: dict[str, JsonScalar] = {}
    if about := topics(turn, heard):
        slots["about"] = about
    elif word_count(heard.text) > _FEW_WORDS:
        slots["unknown"] = quoted(heard.text)
    if on := office.day_asked(turn.context, heard):
        slots["day"] = on
    return slots


def _hear_about(turn: Turn, heard: Understanding) -> Turn | None:
    about = topics(turn, heard) or " ".join(office.topics_in(heard.text, turn.practice.office_info))
    if not about and not heard.text.strip():
        return None
    return turn.put(**(info_slots(turn, heard) | ({"about": about} if about else {})))


def _tell(turn: Turn) -> Turn:
    """What is asked for, at most two things; what is not written down is passed on, never made up."""
    found = [said for name in turn.slot("about").split() if (said := _fact(turn, name))]
    if not found:
        return _pass_on(turn)
    room = max(1, 2 - len(turn.said) - len(turn.state.queue))
    return turn.say(*found[:room]).settle(Disposition.COMPLETED).note(served=True).done()


def _fact(turn: Turn, name: str) -> str:
    on = day(turn.slot("day"))
    if name == "hours" and on and turn.practice.hours:
        return office.hours_on(turn.context, on)
    return office.answer(turn.practice, name) or wording.about_practice(turn.practice).get(name, "")


def _pass_on(turn: Turn) -> Turn:
    kind, priority = TaskKind.ROUTINE_MESSAGE.value, Priority.ROUTINE.value
    words = turn.slot("unknown") or turn.state.reason
    return turn.say(NOT_WRITTEN_DOWN).begin("message", kind=kind, priority=priority, words=words)


def _language(turn: Turn) -> Turn:
    turn = _told_in_spanish(turn)
    if turn.practice.staff_available:
        return connect(turn, "Needs an interpreter")
    summary = f"Needs an interpreter. Caller's words: {turn.state.reason}"
    return hand_over(turn.say(wording.LANGUAGE), TaskKind.LANGUAGE_LINE, Priority.URGENT, summary)


def _told_in_spanish(turn: Turn) -> Turn:
    """Where the wordings are signed, who speaks Spanish hears the greeting's disclosures in it first."""
    if not turn.known("language") and _SPANISH.search(turn.state.reason.lower()):
        turn = turn.note(language=Language.SPANISH.value)
    if turn.practice.spanish is None or not turn.known("language"):
        return turn
    recorded = turn.practice.records_calls and not turn.state.known.get("recording_declined")
    return turn.say(wording.EMERGENCY, wording.AI, wording.RECORDED if recorded else "")


INFO = Flow(
    "info",
    (
        Step(
            "about",
            WHAT_ABOUT,
            lambda turn: not turn.has("about") and not turn.has("unknown"),
            _hear_about,
            reasks=("You can ask about our hours, or where we are.", "For example, say when are you open."),
        ),
        Step("tell", _tell),
    ),
    constants=(NOT_WRITTEN_DOWN,),
)
LANGUAGE = Flow("language", (Step("connect", _language),))
