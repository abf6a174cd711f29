"""One truth for a whole call: what its note's checker withholds is in no other resource either. Pure.

Every resource but the note is made from what `borne_out` leaves of the call's record. What was done stays
where that alone is said of it; the words go, and staff are asked to read the transcript (`note_review`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ehr_writeback.checks_checkin import value_stands
from ehr_writeback.evidence import UNKEPT, Evidence, keeps_words
from ehr_writeback.note import CheckedNote
from ehr_writeback.note_checkins import CheckinLines
from ehr_writeback.note_facts import flag_line, medicine_line, reason_lines, task_line
from ehr_writeback.note_lines import NoteLines
from ehr_writeback.plain_words import uncut
from ehr_writeback.titles import CHECKIN, DENIED, DONE, FLAGS, MEDICINES, PRESENT, REASON, TASKS
from models.domain import (
    PRESSED_FOR_SPANISH,
    TYPES,
    BookOpening,
    CallRecord,
    CheckinAnswer,
    DoneAction,
    FileCheckin,
    OpenTask,
    RedFlagRaised,
    RequestRefill,
)

# In place of words that nothing on the call bears out, wherever something must stand.
WITHHELD_WORDS = "Words withheld, no source on the call: read the transcript, kept by Firstring."
# Before what is kept for the staff's sake of a turn whose words are not: nobody can look it up.
UNVERIFIED = f"{UNKEPT}, so not verified"
UNKNOWN = "unknown"  # https://terminology.hl7.org/CodeSystem-data-absent-reason.html
_FIXED_REASONS = (PRESSED_FOR_SPANISH, TYPES)


def borne_out(record: CallRecord, note: CheckedNote) -> CallRecord:
    """The record without what the note does not say for want of a source; the same where it says all."""
    if not note.is_checked:
        return _without_words(record)
    told = _Told(record, note)
    return replace(
        record,
        reason=record.reason if told.reason() else "",
        red_flags=tuple(flag if told.flag(flag) else replace(flag, quote="") for flag in record.red_flags),
        done=tuple(kept for done in record.done if (kept := _kept(done, told))),
    )


def instead(said: str) -> str:
    """What stands for withheld words: that they are, and what the caller did say in that turn, verbatim."""
    return f"{WITHHELD_WORDS} Said in that turn: {said}" if said else WITHHELD_WORDS


def _without_words(record: CallRecord) -> CallRecord:
    """Of a call whose note could not be checked: what was done, without a word that anybody said."""
    flags = tuple(replace(flag, quote="") for flag in record.red_flags)
    done = tuple(bare for one in record.done if (bare := _bare(one)))
    return replace(record, reason="", red_flags=flags, done=done)


def _bare(done: DoneAction) -> DoneAction | None:
    match done.action:
        case RequestRefill() | FileCheckin():
            return None
        case OpenTask() as task:
            return replace(done, action=replace(task, summary=WITHHELD_WORDS))
        case BookOpening() as booking:
            return replace(done, action=replace(booking, reason=""))
    return done


def _kept(done: DoneAction, told: _Told) -> DoneAction | None:
    action = done.action
    match action:
        case RequestRefill() if not told.refill(done):
            return None
        case OpenTask() if not told.task(done):
            action = replace(action, summary=instead(told.said_in(done.turn_number)))
        case OpenTask(summary=summary) if not told.words_kept(done):
            action = replace(action, summary=f"{UNVERIFIED}: {summary}")
        case BookOpening(reason=reason) if not told.reason_of_visit(reason, done.turn_number):
            action = replace(action, reason="")
        case FileCheckin():
            action = _checkin(action, told)
    return replace(done, action=action)


def _checkin(filed: FileCheckin, told: _Told) -> FileCheckin:
    """An answer without a source is one that is not known; a score over such an answer is none."""
    answers = tuple(_answer(one, told) for one in filed.answers)
    whole = all(one.score == before.score for one, before in zip(answers, filed.answers, strict=True))
    return replace(filed, answers=answers, scores=filed.scores if whole else ())


def _answer(answer: CheckinAnswer, told: _Told) -> CheckinAnswer:
    """Words that bear out no such value stay without it."""
    if told.answer(answer) and told.value(answer):
        return answer
    quote = answer.quote if told.answer(answer) else ""
    bare = replace(answer, value="", display="", quote=quote, score=None, present=None)
    return replace(bare, absent=UNKNOWN)


class _Told:
    """Asks of each fact of a record whether its line stands in the note."""

    def __init__(self, record: CallRecord, note: CheckedNote) -> None:
        self._record = record
        self._gone = {(fault.section, fault.line) for fault in note.faults}
        self._seen = Evidence(record)
        self._lines = NoteLines(record)
        self._checkins = CheckinLines(record, self._lines)

    def reason(self) -> bool:
        return self._stand((REASON,), *reason_lines(self._record, self._lines))

    def flag(self, flag: RedFlagRaised) -> bool:
        return self._stand((FLAGS,), flag_line(flag, self._record, self._lines))

    def task(self, done: DoneAction) -> bool:
        return self._stand((TASKS,), task_line(done, self._record, self._lines))

    def said_in(self, number: int) -> str:
        turn = self._seen.turn(number)
        return self._lines.quote(turn.caller_text) if turn and turn.caller_text else ""

    def words_kept(self, done: DoneAction) -> bool:
        return keeps_words(self._record, done.turn_number)

    def refill(self, done: DoneAction) -> bool:
        """The request, every rule that it failed, and the medicine's name."""
        named = medicine_line(done, self._record, self._lines)
        return self._stand((DONE, MEDICINES), self._lines.done(done), named)

    def answer(self, answer: CheckinAnswer) -> bool:
        return self._stand((PRESENT, DENIED, CHECKIN), self._checkins.answer(answer))

    def value(self, answer: CheckinAnswer) -> bool:
        return value_stands(answer, self._seen)

    def reason_of_visit(self, words: str, number: int) -> bool:
        """The note does not repeat it: the caller's own words, whole or cut."""
        said = uncut(words)
        return words in _FIXED_REASONS or said in self._seen.caller_by(number)

    def _stand(self, sections: Collection[str], *lines: str) -> bool:
        parts = [part for line in lines for part in line.splitlines()]
        return not any((section, part) in self._gone for section in sections for part in parts)
