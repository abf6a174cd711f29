"""The note's lines of single facts, each as it stands in its section."""

from __future__ import annotations

from ehr_writeback.evidence import UNKEPT, keeps_words
from ehr_writeback.note_lines import NoteLines
from models.domain import (
    PRESSED_FOR_SPANISH,
    TYPES,
    CallRecord,
    DoneAction,
    OpenTask,
    RedFlagRaised,
    RefillAnswered,
    RequestRefill,
    TaskOpened,
    TurnRecord,
)


def reason_lines(record: CallRecord, lines: NoteLines) -> list[str]:
    """What the caller wants; [] where nothing was said of it."""
    if record.reason in (PRESSED_FOR_SPANISH, TYPES):
        return [f"- {record.reason}"]
    return [f"- {lines.said(record.reason)}"] if record.reason else []


def unkept_turn(flag: RedFlagRaised, record: CallRecord, lines: NoteLines) -> TurnRecord | None:
    """The turn of a danger sign where its words were not kept, as the caller chose."""
    turn = lines.turn_of_flag(flag)
    return turn if turn and not keeps_words(record, turn.number) else None


def flag_line(flag: RedFlagRaised, record: CallRecord, lines: NoteLines) -> str:
    """The sign, when it was told, and in which words."""
    turn = lines.turn_of_flag(flag)
    at = lines.stamp(turn.at) if turn else "time not recorded"
    sign = f"- {flag.red_flag_id}, {flag.disposition}, {at}"
    if unkept := unkept_turn(flag, record, lines):
        return f"{sign}, {UNKEPT} {lines.tag(unkept.number)}"
    words = lines.said(flag.quote)
    return f"{sign}, {'' if words.startswith('asked: ') else 'caller: '}{words}"


def symptom_lines(record: CallRecord, lines: NoteLines) -> list[str]:
    """What the caller reported; of a danger sign whose words were not kept, that."""
    unkept = {flag.quote: turn for flag in record.red_flags if (turn := unkept_turn(flag, record, lines))}
    kept = [words for words in record.symptoms_present if words not in unkept]
    gone = [turn for words in record.symptoms_present if (turn := unkept.get(words))]
    return [*lines.reported(kept), *(f"- {UNKEPT} {lines.tag(turn.number)}" for turn in gone)]


def medicine_line(done: DoneAction, record: CallRecord, lines: NoteLines) -> str:
    """The medicine of a refill request, as the caller named it; "" for any other action."""
    if not isinstance(done.action, RequestRefill):
        return ""
    kept = keeps_words(record, done.turn_number)
    return f"- {lines.said(done.action.said) if kept else f'{UNKEPT} {lines.tag(done.turn_number)}'}"


def task_line(done: DoneAction, record: CallRecord, lines: NoteLines) -> str:
    """A task for staff; "" for any other action."""
    if isinstance(done.action, OpenTask):
        ref = done.result.task_ref if isinstance(done.result, TaskOpened) else "to be opened with this note"
        what = f"{done.action.kind.value}, {done.action.priority.value}, {ref}"
        kept = keeps_words(record, done.turn_number)
        words = f"{what}: {lines.quote(done.action.summary) if kept else UNKEPT}"
    elif isinstance(done.result, RefillAnswered) and done.result.task_ref:
        words = f"refill, {done.result.task_ref}"
    else:
        return ""
    return f"- {words} {lines.tag(done.turn_number)}"
