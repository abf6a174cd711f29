"""Work left for a person. Said to be passed on only once the desk has it."""

from __future__ import annotations

from dialog import authority, wording
from dialog.turn import Turn
from models.domain import ActionFailed, Disposition, OpenTask, Priority, Result, TaskKind

SCHEDULING_CALLS = "Our scheduling staff will call you."
SUMMARY_LIMIT = 500  # characters


def open_task(turn: Turn, name: str, kind: TaskKind, priority: Priority, summary: str) -> Turn:
    """Order a task; ``name`` says who hears its outcome."""
    callback = turn.slot("callback") or turn.known("callback") or turn.context.caller_number
    patient_id, told = turn.state.patient_id, authority.told(turn)
    if turn.state.known.get("other_patient"):
        patient_id = ""  # it may be about another than whose chart is open: staff file it
    text = " ".join(f"{summary.rstrip('. ')}. {told}".split() if told else summary.split())[:SUMMARY_LIMIT]
    return turn.act(name, lambda id_: OpenTask(id_, kind, priority, text, patient_id, callback))


def hand_over(turn: Turn, kind: TaskKind, priority: Priority, summary: str) -> Turn:
    """Give the wish up to a person and wait until the desk has it."""
    return open_task(turn, "desk.task", kind, priority, summary).wait()


def to_scheduling(turn: Turn, kind: TaskKind, priority: Priority, summary: str) -> Turn:
    """As `hand_over`; who calls back is said once the desk has it, and nothing before."""
    return open_task(turn, "desk.scheduling", kind, priority, summary).wait()


def opened(turn: Turn, result: Result) -> Turn:
    """The desk has it, or not."""
    return _told(turn, result, wording.PASSED_ON)


def scheduling_calls(turn: Turn, result: Result) -> Turn:
    """The schedulers have it, or not."""
    return _told(turn, result, SCHEDULING_CALLS)


def _told(turn: Turn, result: Result, sentence: str) -> Turn:
    if isinstance(result, ActionFailed):
        return not_saved(turn).done()
    return turn.say(sentence).settle(Disposition.MESSAGE_TAKEN).note(served=True).done()


def opened_quietly(turn: Turn, result: Result) -> Turn:
    """Of a task that was announced already: only a failure is worth a word."""
    return not_saved(turn) if isinstance(result, ActionFailed) else turn.stop()


def not_saved(turn: Turn) -> Turn:
    return turn.say(wording.NOT_SAVED, wording.call_us(turn.practice)).settle(Disposition.FAILED)


OUTCOMES = {"desk.task": opened, "desk.scheduling": scheduling_calls, "desk.quiet": opened_quietly}
