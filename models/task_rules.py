"""What may be done with a task of the staff, by whom and when. Pure: no database, no clock.

Kinds and times: domain rules section 1.3; who stands by for what: section 7, item 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from models.desk_tables import StaffTask, TaskState
from models.domain import Priority, TaskKind
from models.errors import Conflict

LONGEST_SNOOZE = timedelta(days=30)
SYSTEM = "Firstring"  # who does what nobody did: a task wakes, a dead letter is written after all


class Deed(StrEnum):
    """What can be done with a task; a comment leaves it as it is."""

    OPEN = "open"  # by a call, or by the system
    CLAIM = "claim"
    START = "start"  # on what a colleague has handed over
    RELEASE = "release"
    HAND_OVER = "hand-over"
    HOLD = "hold"
    SNOOZE = "snooze"
    WAKE = "wake"  # by itself
    RESUME = "resume"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    COMMENT = "comment"


_O, _C, _H, _S, _D = TaskState.OPEN, TaskState.CLAIMED, TaskState.HELD, TaskState.SNOOZED, TaskState.DONE
_WITH_OWNER = {Deed.RELEASE: _O, Deed.HAND_OVER: _C, Deed.SNOOZE: _S, Deed.RESOLVE: _D}
TRANSITIONS: Mapping[TaskState, dict[Deed, TaskState]] = {
    _O: {Deed.CLAIM: _C, Deed.HAND_OVER: _C, Deed.COMMENT: _O},
    _C: {**_WITH_OWNER, Deed.START: _C, Deed.HOLD: _H, Deed.COMMENT: _C},
    _H: {**_WITH_OWNER, Deed.RESUME: _C, Deed.COMMENT: _H},
    _S: {**_WITH_OWNER, Deed.RESUME: _C, Deed.WAKE: _C, Deed.HOLD: _H, Deed.COMMENT: _S},
    _D: {Deed.REOPEN: _O, Deed.COMMENT: _D},
}
BEGINNABLE = (TaskState.OPEN.value, TaskState.CLAIMED.value)
ANYBODYS = (Deed.CLAIM, Deed.REOPEN, Deed.COMMENT)
LEADS = (Deed.RELEASE, Deed.HAND_OVER)  # who leads the desk may also do these with another's task
NEEDS_WORDS = {
    Deed.HOLD: "Please say what the task waits for.",
    Deed.REOPEN: "Please say why it is opened again.",
    Deed.COMMENT: "Please write the comment.",
}


class TaskRefused(Conflict):
    """This cannot be done with the task as it is now; the message says why, in words for staff."""

    code = "task-refused"
    fix = "Look at the task again."


class TaskChanged(TaskRefused):
    """Somebody else did something with the task after this form was shown."""

    code = "task-changed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ends. ``status``: of the Task in the chart, https://hl7.org/fhir/R4/valueset-task-status.html"""

    code: str
    words: str
    status: str = "completed"


@dataclass(frozen=True, slots=True)
class TaskDeed:
    """One deed as ordered. ``version``: of the task as the form showed it; None where none was shown.

    ``lead``: the person leads the desk. ``roles``: theirs; None: all. ``to``: the colleague. ``until``: when
    a snoozed task wakes.
    """

    task_id: str
    deed: Deed
    who: str
    at: datetime
    version: int | None = None
    words: str = ""
    to: str = ""
    until: datetime | None = None
    outcome: str = ""
    lead: bool = False
    roles: frozenset[str] | None = None


# --------------------------------------------------------------------------- may it be done?


def allowed(task: StaffTask, who: str, *, lead: bool = False) -> tuple[Deed, ...]:
    """What this person can do with the task now, in the order of the table."""
    return tuple(
        deed for deed in TRANSITIONS[TaskState(task.state)] if not _whose(task, deed, who, lead=lead)
    )


def check(task: StaffTask, order: TaskDeed) -> None:
    """Raises `TaskRefused` with one clear sentence when the deed cannot be done."""
    if order.version is not None and order.version != task.version and order.deed is not Deed.COMMENT:
        raise TaskChanged(f"This task has changed since you opened it: {how_it_stands(task)}")
    if order.deed not in possible(TaskState(task.state), order.who):
        raise TaskRefused(f"This cannot be done now: {how_it_stands(task)}")
    problem = _whose(task, order.deed, order.who, lead=order.lead) or _missing(task, order)
    if problem:
        raise TaskRefused(problem)


def possible(state: TaskState, who: str) -> Mapping[Deed, TaskState]:
    """What may follow a state; the system also closes what nobody has taken."""
    return TRANSITIONS[state] | ({Deed.RESOLVE: _D} if who == SYSTEM and state is _O else {})


def how_it_stands(task: StaffTask) -> str:
    """In a sentence, without what it is about."""
    match TaskState(task.state):
        case TaskState.OPEN:
            return "nobody has it."
        case TaskState.CLAIMED:
            return f"{task.owner} has it."
        case TaskState.HELD:
            return f"{task.owner} has put it on hold."
        case TaskState.SNOOZED:
            return f"{task.owner} has put it off."
        case TaskState.DONE:
            return f"it is done, by {task.owner}." if task.owner else "it is done."


