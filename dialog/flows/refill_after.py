"""After requests were sent: all outcomes told, why an early one, an offer to book, running out."""

from __future__ import annotations

from dialog.flows.refill_outcome import TOO_SOON, WILL_CALL, Answer, answers, is_due, tell
from dialog.reading import word_count, yes
from dialog.speech import quoted
from dialog.steps import Flow, Step, expect_yes_no
from dialog.tasks import not_saved
from dialog.turn import Turn
from models.domain import (
    AboutRefill,
    ActionFailed,
    AddToRefill,
    ProxyScope,
    RefillAdded,
    Result,
    Understanding,
)
from words.dosing import days_left

WHY_EARLY = "Do you need it early for a reason, like travel or lost pills?"
WHAT_REASON = "What is the reason?"
BOOK_NOW = "Shall we book that visit now?"
ADDED = "I've added that for the care team."
CONSTANTS = (WHY_EARLY, WHAT_REASON, BOOK_NOW, ADDED)


def _too_soon(turn: Turn) -> Answer | None:
    early = (a for a in answers(turn) if a.decided_by == TOO_SOON and a.task_ref and not a.already_open)
    return next(early, None)


def _visit_type(turn: Turn) -> str:
    return next((a.visit_type for a in answers(turn) if a.visit_type and not a.already_open), "")


def _early_due(turn: Turn) -> bool:
    return turn.has("told") and _too_soon(turn) is not None and not turn.has("early_settled")


def _ask_early(turn: Turn) -> Turn:
    """A reason that was given already is not asked for."""
    if turn.has("early"):
        return _add(turn, turn.slot("early"))
    return turn.ask("refill.early", WHAT_REASON if turn.has("early_yes") else WHY_EARLY)


def _hear_early(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is False and word_count(heard.text) < 4:
        return turn.put(early_settled=True)
    if answer and word_count(heard.text) < 3:
        return turn.put(early_yes=True)
    return turn.put(early=quoted(heard.text)) if heard.text.strip() else None


def _add(turn: Turn, words: str) -> Turn:
    early, patient = _too_soon(turn), turn.state.patient_id
    task = early.task_ref if early else ""
    turn = turn.put(early_settled=True)
    return turn.act(
        "refill.added", lambda id_: AddToRefill(id_, patient, task, AboutRefill.EARLY_REASON, words)
    ).wait()


def added(turn: Turn, result: Result) -> Turn:
    match result:
        case RefillAdded(today=today):
            return turn.say(WILL_CALL if today else ADDED)
        case ActionFailed():
            return not_saved(turn)
    return turn


def _ask_book(turn: Turn) -> Turn:
    return turn.ask("refill.book", BOOK_NOW)


def _book_due(turn: Turn) -> bool:
    return turn.has("told") and bool(_visit_type(turn)) and not turn.has("book_settled")


def _hear_book(turn: Turn, heard: Understanding) -> Turn | None:
    """The visit that is due, of the kind that the practice names for it."""
    answer = yes(heard)
    if answer is None:
        return None
    if not answer:
        return turn.put(book_settled=True)
    kinds = {kind.code for kind in turn.practice.visit_types}
    kind = _visit_type(turn)
    return turn.done().begin("book", **({"visit_type": kind} if kind in kinds else {}))


STEPS = (
    Step("tell", tell, is_due),
    Step(
        "early",
        _ask_early,
        _early_due,
        _hear_early,
        reasks=("Please tell me why, or say no.", "For example, say I'm travelling, or I lost them."),
    ),
    Step(
        "book",
        _ask_book,
        _book_due,
        _hear_book,
        expect_yes_no,
        ("Book a visit now, yes or no?", "Press 1 to book a visit, or 2 to leave it."),
    ),
    Step("end", lambda turn: turn.done(), lambda turn: turn.has("told")),
)


# --------------------------------------------------------------------------- running out


def runs_out(turn: Turn, heard: Understanding) -> Turn | None:
    """ "I have two left", after a request was sent: the care team hears of it. None: not told."""
    days = days_left(heard.text)
    if days is None or not turn.known("refill_tasks") or turn.known("ran_out"):
        return None
    return turn.note(ran_out=True).begin("runs_out", words=quoted(heard.text), days=days)


def _add_days(turn: Turn) -> Turn:
    patient, words, days = turn.state.patient_id, turn.slot("words"), int(turn.slot("days"))
    for task in turn.known("refill_tasks").split():
        turn = _say_of(turn, patient, task, words, days)
    return turn.put(sent=True).wait()


def _say_of(turn: Turn, patient: str, task: str, words: str, days: int) -> Turn:
    return turn.act(
        "runs_out.added", lambda id_: AddToRefill(id_, patient, task, AboutRefill.RUNS_OUT, words, days)
    )


def _noted(turn: Turn, result: Result) -> Turn:
    """Of several requests the most urgent answer is told, once."""
    if isinstance(result, ActionFailed):
        return turn.put(lost=True)
    return turn.put(today=True) if isinstance(result, RefillAdded) and result.today else turn


def _tell_days(turn: Turn) -> Turn:
    if turn.has("today"):
        return turn.say(WILL_CALL).done()
    return not_saved(turn).done() if turn.has("lost") else turn.say(ADDED).done()


RUNS_OUT = Flow(
    "runs_out",
    (
        Step("send", _add_days, lambda turn: not turn.has("sent")),
        Step("tell", _tell_days),
    ),
    identified=True,
    scope=ProxyScope.REFILLS,
    outcomes={"runs_out.added": _noted},
)
