"""A symptom told by phone: a few fixed questions, then a person calls back today. No advice, no inference.

Danger signs never reach this flow: the screen hears every answer first.
"""

from __future__ import annotations

from dialog.flows.questionnaire_choosing import about
from dialog.reading import value, word_count, yes
from dialog.speech import quoted
from dialog.steps import Flow, Step, expect_yes_no, slot_missing
from dialog.tasks import not_saved, open_task
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    Disposition,
    Expectation,
    ExpectationKind,
    Intent,
    Priority,
    Result,
    TaskKind,
    Understanding,
)

DANGER_ASKED = "checkin.danger"  # asking; a yes, or no clear answer, is a danger sign
WILL_CALL = "Our team will call you today."
IF_YOU_GET_WORSE = "If you get worse, call 911."
_DENIED = ("chest pain", "trouble breathing")
_WORST = 10


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """The sentence that tells of it answers the first question; named symptoms are kept for the record."""
    symptom, words = value(heard, "symptom"), quoted(heard.text)
    if symptom and words not in turn.state.symptoms_present:
        turn = turn.but(symptoms_present=(*turn.state.symptoms_present, words))
    tells = symptom or (not turn.state.asking and word_count(heard.text) > 4)
    return turn.put(words=quoted(heard.text)) if tells and not turn.has("words") else turn


def _hear_words(turn: Turn, heard: Understanding) -> Turn | None:
    if turn.has("words"):
        return turn
    if not heard.text.strip() or yes(heard) is not None:
        return None
    words = quoted(heard.text)
    return turn.put(words=words).but(symptoms_present=(*turn.state.symptoms_present, words))


def _hear_onset(turn: Turn, heard: Understanding) -> Turn | None:
    return turn.put(onset=quoted(heard.text, 80)) if heard.text.strip() else None


def _hear_severity(turn: Turn, heard: Understanding) -> Turn | None:
    if heard.intent is Intent.DONT_KNOW:
        return turn.put(severity="not known")
    said = value(heard, "number").removesuffix(".0")
    fits = said.isdigit() and int(said) <= _WORST
    return turn.put(severity=f"{said} of {_WORST}") if fits else None


def _hear_danger(turn: Turn, heard: Understanding) -> Turn | None:
    """Only a clear no comes this far."""
    if yes(heard) is not False:
        return None
    new = tuple(name for name in _DENIED if name not in turn.state.symptoms_denied)
    return turn.put(danger=False).but(symptoms_denied=(*turn.state.symptoms_denied, *new))


def _summary(turn: Turn) -> str:
    asked = {"onset": "Started", "severity": "How bad"}
    told = [f"{label}: {turn.slot(name)}." for name, label in asked.items() if turn.has(name)]
    denied = ["Says no chest pain or trouble breathing."] if turn.has("danger") else []
    return " ".join([f"Caller's words: {turn.slot('words')}.", *told, *denied])


def _order(turn: Turn, name: str) -> Turn:
    return open_task(turn, name, TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, _summary(turn))


def _opened(turn: Turn, result: Result) -> Turn:
    if isinstance(result, ActionFailed):
        return not_saved(turn).done()
    turn = turn.say(WILL_CALL, IF_YOU_GET_WORSE).settle(Disposition.COMPLETED)
    return turn.note(served=True).done()


def _leave(turn: Turn) -> Turn:
    """Cut short: what was told is passed on all the same."""
    if not turn.has("words"):
        return turn
    return _order(turn, "desk.quiet").settle(Disposition.MESSAGE_TAKEN)


def _belongs(turn: Turn) -> bool:
    """What was told belongs to a check-in that is this patient's own."""
    return turn.has("words") and not turn.has("onset") and about(turn) is not None


def _hand_on(turn: Turn) -> Turn:
    return turn.begin("questionnaire", words=turn.slot("words"), symptom=True)


CHECKIN = Flow(
    "checkin",
    (
        Step("own", _hand_on, _belongs),
        Step(
            "words",
            "What symptoms are you having?",
            slot_missing("words"),
            _hear_words,
            reasks=("Please tell me what you feel, in a few words.", "For example, say my back hurts."),
        ),
        Step(
            "onset",
            "When did it start?",
            slot_missing("onset"),
            _hear_onset,
            reasks=("Was it today, yesterday, or before?", "You can say a day, like last Monday."),
        ),
        Step(
            "severity",
            "On a scale of zero to ten, how bad is it?",
            slot_missing("severity"),
            _hear_severity,
            lambda turn: Expectation(ExpectationKind.NUMBER, digits=1),
            ("Please say a number from zero to ten, like four.", "You can press a number from 1 to 9."),
        ),
        Step(
            "danger",
            "Do you have chest pain or trouble breathing right now?",
            slot_missing("danger"),
            _hear_danger,
            expect_yes_no,
            ("Chest pain, or trouble breathing: yes or no?",),
        ),
        Step("send", lambda turn: _order(turn, "checkin.sent").wait()),
    ),
    back="Back to how you feel.",
    then="Now, how you feel.",
    identified=True,
    survives_refusal=True,
    absorb=absorb,
    outcomes={"checkin.sent": _opened},
    leave=_leave,
    constants=(WILL_CALL, IF_YOU_GET_WORSE),
)