def _whose(task: StaffTask, deed: Deed, who: str, *, lead: bool) -> str:
    """Why it is not this person's to do, "" when it is."""
    if deed is Deed.WAKE and who != SYSTEM:
        return "A task wakes by itself; take it up again instead."
    if deed in ANYBODYS or who in (task.owner, SYSTEM) or (lead and deed in LEADS):
        return ""
    if deed is Deed.HAND_OVER and not task.owner:
        return ""
    return f"{how_it_stands(task)[0].upper()}{how_it_stands(task)[1:]} Only its owner can do this."


def _missing(task: StaffTask, order: TaskDeed) -> str:
    """What is wrong with the order itself, "" when nothing is."""
    if order.deed in NEEDS_WORDS and not order.words.strip():
        return NEEDS_WORDS[order.deed]
    match order.deed:
        case Deed.START if task.started_at is not None:
            return "It has been started."
        case Deed.HOLD if is_danger(task):
            return "A danger sign cannot be put on hold: hand it over, or resolve it."
        case Deed.HAND_OVER:
            return _bad_colleague(task, order.to)
        case Deed.SNOOZE:
            return _bad_snooze(task, order)
        case Deed.RESOLVE:
            return _bad_end(task, order)
    return ""


def _bad_colleague(task: StaffTask, to: str) -> str:
    if not to:
        return "Please choose a colleague."
    return f"{to} has it already." if to == task.owner else ""


def _bad_end(task: StaffTask, order: TaskDeed) -> str:
    if outcome_of(task.kind, order.outcome) is None:
        return "Please choose how it ended."
    needed = closes(task.kind, order.outcome)
    if needed is None or order.roles is None or needed & order.roles:
        return ""
    return f"Only a {' or a '.join(sorted(needed))} can close it so: hand it over."


def _bad_snooze(task: StaffTask, order: TaskDeed) -> str:
    if order.until is None or order.until <= order.at:
        return "Please choose a time that is still to come."
    if order.until > order.at + LONGEST_SNOOZE:
        return f"A task can be put off by {LONGEST_SNOOZE.days} days at most."
    if is_urgent(task) and task.due_at is not None and order.until > task.due_at:
        return "An urgent task cannot be put off past its due time."
    return ""


# --------------------------------------------------------------------------- what kind of task it is


def is_urgent(task: StaffTask) -> bool:
    return task.priority != Priority.ROUTINE


def is_danger(task: StaffTask) -> bool:
    """Domain rules section 1.3: five minutes, paged until acknowledged."""
    return task.priority == Priority.STAT


def needs_somebody(task: StaffTask) -> bool:
    """It alarms: danger that nobody has begun; and what is urgent and nobody has, from half of its time on.

    Domain rules section 1.3: it escalates then.
    """
    if is_danger(task):
        return task.started_at is None and task.state in BEGINNABLE
    return is_urgent(task) and task.state == TaskState.OPEN and task.warned_at is not None


def is_asleep(task: StaffTask, now: datetime) -> bool:
    return task.state == TaskState.SNOOZED and task.wake_at is not None and task.wake_at > now


# Roles that own work; the console's people have them.
FRONT_DESK, COORDINATOR, NURSE, PRESCRIBER = "front_desk", "coordinator", "nurse", "prescriber"
SOCIAL_WORKER = "social_worker"
_DUTY: Mapping[str, str] = {
    TaskKind.RED_FLAG_911: NURSE,
    TaskKind.NURSE_NOW: NURSE,
    TaskKind.SAME_DAY_CALLBACK: NURSE,
    TaskKind.REFILL_REVIEW: NURSE,
    TaskKind.REFILL_TOO_SOON_QUESTION: NURSE,
    TaskKind.INTERACTION_REVIEW: NURSE,
    TaskKind.MED_REC_DISCREPANCY: NURSE,
    TaskKind.CONTROLLED_REFILL: PRESCRIBER,
    TaskKind.MED_CHANGE_REQUEST: PRESCRIBER,
    TaskKind.COMPLAINT: COORDINATOR,
    TaskKind.POST_DISCHARGE_CONTACT: COORDINATOR,
    TaskKind.SDOH_REFERRAL: SOCIAL_WORKER,
}


def duty_role(kind: str) -> str:
    """Whose a task is while no person has it: there is always an owner."""
    return _DUTY.get(kind, FRONT_DESK)


def on_duty(kind: str) -> str:
    """The same in words: "Nurse on duty"."""
    return f"{duty_role(kind).replace('_', ' ').capitalize()} on duty"


_CLINICAL = frozenset({COORDINATOR, NURSE, PRESCRIBER})


