"""A pharmacy, hospital, laboratory or another doctor's office calling: put through first of all.

With nobody there who it is, about whom, and the message word for word are taken. A critical result wakes who
is on call at once (The Joint Commission, NPSG.02.03.01: critical results are reported in time). Nothing of
a chart is given, whoever they say they are.
"""

from __future__ import annotations

import re

from dialog import wording
from dialog.confirming import change_step, confirm_step
from dialog.handoff import connect, reachable
from dialog.reading import says, sure_value, yes
from dialog.speech import in_one_breath, phone, quoted
from dialog.steps import Flow, Step, slot_missing
from dialog.tasks import not_saved, open_task
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    Disposition,
    Expectation,
    ExpectationKind,
    Intent,
    PageStaff,
    Priority,
    Result,
    TaskKind,
    Understanding,
)

WHO = "Who is calling, and from where?"
ABOUT_WHOM = "Which patient is it about?"
WHAT = "What is the message?"
NUMBER = "What number can we call you back on?"
WAKING = "I'm letting the clinician on call know right now."
_MESSAGE_LIMIT, _WHO_LIMIT = 300, 80  # characters
_PLACES = (
    r"(?:pharmac(?:y|ist)|cvs|walgreens|rite aid|walmart|costco|labcorp|quest|lab(?:oratory)?|hospital"
    r"|emergency (?:department|room)|hospice|home health|nursing (?:home|facility)|radiology|imaging|clinic"
    r"|(?:doctor|dr)\.? \w+'?s? office)"
)
_CALLS_FROM = re.compile(
    rf"\b(?:this is|calling from|i'm with|i am with|i'm from|i am from|from) (?:\w+[ '-]*){{0,4}}?{_PLACES}\b"
)
_CRITICAL = re.compile(r"\b(critical|panic)\b")
# A patient may be at a hospital too: words about a place decide only what the model leaves open.
_LEFT_OPEN = frozenset({Intent.GREETING, Intent.OUT_OF_SCOPE, Intent.PROFESSIONAL_CALLER})


def named(heard: Understanding) -> bool:
    """Whether somebody says that they call from such a place, and wants nothing that a patient wants."""
    return says(heard, _CALLS_FROM) and _LEFT_OPEN.issuperset(heard.intents)


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """The first words are kept as they are; a number is where to call back."""
    if not turn.has("first"):
        turn = turn.put(first=quoted(heard.text))
    if says(heard, _CRITICAL):
        turn = turn.put(critical=True)
    number = sure_value(heard, "phone")
    return turn.put(callback=number) if number else turn


def _page(turn: Turn) -> Turn:
    """At once, before anything is asked: the task with the whole message follows."""
    summary = f"Critical result by telephone. Caller's words: {turn.slot('first')}"
    return turn.put(paged=True).say(WAKING).act("desk.quiet", lambda id_: PageStaff(id_, summary))


def _is_critical(turn: Turn) -> bool:
    return turn.has("critical")


def _put_through(turn: Turn) -> Turn:
    turn = turn.put(tried=True)
    if not (reachable(turn) if _is_critical(turn) else turn.practice.staff_available):
        return turn if _is_critical(turn) else turn.say(wording.CLOSED)
    if _is_critical(turn):
        turn = _order(turn.put(left=True), "desk.quiet")
    what = "critical result" if _is_critical(turn) else "professional caller"
    return connect(turn, f"{what.capitalize()}: {turn.slot('first')}", urgent=_is_critical(turn))


def _kept(name: str, limit: int, turn: Turn, heard: Understanding) -> Turn | None:
    if not heard.text.strip() or (yes(heard) is not None and len(heard.text.split()) < 3):
        return None
    return turn.put(**{name: quoted(heard.text, limit)}).drop("changing")


def _hear_message(turn: Turn, heard: Understanding) -> Turn | None:
    return _kept("message", _MESSAGE_LIMIT, turn, heard)


def _hear_number(turn: Turn, heard: Understanding) -> Turn | None:
    return turn if turn.has("callback") else None


def _read_out(turn: Turn) -> str:
    message, number = in_one_breath(turn.slot("message")), phone(turn.slot("callback"))
    return f"I have: {message}, and we call you back at {number}."


def _summary(turn: Turn) -> str:
    parts = {
        "Professional caller": turn.slot("who") or turn.slot("first"),
        "About": turn.slot("about"),
        "Message": turn.slot("message"),
    }
    return " ".join(f"{name}: {words.rstrip('.')}." for name, words in parts.items() if words)


def _order(turn: Turn, name: str) -> Turn:
    kind = TaskKind.NURSE_NOW if _is_critical(turn) else TaskKind.ROUTINE_MESSAGE
    priority = Priority.STAT if _is_critical(turn) else Priority.URGENT
    return open_task(turn, name, kind, priority, _summary(turn))


def _sent(turn: Turn, result: Result) -> Turn:
    if isinstance(result, ActionFailed):
        return not_saved(turn).done()
    return turn.say(wording.PASSED_ON).settle(Disposition.MESSAGE_TAKEN).note(served=True).done()


def _leave(turn: Turn) -> Turn:
    """Cut short: what was said reaches the desk all the same, once."""
    heard_by_staff = turn.state.known.get("with_person") is True
    owed = turn.has("first") and not turn.has("left") and not heard_by_staff
    return _order(turn, "desk.quiet").settle(Disposition.MESSAGE_TAKEN) if owed else turn


PROFESSIONAL = Flow(
    "professional",
    (
        Step("page", _page, lambda turn: _is_critical(turn) and not turn.has("paged")),
        Step("put_through", _put_through, slot_missing("tried")),
        Step(
            "who",
            WHO,
            slot_missing("who"),
            lambda turn, heard: _kept("who", _WHO_LIMIT, turn, heard),
            reasks=("Please say your name, and the place you call from.", "For example, Kelly at Mercy lab."),
        ),
        Step(
            "about",
            ABOUT_WHOM,
            slot_missing("about"),
            lambda turn, heard: _kept("about", _WHO_LIMIT, turn, heard),
            reasks=("Please say the patient's name and birth date.", "Say none if it is about no patient."),
        ),
        Step(
            "message",
            WHAT,
            slot_missing("message"),
            _hear_message,
            reasks=("Please say what we should pass on.", "For example, say the result and its time."),
        ),
        Step(
            "callback",
            NUMBER,
            slot_missing("callback"),
            _hear_number,
            lambda turn: Expectation(ExpectationKind.PHONE, digits=10),
            ("Please say the phone number, with the area code.", "You can press the ten digits of it."),
        ),
        change_step(_hear_message, ("Please say the message again.", "Say it the way you want it.")),
        confirm_step("professional", _read_out, "Is that right?"),
        Step("send", lambda turn: _order(turn, "professional.sent").wait()),
    ),
    back="Back to your message.",
    then="Now, your message.",
    absorb=absorb,
    outcomes={"professional.sent": _sent},
    leave=_leave,
    constants=(WAKING,),
)
