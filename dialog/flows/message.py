"""A message for the staff: the caller's words, read back, then left on the desk. No identity is needed."""

from __future__ import annotations

from dialog import wording
from dialog.confirming import change_step, confirm_step
from dialog.reading import sure_value, value, word_count, yes
from dialog.speech import quoted
from dialog.steps import Flow, Step, slot_missing
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
    StopTexts,
    TaskKind,
    TextsStopped,
    Understanding,
)

WHAT_TO_TELL = "What would you like me to tell them?"
NO_MORE_TEXTS = "We won't send you any more texts."
_ROUTINE = (TaskKind.ROUTINE_MESSAGE, Priority.ROUTINE)
_URGENT = (TaskKind.ROUTINE_MESSAGE, Priority.URGENT)
KINDS: dict[Intent, tuple[TaskKind, Priority]] = {
    Intent.MESSAGE_FOR_PROVIDER: _ROUTINE,
    Intent.MEDICATION_QUESTION: _ROUTINE,
    Intent.RESULTS_INQUIRY: _ROUTINE,
    Intent.REFERRAL_REQUEST: _ROUTINE,
    Intent.UPDATE_INFO: _ROUTINE,
    Intent.CHECKIN_RETURN: (TaskKind.SAME_DAY_CALLBACK, Priority.URGENT),
    Intent.RECORDS_REQUEST: (TaskKind.RECORDS_REQUEST, Priority.ROUTINE),
    Intent.BILLING_QUESTION: (TaskKind.BILLING_QUESTION, Priority.ROUTINE),
    Intent.OPT_OUT: (TaskKind.OPT_OUT_RECORDED, Priority.ROUTINE),
    Intent.PROFESSIONAL_CALLER: _URGENT,
}
# "I'd like to leave a message" names a wish; a longer sentence already is the message.
_BARE_WORDS = {Intent.MESSAGE_FOR_PROVIDER: 9, Intent.OPT_OUT: 0}
_BARE_WORDS_ELSE = 4


def opening_slots(intent: Intent, heard: Understanding) -> dict[str, str]:
    """What the sentence that asked for it already gives."""
    kind, priority = KINDS.get(intent, _URGENT)  # running late is no kind of its own
    if value(heard, "kind") == "complaint":
        kind = TaskKind.COMPLAINT
    slots = {"kind": kind.value, "priority": priority.value}
    if word_count(heard.text) > _BARE_WORDS.get(intent, _BARE_WORDS_ELSE):
        slots["words"] = quoted(heard.text)
    return slots


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """A number said in the message is where to call back."""
    number = sure_value(heard, "phone")
    return turn.put(callback=number) if number else turn


def _hear_words(turn: Turn, heard: Understanding) -> Turn | None:
    if not heard.text.strip() or (yes(heard) is not None and word_count(heard.text) < 3):
        return None
    return turn.put(words=quoted(heard.text)).drop("changing")


def _hear_callback(turn: Turn, heard: Understanding) -> Turn | None:
    number = turn.slot("callback")
    return turn.note(callback=number) if number else None


def _needs_callback(turn: Turn) -> bool:
    return not (turn.context.caller_number or turn.known("callback") or turn.has("callback"))


def _read_out(turn: Turn) -> str:
    return f"I'll pass this on: {turn.slot('words').rstrip('.!?')}."


def _send(turn: Turn) -> Turn:
    return _order(turn, "message.sent").wait()


def _order(turn: Turn, name: str) -> Turn:
    kind, priority = TaskKind(turn.slot("kind")), Priority(turn.slot("priority"))
    return open_task(turn, name, kind, priority, turn.slot("words") or turn.state.reason)


def _sent(turn: Turn, result: Result) -> Turn:
    if isinstance(result, ActionFailed):
        return not_saved(turn).done()
    return turn.say(wording.PASSED_ON).settle(Disposition.MESSAGE_TAKEN).note(served=True).done()


def _leave(turn: Turn) -> Turn:
    """The call ends in the middle of it: what was asked for still reaches the desk."""
    owed = turn.has("promised") or turn.has("words")
    return _order(turn, "desk.quiet").settle(Disposition.MESSAGE_TAKEN) if owed else turn


def _wants_no_texts(turn: Turn) -> bool:
    """Revoked by any reasonable means, and at once (47 CFR 64.1200(a)(10)); staff hear of it too."""
    asked = turn.slot("kind") == TaskKind.OPT_OUT_RECORDED
    return asked and bool(turn.context.caller_number) and not turn.state.known.get("texts_stopped")


def _stop_texts(turn: Turn) -> Turn:
    return turn.note(texts_stopped=True).act("message.stopped", StopTexts).wait()


def _texts_stopped(turn: Turn, result: Result) -> Turn:
    return turn.say(NO_MORE_TEXTS) if isinstance(result, TextsStopped) else turn


MESSAGE = Flow(
    "message",
    (
        Step("stop", _stop_texts, _wants_no_texts),
        Step(
            "words",
            WHAT_TO_TELL,
            slot_missing("words"),
            _hear_words,
            reasks=("Please say your message in a few words.", "For example, say please call me tomorrow."),
        ),
        Step(
            "callback",
            "What number should they call?",
            _needs_callback,
            _hear_callback,
            lambda turn: Expectation(ExpectationKind.PHONE, digits=10),
            ("Please say the phone number, with the area code.", "You can press the ten digits of it."),
        ),
        change_step(_hear_words, ("Please say the message again.", "Say it the way you want it.")),
        confirm_step("message", _read_out, "Is that right?"),
        Step("send", _send),
    ),
    back="Back to your message.",
    then="Now, your message.",
    absorb=absorb,
    outcomes={"message.sent": _sent, "message.stopped": _texts_stopped},
    constants=(NO_MORE_TEXTS,),
    leave=_leave,
)