def closes(kind: str, outcome: str = "") -> frozenset[str] | None:
    """The roles that may close such a task (so); None: every role.

    Clinical work is closed by clinical people, and what only a prescriber may approve, by a prescriber.
    """
    if duty_role(kind) not in (NURSE, PRESCRIBER):
        return None
    return frozenset({PRESCRIBER}) if (kind, outcome) in _APPROVALS else _CLINICAL


_APPROVALS = frozenset(
    {(TaskKind.CONTROLLED_REFILL.value, "sent"), (TaskKind.MED_CHANGE_REQUEST.value, "changed")}
)


# --------------------------------------------------------------------------- how it ends

_REACHED = Outcome("reached", "Spoke with the caller")
_MESSAGE = Outcome("left-message", "Left a message")
_NOT_REACHED = Outcome("not-reached", "Could not be reached", "failed")
_DUPLICATE = Outcome("duplicate", "Already dealt with elsewhere", "cancelled")
_NOT_NEEDED = Outcome("not-needed", "Nothing to do", "cancelled")
_DONE = Outcome("done", "Done")
_CALL_BACK = (_REACHED, _MESSAGE, _NOT_REACHED, _DUPLICATE, _NOT_NEEDED)
_REFILL = (
    Outcome("sent", "Approved and sent to the pharmacy"),
    Outcome("denied", "Not approved, patient told", "rejected"),
    Outcome("visit-first", "Needs a visit first, patient told", "rejected"),
    Outcome("pharmacy-has-refills", "The pharmacy still has refills"),
    _DUPLICATE,
)
_DANGER = (
    Outcome("emergency-services", "911 was called"),
    Outcome("sent-in", "Told to go to emergency or urgent care"),
    Outcome("nurse-advice", "A nurse spoke with the caller"),
    Outcome("visit-today", "Seen or booked today"),
    Outcome("not-reached", "Could not be reached; welfare check asked for", "failed"),
    Outcome("false-alarm", "No danger, after speaking with the caller"),
)
_REVIEW = (
    Outcome("no-change", "Reviewed, no change"),
    Outcome("changed", "Reviewed, therapy changed"),
    Outcome("to-prescriber", "Discussed with the prescriber"),
    _DUPLICATE,
)
_SCHEDULE = (Outcome("booked", "Visit booked or changed"), *_CALL_BACK)
_OUTCOMES: Mapping[str, tuple[Outcome, ...]] = {
    TaskKind.RED_FLAG_911: _DANGER,
    TaskKind.NURSE_NOW: _DANGER,
    TaskKind.REFILL_REVIEW: _REFILL,
    TaskKind.REFILL_TOO_SOON_QUESTION: _REFILL,
    TaskKind.CONTROLLED_REFILL: _REFILL,
    TaskKind.MED_CHANGE_REQUEST: (*_REVIEW, *_CALL_BACK[:3]),
    TaskKind.INTERACTION_REVIEW: _REVIEW,
    TaskKind.MED_REC_DISCREPANCY: _REVIEW,
    TaskKind.SCHEDULE_ASSIST: _SCHEDULE,
    TaskKind.PENDING_REGISTRATION: (Outcome("registered", "Registered"), *_CALL_BACK),
    TaskKind.PROXY_AUTHORIZATION_NEEDED: (
        Outcome("authorised", "Permission is on file"),
        Outcome("refused", "The patient does not permit it", "rejected"),
        *_CALL_BACK,
    ),
    TaskKind.IDENTITY_FAILED_CALLBACK: (Outcome("identified", "Identified and helped"), *_CALL_BACK),
    TaskKind.OPT_OUT_RECORDED: (_DONE, _DUPLICATE),
    TaskKind.WRITEBACK_DEAD_LETTER: (
        Outcome("by-hand", "Entered by hand"),
        Outcome("sent-again", "Mended and sent again"),
        _NOT_NEEDED,
    ),
    TaskKind.RECORDS_REQUEST: (Outcome("records-sent", "Records sent"), *_CALL_BACK),
    TaskKind.SDOH_REFERRAL: (
        Outcome("referred", "Referred"),
        Outcome("declined", "The patient declined", "rejected"),
        *_CALL_BACK,
    ),
}


def outcomes(kind: str) -> tuple[Outcome, ...]:
    """The short list of how a task of this kind can end."""
    return _OUTCOMES.get(kind, (*_CALL_BACK[:1], _DONE, *_CALL_BACK[1:]))


def outcome_of(kind: str, code: str) -> Outcome | None:
    return next((one for one in outcomes(kind) if one.code == code), None)


def fhir_status(task: StaffTask) -> str:
    """The status of the Task in the chart, https://hl7.org/fhir/R4/valueset-task-status.html"""
    match TaskState(task.state):
        case TaskState.OPEN:
            return "requested"
        case TaskState.CLAIMED:
            return "in-progress" if task.started_at else "accepted"
        case TaskState.HELD | TaskState.SNOOZED:
            return "on-hold"
        case TaskState.DONE:
            ended = outcome_of(task.kind, task.outcome)
            return ended.status if ended else "completed"
