"""How stored facts read on a page: plain words, no inference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from models import domain
from models.domain import Action, Disposition, RefillOutcome, Result, TaskKind

HOW_IT_ENDED = {
    Disposition.COMPLETED.value: "Done",
    Disposition.ESCALATED.value: "Danger sign",
    Disposition.TRANSFERRED.value: "Put through",
    Disposition.MESSAGE_TAKEN.value: "Message taken",
    Disposition.IDENTITY_FAILED.value: "Not identified",
    Disposition.ABANDONED.value: "Hung up",
    Disposition.NO_INPUT.value: "Nothing heard",
    Disposition.FAILED.value: "Went wrong",
}
ON_THE_LINE = "On the line"

# Which colour a badge has; colour never stands alone, the words say it too.
TONES = {
    "": "live",
    Disposition.COMPLETED.value: "good",
    Disposition.ESCALATED.value: "danger",
    Disposition.TRANSFERRED.value: "calm",
    Disposition.MESSAGE_TAKEN.value: "calm",
}

IDENTITY = {
    "L0": "not identified",
    "L1": "name, birth date and number or ZIP agreed",
    "L2": "identified with a one-time code",
}

TASKS = {
    TaskKind.RED_FLAG_911.value: "Danger sign: 911",
    TaskKind.NURSE_NOW.value: "Nurse, now",
    TaskKind.SAME_DAY_CALLBACK.value: "Call back today",
    TaskKind.ROUTINE_MESSAGE.value: "Message",
    TaskKind.PROXY_AUTHORIZATION_NEEDED.value: "May they speak for the patient?",
    TaskKind.WRITEBACK_DEAD_LETTER.value: "Note did not reach the chart",
}

REFILLS = {
    RefillOutcome.PHARMACY_HAS_REFILLS: "the pharmacy still has refills",
    RefillOutcome.READY_FOR_APPROVAL: "ready for approval",
    RefillOutcome.NEEDS_REVIEW: "needs review",
    RefillOutcome.BRIDGE_SUGGESTED: "short supply suggested, visit overdue",
    RefillOutcome.HUMAN_NOW: "needs a person now",
    RefillOutcome.REFUSED_AUTOMATION: "only a person may decide",
}


def task_kind(kind: str) -> str:
    return TASKS.get(kind) or kind.replace("-", " ").capitalize()


def how_it_ended(disposition: str) -> str:
    return HOW_IT_ENDED.get(disposition, disposition) if disposition else ON_THE_LINE


def tone(disposition: str) -> str:
    return TONES.get(disposition, "warn")


def last_four(number: str) -> str:
    return f"…{number[-4:]}" if len(number) >= 4 else "withheld"


def duration(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{rest:02}"


def when(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a %b} {local.day}, {local:%H:%M}"


def doing(action: Action) -> str:
    """What was asked for."""
    for kind, words in _DOING.items():
        if isinstance(action, kind):
            return words(action)
    return type(action).__name__


_DOING: dict[type, Callable[[Any], str]] = {
    domain.VerifyIdentity: lambda a: f"Identity: {' or '.join(a.names) or 'no name'}, born {a.dob}",
    domain.RequestRefill: lambda a: f"Refill of “{a.said}” at {a.pharmacy or 'no pharmacy named'}",
    domain.FindOpenings: lambda a: f"Look for a {a.visit_type} opening",
    domain.HoldOpening: lambda _a: "Hold an opening",
    domain.BookOpening: lambda a: f"Book a {a.visit_type}",
    domain.MoveVisit: lambda _a: "Move a visit",
    domain.CancelVisit: lambda _a: "Cancel a visit",
    domain.JoinWaitlist: lambda a: f"Put on the waitlist for a {a.wish.visit_type}",
    domain.LeaveWaitlist: lambda _a: "Take off the waitlist",
    domain.AcceptOffer: lambda _a: "Take the opening that the waitlist held",
    domain.RefuseOffer: lambda _a: "Pass on the opening that the waitlist held",
    domain.OpenTask: lambda a: f"Task: {task_kind(a.kind.value)}",
    domain.PageStaff: lambda a: f"Page staff {a.red_flag_id}".strip(),
    domain.TransferCall: lambda a: f"Put through: {a.reason}",
    domain.StopRecording: lambda _a: "Stop recording",
    domain.HangUp: lambda _a: "Hang up",
}


def outcome(result: Result, zone: ZoneInfo) -> str:
    """What became of it."""
    for kind, words in _OUTCOMES.items():
        if isinstance(result, kind):
            return words(result, zone)
    return type(result).__name__


_OUTCOMES: dict[type, Callable[[Any, ZoneInfo], str]] = {
    domain.IdentityVerified: lambda r, _z: f"verified ({r.level.value})",
    domain.IdentityRefused: lambda r, _z: "refused, no further attempt" if r.locked else "not verified",
    domain.RefillAnswered: lambda r, _z: REFILLS[r.outcome] + (" (already open)" if r.already_open else ""),
    domain.OpeningsFound: lambda r, z: ", ".join(when(o.start, z) for o in r.openings) or "none free",
    domain.OpeningHeld: lambda _r, _z: "held",
    domain.OpeningGone: lambda _r, _z: "somebody was faster",
    domain.VisitBooked: lambda r, z: f"booked: {r.visit.provider_name}, {when(r.visit.start, z)}",
    domain.VisitCancelled: lambda _r, _z: "cancelled",
    domain.WaitlistJoined: lambda r, _z: (
        "on the waitlist before, wish changed" if r.already else "on the list"
    ),
    domain.WaitlistLeft: lambda _r, _z: "off the list",
    domain.OfferRefused: lambda _r, _z: "offered to the next in line",
    domain.TaskOpened: lambda _r, _z: "in the queue",
    domain.StaffPaged: lambda _r, _z: "paged",
    domain.CallTransferred: lambda _r, _z: "handed over",
    domain.RecordingStopped: lambda _r, _z: "stopped and deleted",
    domain.ActionFailed: lambda r, _z: f"failed: {r.code}",
}


def is_failure(result: Result) -> bool:
    return isinstance(result, domain.ActionFailed | domain.OpeningGone | domain.IdentityRefused)
