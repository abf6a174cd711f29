"""Refuses a note that says what nobody said, line by line, and keeps the rest.

Every line must be of a form that is known here, and everything in it must be borne out where its tag points:
quotes by that speaker's words in that turn, deeds by an action with that outcome in that turn, symptoms by
words that assert or deny them of the patient. Reads the note as text, as a person would; knows nothing of
how it was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sized
from dataclasses import dataclass

from ehr_writeback import checks_done, checks_said
from ehr_writeback.checks_checkin import checkin_line
from ehr_writeback.checks_header import header_line
from ehr_writeback.evidence import Evidence
from ehr_writeback.titles import (
    CHECKIN,
    DENIED,
    DONE,
    FLAGS,
    HEAD,
    MEDICINES,
    NOT_ASKED,
    NOT_DONE,
    PRESENT,
    REASON,
    SOFTWARE,
    TASKS,
    TITLE,
    TOLD,
    TRANSCRIPT,
)
from models.domain import CallRecord

NOTHING = "not discussed"
NO_SOURCE = "no source on the call"
WITHHELD = re.compile(rf"(\d+) lines? withheld: {NO_SOURCE}")
_BULLET = re.compile(r"^ *- ")
# A new line in these would change what staff do first.
GRAVE = frozenset({FLAGS, PRESENT, DENIED, DONE})


@dataclass(frozen=True, slots=True)
class Fault:
    """A line of a note without a source. ``line`` may hold personal data."""

    section: str
    line: str

    @property
    def grave(self) -> bool:
        return self.section in GRAVE


def unsupported(note: str, record: CallRecord, medicine_names: Collection[str] = ()) -> tuple[Fault, ...]:
    """The lines of a note that have no source in the call, in its order; empty when all is well."""
    seen, section, found = Evidence(record, medicine_names), HEAD, []
    for line in note.splitlines():
        if line in CHECKS:
            section = line
        elif line.strip() and not _is_sound(section, line, seen):
            found.append(Fault(section, line))
    return tuple(found)


def _is_sound(section: str, line: str, seen: Evidence) -> bool:
    if section == HEAD:
        return line == TITLE or line.endswith(f": {NO_SOURCE}") or header_line(line, seen)
    if line == NOTHING:
        return not KNOWN.get(section, _nothing)(seen.record)
    if not _BULLET.match(line):
        return False
    text = _BULLET.sub("", line)
    return bool(WITHHELD.fullmatch(text)) or CHECKS[section](text, seen)


def _software(line: str, seen: Evidence) -> bool:
    name, _, version = line.partition(": ")
    return seen.record.models.get(name) == version


def _transcript(line: str, seen: Evidence) -> bool:
    turns = seen.record.turns
    whole = f"turns {turns[0].number} to {turns[-1].number} of call {seen.record.call_id}" if turns else ""
    return line == f"{whole}, kept by Firstring"


def _nothing(_: CallRecord) -> tuple[str, ...]:
    return ()


# Where the record knows of something, a section may not say that there was nothing.
KNOWN: dict[str, Callable[[CallRecord], Sized]] = {
    REASON: lambda record: record.reason,
    PRESENT: lambda record: record.symptoms_present,
    DENIED: lambda record: record.symptoms_denied,
    FLAGS: lambda record: record.red_flags,
}
CHECKS: dict[str, Callable[[str, Evidence], bool]] = {
    REASON: checks_said.reason,
    DONE: checks_done.done_line,
    PRESENT: checks_said.present,
    DENIED: checks_said.denied,
    NOT_ASKED: checks_said.not_asked,
    CHECKIN: checkin_line,
    FLAGS: checks_said.red_flag,
    MEDICINES: checks_said.medicine,
    TASKS: checks_done.task_line,
    NOT_DONE: checks_done.not_done_line,
    TOLD: checks_said.told,
    SOFTWARE: _software,
    TRANSCRIPT: _transcript,
}
