"""What a note may say was done, not done, left for staff: one action of that turn must bear it all out."""

from __future__ import annotations

import re
from typing import Any

from ehr_writeback import checks_refill
from ehr_writeback.checks_forms import any_holds, form
from ehr_writeback.checks_refill import rule_line
from ehr_writeback.checks_summary import summary_holds
from ehr_writeback.evidence import UNKEPT, Evidence
from ehr_writeback.note_lines import NAMES
from ehr_writeback.plain_words import flat, quoted
from ehr_writeback.times import to_minute, zone_named
from models.domain import (
    AcceptOffer,
    ActionFailed,
    BookedVisit,
    BookOpening,
    CallTransferred,
    CancelVisit,
    CheckCode,
    CodeNotSent,
    CodeRefused,
    ConfirmVisit,
    IdentityRefused,
    IdentityVerified,
    JoinWaitlist,
    LeaveWaitlist,
    MoveVisit,
    OfferRefused,
    OpeningGone,
    OpenTask,
    PermissionRecorded,
    RecordingStopped,
    RecordPermission,
    RefillAnswered,
    RefuseOffer,
    RegisterPatient,
    RegistrationPending,
    RequestRefill,
    StopRecording,
    StopTranscript,
    TaskOpened,
    TranscriptStopped,
    TransferCall,
    VerifyIdentity,
    VisitBooked,
    VisitCancelled,
    VisitConfirmed,
    WaitlistJoined,
    WaitlistLeft,
)

_VISIT = r"(?P<type>.+) with (?P<who>.+), (?P<when>\S+ \S+ \S+), (?P<minutes>\d+) minutes"


def done_line(line: str, seen: Evidence) -> bool:
    """A line of DONE, or of a rule below a refill."""
    return rule_line(line, seen) or any_holds((*checks_refill.FORMS, *_DONE), line, seen)


def not_done_line(line: str, seen: Evidence) -> bool:
    return any_holds(_NOT_DONE, line, seen)


def task_line(line: str, seen: Evidence) -> bool:
    """A task with kind, urgency, name and words; or that of a refill request."""
    return any_holds(_TASKS, line, seen)


# --------------------------------------------------------------------------- visits


def _visit(found: re.Match[str], visit: BookedVisit, ref: str, seen: Evidence) -> bool:
    when = to_minute(visit.start, zone_named(seen.record.practice_timezone))
    told = (found["type"], found["who"], found["when"], int(found["minutes"]), found["ref"])
    return told == (visit.visit_type, visit.provider_name, when, visit.minutes, ref)


def _booked(found: re.Match[str], wish: object, result: VisitBooked, seen: Evidence, _: int) -> bool:
    before = not isinstance(wish, MoveVisit) or found["before"] == wish.appointment_id
    return before and _visit(found, result.visit, result.resource_ref, seen)


def _cancelled(found: re.Match[str], wish: CancelVisit, result: VisitCancelled, _: Evidence, __: int) -> bool:
    return (found["ref"], found["why"]) == (result.resource_ref, wish.reason)


def _held(found: re.Match[str], _: object, result: RegistrationPending, seen: Evidence, __: int) -> bool:
    return found["when"] == to_minute(result.held_until, zone_named(seen.record.practice_timezone))


def _transferred(found: re.Match[str], wish: TransferCall, _: object, seen: Evidence, number: int) -> bool:
    return found["why"] == wish.reason and summary_holds(wish.reason, seen, number)


def _allowed(
    found: re.Match[str], wish: RecordPermission, result: PermissionRecorded, seen: Evidence, n: int
) -> bool:
    told = (found["name"], found["basis"]) == (wish.caller_name, result.authority.basis)
    return told and flat(wish.caller_name) in seen.caller_by(n)


# --------------------------------------------------------------------------- tasks


def _task(found: re.Match[str], wish: OpenTask, result: object, seen: Evidence, number: int) -> bool:
    words = quoted(wish.summary)[:500] + _cut_mark(wish.summary)
    same = _is_task(found, wish, result) and found["words"] == words
    return same and summary_holds(wish.summary, seen, number)


def _unkept_task(found: re.Match[str], wish: OpenTask, result: object, seen: Evidence, number: int) -> bool:
    return _is_task(found, wish, result) and not seen.keeps_words(number)


