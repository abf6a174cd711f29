"""What was done on a call, and what became of it, in words for staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from console import wording
from models import domain
from models.domain import Action, RefillOutcome, Result

REFILLS = {
    RefillOutcome.PHARMACY_HAS_REFILLS: "the pharmacy still has refills",
    RefillOutcome.READY_FOR_APPROVAL: "ready for approval",
    RefillOutcome.NEEDS_REVIEW: "needs review",
    RefillOutcome.BRIDGE_SUGGESTED: "short supply suggested, visit overdue",
    RefillOutcome.HUMAN_NOW: "needs a person now",
    RefillOutcome.REFUSED_AUTOMATION: "only a person may decide",
}
FAILURES = (
    domain.ActionFailed,
    domain.OpeningGone,
    domain.IdentityRefused,
    domain.CodeNotSent,
    domain.CodeRefused,
)


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
    domain.OpenTask: lambda a: f"Task: {wording.task_kind(a.kind.value)}",
    domain.PageStaff: lambda a: f"Page staff {a.red_flag_id}".strip(),
    domain.TransferCall: lambda a: f"Put through: {a.reason}",
    domain.StopRecording: lambda _a: "Stop recording",
    domain.SendCode: lambda _a: "Text a one-time code",
    domain.CheckCode: lambda _a: "Check the one-time code",
    domain.RecordPermission: lambda a: (
        f"Let {a.caller_name or 'somebody'} speak for the patient on this call"
    ),
    domain.AddToRefill: lambda a: f"Add to the refill request: “{a.words}”",
    domain.ConfirmVisit: lambda _a: "Confirm a visit",
    domain.RegisterPatient: lambda a: f"Register {a.name or 'a new patient'}, first visit",
    domain.StopTranscript: lambda _a: "Write nothing down from here on",
    domain.RateCall: lambda a: f"How the caller found the call: {a.score} of 5",
    domain.StopTexts: lambda _a: "Stop texts and calls to this number",
    domain.FileCheckin: lambda a: f"Check-in “{a.title}”",
    domain.HangUp: lambda _a: "Hang up",
}


def _refill(answer: domain.RefillAnswered) -> str:
    """With the medicine as ordered, and what a person must look at: rules that were not met, interactions."""
    named = f"{answer.medicine}: " if answer.medicine else ""
    again = " (already open)" if answer.already_open else ""
    unmet = [one for one in answer.rules if one.passed is False or one.rule == answer.decided_by]
    looks = [one.detail or one.rule.replace("-", " ") for one in unmet] + [
        issue.detail for issue in answer.issues
    ]
    why = f" – {'; '.join(dict.fromkeys(looks))}" if looks else ""
    return f"{named}{REFILLS[answer.outcome]}{again}{why}"


def outcome(result: Result, zone: ZoneInfo) -> str:
    """What became of it."""
    for kind, words in _OUTCOMES.items():
        if isinstance(result, kind):
            return words(result, zone)
    return type(result).__name__


_OUTCOMES: dict[type, Callable[[Any, ZoneInfo], str]] = {
    domain.IdentityVerified: lambda r, _z: f"verified ({r.level.value})",
    domain.IdentityRefused: lambda r, _z: "refused, no further attempt" if r.locked else "not verified",
    domain.RefillAnswered: lambda r, _z: _refill(r),
    domain.OpeningsFound: lambda r, z: ", ".join(wording.when(o.start, z) for o in r.openings) or "none free",
    domain.OpeningHeld: lambda _r, _z: "held",
    domain.OpeningGone: lambda _r, _z: "somebody was faster",
    domain.VisitBooked: lambda r, z: f"booked: {r.visit.provider_name}, {wording.when(r.visit.start, z)}",
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
    domain.CodeSent: lambda _r, _z: "on its way",
    domain.CodeNotSent: lambda r, _z: f"not sent: {r.code}",
    domain.CodeRefused: lambda r, _z: "wrong" if r.more else "wrong, no further try",
    domain.PermissionRecorded: lambda _r, _z: "kept in the chart",
    domain.RefillAdded: lambda r, _z: "added, for today" if r.today else "added",
    domain.VisitConfirmed: lambda _r, _z: "confirmed",
    domain.RegistrationPending: lambda r, z: f"the time is held until {wording.when(r.held_until, z)}",
    domain.TranscriptStopped: lambda _r, _z: "no words are kept from here on",
    domain.CallRated: lambda _r, _z: "noted",
    domain.TextsStopped: lambda _r, _z: "stopped",
    domain.CheckinFiled: lambda _r, _z: "filed",
    domain.ActionFailed: lambda r, _z: f"failed: {r.code}",
}


def is_failure(result: Result) -> bool:
    return isinstance(result, FAILURES)
