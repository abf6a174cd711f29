"""What a front desk answers at once: hours and address, a pharmacy or hospital calling, another language."""

from __future__ import annotations

import re

from dialog import wording
from dialog.handoff import connect
from dialog.reading import says
from dialog.steps import Flow, Step
from dialog.tasks import hand_over
from dialog.turn import Turn
from models.domain import Disposition, Priority, TaskKind, Understanding

_TOPICS = {
    "hours": re.compile(r"\b(hours?|open|close[ds]?|closing|weekends?|saturday|sunday|when are you)\b"),
    "address": re.compile(r"\b(address|where|located|location|directions?|park(ing)?|get there)\b"),
    "phone": re.compile(r"\b(phone|number|fax)\b"),
}


def topics(heard: Understanding) -> str:
    """Which facts about the practice are asked for; "" when the words do not say."""
    return " ".join(name for name, pattern in _TOPICS.items() if says(heard, pattern))


def _tell(turn: Turn) -> Turn:
    facts = wording.about_practice(turn.practice)
    wanted = turn.slot("about").split() or ["hours", "address"]
    room = max(1, 2 - len(turn.said) - len(turn.state.queue))
    found = [facts[name] for name in wanted if name in facts][:room] or [facts["phone"]]
    return turn.say(*found).settle(Disposition.COMPLETED).note(served=True).done()


def _professional(turn: Turn) -> Turn:
    """A pharmacy, hospital or laboratory is put through; with nobody there, its message is urgent."""
    if turn.practice.staff_available:
        return connect(turn, "Professional caller")
    turn = turn.say(wording.CLOSED, wording.TAKE_MESSAGE)
    kind, priority = TaskKind.ROUTINE_MESSAGE.value, Priority.URGENT.value
    return turn.begin("message", kind=kind, priority=priority, promised=True)


def _language(turn: Turn) -> Turn:
    if turn.practice.staff_available:
        return connect(turn, "Needs an interpreter")
    summary = f"Needs an interpreter. Caller's words: {turn.state.reason}"
    return hand_over(turn.say(wording.LANGUAGE), TaskKind.LANGUAGE_LINE, Priority.URGENT, summary)


INFO = Flow("info", (Step("tell", _tell),))
PROFESSIONAL = Flow("professional", (Step("connect", _professional),))
LANGUAGE = Flow("language", (Step("connect", _language),))