def _is_task(found: re.Match[str], wish: OpenTask, result: object) -> bool:
    ref = result.task_ref if isinstance(result, TaskOpened) else "to be opened with this note"
    return (found["kind"], found["urgency"], found["ref"]) == (wish.kind.value, wish.priority.value, ref)


def _cut_mark(words: str) -> str:
    return "..." if len(quoted(words)) > 500 else ""


def _refill_task(found: re.Match[str], _: object, answer: RefillAnswered, __: Evidence, ___: int) -> bool:
    return bool(answer.task_ref) and found["ref"] == answer.task_ref


def _ref_is(found: re.Match[str], _: object, result: Any, __: Evidence, ___: int) -> bool:
    return bool(found["ref"] == result.resource_ref)


_DONE = (
    form(rf"Visit booked: {_VISIT}, (?P<ref>\S+)", BookOpening, VisitBooked, _booked),
    form(rf"Visit moved from (?P<before>\S+) to: {_VISIT}, (?P<ref>\S+)", MoveVisit, VisitBooked, _booked),
    form(rf"Visit booked from the waitlist: {_VISIT}, (?P<ref>\S+)", AcceptOffer, VisitBooked, _booked),
    form(r"Visit cancelled: (?P<ref>\S+), reason code (?P<why>\S+)", CancelVisit, VisitCancelled, _cancelled),
    form(r"Visit confirmed by the caller: (?P<ref>\S+)", ConfirmVisit, VisitConfirmed, _ref_is),
    form(
        r"First visit asked for, not booked: held until (?P<when>\S+ \S+ \S+) for staff",
        *(RegisterPatient, RegistrationPending, _held),
    ),
    form(
        r"Put on the waitlist: (?P<type>.+), (?P<ref>\S+)",
        *(JoinWaitlist, WaitlistJoined),
        lambda found, wish, result, *_: (
            (found["type"], found["ref"]) == (wish.wish.visit_type, result.resource_ref)
        ),
    ),
    form(
        r"Taken off the waitlist: Appointment/(?P<id>\S+)",
        *(LeaveWaitlist, WaitlistLeft),
        lambda found, wish, *_: found["id"] == wish.entry_id,
    ),
    form("Passed on an opening offered from the waitlist", RefuseOffer, OfferRefused),
    form(r"Call transferred to staff: (?P<why>.+)", TransferCall, CallTransferred, _transferred),
    form(
        "Caller asked for nothing to be written down: no words are kept from here on",
        *(StopTranscript, TranscriptStopped),
    ),
    form("One-time code: right", CheckCode, IdentityVerified),
    form(
        r'Permission by the patient to speak for them: "(?P<name>[^"]*)", (?P<basis>\S+)',
        *(RecordPermission, PermissionRecorded, _allowed),
    ),
    form(
        "Caller declined to be recorded: the recording was stopped and deleted",
        *(StopRecording, RecordingStopped),
    ),
)
_NOT_DONE = (
    form("Identity check: not passed", VerifyIdentity, (ActionFailed, IdentityRefused)),
    form("One-time code: not right", object, CodeRefused),
    form(
        r"One-time code: not sent, (?P<code>\S+)",
        *(object, CodeNotSent),
        lambda found, _, result, *__: found["code"] == result.code,
    ),
    form(
        r"(?P<name>.+): failed, code (?P<code>\S+)",
        *(object, ActionFailed),
        lambda found, wish, result, *_: (found["name"], found["code"]) == (_name_of(wish), result.code),
    ),
    form(
        r"(?P<name>.+): the opening was taken by another booking",
        *(object, OpeningGone),
        lambda found, wish, *_: found["name"] == _name_of(wish),
    ),
)
_TASKS = (
    form(rf"(?P<kind>[\w-]+), (?P<urgency>\w+), (?P<ref>[^\"]+?): {UNKEPT}", OpenTask, object, _unkept_task),
    form(r'(?P<kind>[\w-]+), (?P<urgency>\w+), (?P<ref>[^"]+?): "(?P<words>[^"]*)"', OpenTask, object, _task),
    form(r"refill, (?P<ref>\S+)", RequestRefill, RefillAnswered, _refill_task),
)


def _name_of(action: object) -> str:
    """How the note calls an action that failed."""
    return NAMES.get(type(action), type(action).__name__)
