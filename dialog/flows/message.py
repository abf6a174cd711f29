"""A message for the staff: the caller's words, read back, then left on the desk. No identity is needed."""

from __future__ import annotations

from dialog import wording
from dialog.confirming import change_step, confirm_step
from dialog.flows.subjects import PAYING, PLAIN, REASKS, SUBJECTS, Detail, Subject, leads, questions
from dialog.reading import sure_value, value, word_count, yes
from dialog.speech import in_one_breath, quoted
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
_BARE_WORDS = {
    Intent.MESSAGE_FOR_PROVIDER: 9,
    Intent.OPT_OUT: 0,
    **dict.fromkeys((Intent.RECORDS_REQUEST, Intent.REFERRAL_REQUEST, Intent.RESULTS_INQUIRY), 6),
}
_BARE_WORDS_ELSE = 4


def opening_slots(intent: Intent, heard: Understanding) -> dict[str, str]:
    """What the sentence that asked for it already gives."""
    kind, priority = KINDS.get(intent, _URGENT)  # running late is no kind of its own
    if value(heard, "kind") == "complaint":
        kind = TaskKind.COMPLAINT
    subject = "complaint" if kind is TaskKind.COMPLAINT else intent.value
    slots = {"kind": kind.value, "priority": priority.value, "subject": subject}
    if word_count(heard.text) > _BARE_WORDS.get(intent, _BARE_WORDS_ELSE):
        slots["words"] = quoted(heard.text)
    return slots


def subject_of(turn: Turn) -> Subject:
    return SUBJECTS.get(turn.slot("subject"), PLAIN)


def _lead(turn: Turn) -> Turn:
    """What has to be said of the subject before anything is asked, once."""
    turn = turn.put(led=True)
    if turn.slot("subject") == "complaint":
        turn = turn.note(complained=True)
    paying = turn.slot("subject") == Intent.BILLING_QUESTION and PAYING.search(turn.slot("words").lower())
    return turn.say(wording.NO_CARDS if paying else subject_of(turn).lead)


def _ask_words(turn: Turn) -> Turn:
    return turn.ask("message.words", subject_of(turn).ask)


def _missing(turn: Turn) -> Detail | None:
    return next((detail for detail in subject_of(turn).details if not turn.has(detail.slot)), None)


def _ask_detail(turn: Turn) -> Turn:
    detail = _missing(turn)
    return turn.ask("message.detail", detail.ask) if detail else turn


def _detail_reasks(turn: Turn) -> tuple[str, ...]:
    detail = _missing(turn)
    return detail.reasks if detail else ()


def _hear_detail(turn: Turn, heard: Understanding) -> Turn | None:
    detail = _missing(turn)
    if detail is None or not heard.text.strip():
        return None
    return turn.put(**{detail.slot: quoted(heard.text, 80)})


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
    said = (turn.slot("words"), *(turn.slot(detail.slot) for detail in subject_of(turn).details))
    return f"I'll pass this on: {'; '.join(in_one_breath(part) for part in said if part)}."


def _send(turn: Turn) -> Turn:
    return _order(turn, "message.sent").wait()


def _order(turn: Turn, name: str) -> Turn:
    kind, priority = TaskKind(turn.slot("kind")), Priority(turn.slot("priority"))
    return open_task(turn, name, kind, priority, _summary(turn))


def _summary(turn: Turn) -> str:
    """The caller's words, with what they are about and what else was asked."""
    subject, words = subject_of(turn), turn.slot("words") or turn.state.reason
    given = [detail for detail in subject.details if turn.has(detail.slot)]
    told = [f"{detail.label}: {turn.slot(detail.slot)}" for detail in given]
    return ". ".join([f"{subject.title}: {words}" if subject.title else words, *told])


def _sent(turn: Turn, result: Result) -> Turn:
    if isinstance(result, ActionFailed):
        return not_saved(turn).done()
    said = wording.CALL_BACK_LEFT if turn.has("asked_again") else wording.PASSED_ON
    turn = turn.note(call_back_left=True) if turn.has("promised") else turn
    return turn.say(said).settle(Disposition.MESSAGE_TAKEN).note(served=True).done()


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
        Step("lead", _lead, slot_missing("led")),
        Step(
            "words",
            _ask_words,
            slot_missing("words"),
            _hear_words,
            reasks=REASKS,
            reasks_now=lambda turn: subject_of(turn).reasks,
        ),
        Step(
            "detail",
            _ask_detail,
            lambda turn: _missing(turn) is not None,
            _hear_detail,
            reasks_now=_detail_reasks,
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
    constants=(NO_MORE_TEXTS, *leads(), *questions()),
    leave=_leave,
)
