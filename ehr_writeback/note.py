"""The telephone note: a finished call as plain text, a pure function of its record.

Every line repeats what was said or done and names its turn, ``[t3]``. Nothing is inferred, weighed or summed
up; a section without facts says "not discussed".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import structlog

from ehr_writeback.checker import CHECKS, NO_SOURCE, NOTHING, Fault, unsupported
from ehr_writeback.checks_checkin import shown, unsaid_values
from ehr_writeback.evidence import Evidence
from ehr_writeback.note_checkins import CheckinLines
from ehr_writeback.note_facts import (
    flag_line,
    medicine_line,
    reason_lines,
    symptom_lines,
    task_line,
    unkept_turn,
)
from ehr_writeback.note_lines import NoteLines
from ehr_writeback.titles import (
    CHECKIN,
    DENIED,
    DISCLOSED,
    DONE,
    FLAGS,
    HEAD,
    MEDICINES,
    NOT_ASKED,
    NOT_DONE,
    PRESENT,
    PROOFS,
    REASON,
    SOFTWARE,
    TASKS,
    TITLE,
    TOLD,
    TRANSCRIPT,
)
from models.domain import (
    CallRecord,
    PageStaff,
    RedFlagRaised,
    StaffPaged,
)

NOT_DISCUSSED = NOTHING
NOT_CHECKED = (
    "This note could not be checked and says nothing of the call: read the transcript, kept by Firstring."
)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CheckedNote:
    """A note that says nothing without a source, and what was withheld from it."""

    text: str
    faults: tuple[Fault, ...] = ()
    unsaid: tuple[Fault, ...] = ()  # values that other resources have, and no words on the call

    @property
    def is_checked(self) -> bool:
        """False where the checker itself failed: then nothing of the call is known to be borne out."""
        return WHOLE not in self.faults


WHOLE = Fault(HEAD, "the whole note")


def write_note(record: CallRecord) -> str:
    """The whole note. Callers' numbers appear with their last four digits only."""
    lines = NoteLines(record)
    parts = [*header(record, lines)]
    for title, content in _sections(record, lines):
        parts += ["", title, *(content or [NOT_DISCUSSED])]
    return "\n".join(parts) + "\n"


def write_checked_note(record: CallRecord, medicine_names: Collection[str] = ()) -> CheckedNote:
    """The note without the lines that nothing on the call bears out: each section says how many those are."""
    try:
        text = write_note(record)
        faults = unsupported(text, record, medicine_names)
        unsaid = tuple(_unsaid(record))
    except Exception as error:  # a fault of ours must not cost the call its note, nor its end
        log.error("note-not-checked", call_id=record.call_id, problem=type(error).__name__)
        return CheckedNote(_bare(record), (WHOLE,))
    return CheckedNote(without(text, faults) if faults else text, faults, unsaid)


def _unsaid(record: CallRecord) -> Iterator[Fault]:
    for _, answer in unsaid_values(Evidence(record)):
        yield Fault(CHECKIN, f"- {answer.finding or answer.text} = {shown(answer)}")


def _bare(record: CallRecord) -> str:
    """What needs neither writer nor checker: which call it was, and where its words are."""
    return f"{TITLE}\nCall: {record.call_id}\n\n{NOT_CHECKED}\n"


def without(text: str, faults: Sequence[Fault]) -> str:
    """The text with a line in each section for those that are withheld from it."""
    withheld = Counter((fault.section, fault.line) for fault in faults)
    per_section = Counter(fault.section for fault in faults)
    section, kept = HEAD, []
    for line in text.splitlines():
        section = line if line in CHECKS else section
        if withheld[section, line] and section == HEAD:
            kept.append(f"{line.partition(': ')[0]}: {NO_SOURCE}")
        elif not withheld[section, line]:
            kept.append(line)
        elif count := per_section.pop(section, 0):
            kept.append(f"- {count} line{'s' if count > 1 else ''} withheld: {NO_SOURCE}")
    return "\n".join(kept) + "\n"


def header(record: CallRecord, lines: NoteLines) -> list[str]:
    number = f"ending {record.caller_number[-4:]}" if record.caller_number else "withheld"
    disclosed = ", ".join(DISCLOSED.get(item, item) for item in record.disclosures)
    return [
        TITLE,
        f"Call: {record.call_id}",
        f"Started: {lines.stamp(record.started)}",
        f"Ended: {lines.stamp(record.ended)}",
        "Direction: inbound",
        f"Caller number: {number}",
        f"Caller: {lines.caller()}",
        f"Identity: level {record.identity.value} ({PROOFS[record.identity]}),"
        f" attempts: {record.identity_attempts}",
        f"Disclosures played: {disclosed or 'none'}",
        f"Ended as: {record.disposition.value}",
    ]


def _sections(record: CallRecord, lines: NoteLines) -> Iterator[tuple[str, list[str]]]:
    yield REASON, reason_lines(record, lines)
    yield DONE, [line for done in record.done if (line := lines.done(done))]
    asked = CheckinLines(record, lines)
    present, denied = asked.findings(present=True), asked.findings(present=False)
    yield PRESENT, [*symptom_lines(record, lines), *present]
    yield DENIED, [*lines.denied(record.symptoms_denied), *denied]
    yield NOT_ASKED, [*asked.not_asked(), "- every symptom not listed above"]
    if checkin := asked.answers():
        yield CHECKIN, checkin
    yield FLAGS, [line for flag in record.red_flags for line in _red_flag(flag, record, lines)]
    yield MEDICINES, [line for done in record.done if (line := medicine_line(done, record, lines))]
    yield TASKS, [line for done in record.done if (line := task_line(done, record, lines))]
    yield NOT_DONE, [line for done in record.done if (line := lines.not_done(done))]
    yield TOLD, _told(record, lines)
    yield SOFTWARE, [f"- {name}: {version}" for name, version in sorted(record.models.items())]
    yield TRANSCRIPT, _transcript(record)


def _red_flag(flag: RedFlagRaised, record: CallRecord, lines: NoteLines) -> Iterator[str]:
    turn = lines.turn_of_flag(flag)
    yield flag_line(flag, record, lines)
    if turn and not unkept_turn(flag, record, lines):
        yield f"- Wording delivered: {lines.quote(turn.heard_to or turn.agent_text)} {lines.tag(turn.number)}"
        if reply := lines.turn_after(turn):
            yield f"- Caller's reply: {lines.quote(reply.caller_text)} {lines.tag(reply.number)}"
    for done in record.done:
        if isinstance(done.action, PageStaff) and done.action.red_flag_id in ("", flag.red_flag_id):
            outcome = done.result.page_ref if isinstance(done.result, StaffPaged) else "not delivered"
            yield f"- Staff paged: {outcome} {lines.tag(done.turn_number)}"


def _told(record: CallRecord, lines: NoteLines) -> list[str]:
    numbers = {done.turn_number for done in record.done if lines.done(done) or lines.not_done(done)}
    turns = [turn for turn in record.turns if turn.number in numbers and turn.agent_text]
    return [f"- {lines.quote(turn.heard_to or turn.agent_text)} {lines.tag(turn.number)}" for turn in turns]


def _transcript(record: CallRecord) -> list[str]:
    if not record.turns:
        return []
    first, last = record.turns[0].number, record.turns[-1].number
    return [f"- turns {first} to {last} of call {record.call_id}, kept by Firstring"]
