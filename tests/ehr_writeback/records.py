"""Finished calls to write back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from models.domain import (
    ActionFailed,
    BookedVisit,
    BookOpening,
    CallRecord,
    CallTransferred,
    Disposition,
    DoneAction,
    FindOpenings,
    HoldOpening,
    IdentityLevel,
    IdentityVerified,
    Opening,
    OpeningGone,
    OpeningsFound,
    OpenTask,
    PageStaff,
    Priority,
    RedFlagRaised,
    RefillAnswered,
    RefillOutcome,
    RequestRefill,
    RuleResult,
    StaffPaged,
    TaskKind,
    TaskOpened,
    TransferCall,
    TurnRecord,
    VerifyIdentity,
    VisitBooked,
)

STARTED = datetime(2026, 11, 22, 14, 1, 10, tzinfo=UTC)
ENDED = datetime(2026, 11, 22, 14, 5, 42, tzinfo=UTC)
MODELS = {"firstring": "0.1.0", "stt": "pocketsphinx 5.1.1", "intents": "head-1"}
GREETING = "Thank you for calling Cedar Family Practice. How can I help?"


def turn(number: int, caller: str, agent: str) -> TurnRecord:
    return TurnRecord(number, STARTED + timedelta(seconds=20 * number), caller, agent)


IDENTIFIED = DoneAction(
    2,
    VerifyIdentity("a1", ("Maria Lopez",), date(1981, 3, 5)),
    IdentityVerified("p1", IdentityLevel.L1),
)

REFILL = CallRecord(
    call_id="CA-refill",
    started=STARTED,
    ended=ENDED,
    caller_number="+16175550123",
    identity=IdentityLevel.L1,
    patient_id="p1",
    disposition=Disposition.COMPLETED,
    reason="I need my lisinopril refilled",
    turns=(
        turn(0, "", GREETING),
        turn(
            1,
            "Hi, I need my lisinopril refilled at Main Street Pharmacy",
            "May I have your full name and date of birth?",
        ),
        turn(2, "Maria Lopez, March fifth nineteen eighty one", "Any new problems or side effects with it?"),
        turn(3, "No, no new problems", "I've sent this to the care team."),
    ),
    done=(
        IDENTIFIED,
        DoneAction(
            3,
            RequestRefill("a2", "p1", "m9", "my lisinopril", "Main Street Pharmacy", False),
            RefillAnswered(
                RefillOutcome.NEEDS_REVIEW,
                "MedicationRequest/prop-1",
                "Task/t-1",
                (
                    RuleResult("last-visit", False, "400 days ago, limit 365"),
                    RuleResult("labs", None),
                    RuleResult("active", True),
                ),
            ),
        ),
    ),
    disclosures=("ai", "recording"),
    practice_timezone="America/New_York",
    identity_attempts=1,
    models=MODELS,
)

OPENING = Opening("o1", "d1", "Doctor Chen", datetime(2026, 12, 1, 19, 20, tzinfo=UTC), 20)
VISIT = BookedVisit("ap-1", "d1", "Doctor Chen", OPENING.start, 20, "follow-up")
BOOKING = replace(
    REFILL,
    call_id="CA-booking",
    reason="I'd like to see Doctor Chen",
    turns=(
        turn(0, "", GREETING),
        turn(1, "I'd like to see Doctor Chen next week", "May I have your full name and date of birth?"),
        turn(2, "Maria Lopez, three five eighty one", "Tuesday at two twenty?"),
        turn(3, "Yes please", "That one was just taken."),
        turn(4, "The other one then", "You are booked."),
    ),
    done=(
        IDENTIFIED,
        DoneAction(2, FindOpenings("a2", "follow-up", "d1"), OpeningsFound((OPENING,))),
        DoneAction(3, HoldOpening("a3", "o0"), OpeningGone("o0")),
        DoneAction(4, BookOpening("a4", "p1", "o1", "follow-up"), VisitBooked(VISIT, "Appointment/ap-1")),
    ),
)

RED_FLAG = replace(
    REFILL,
    call_id="CA-redflag",
    disposition=Disposition.ESCALATED,
    reason="I have chest pain",
    turns=(
        turn(0, "", GREETING),
        turn(1, "This is Maria Lopez", "How can I help?"),
        turn(2, "I have chest pain and my arm hurts, no fever", "Please hang up and call 911 now."),
        turn(3, "OK I will", "Our staff have been told."),
    ),
    done=(
        IDENTIFIED,
        DoneAction(2, PageStaff("a2", "chest pain", "RF01"), StaffPaged("Communication/page-1")),
        DoneAction(
            2,
            OpenTask("a3", TaskKind.RED_FLAG_911, Priority.STAT, "I have chest pain and my arm hurts", "p1"),
            ActionFailed("storage"),
        ),
    ),
    red_flags=(RedFlagRaised("RF01", "emergency", "I have chest pain"),),
    disclosures=("ai", "recording", "emergency"),
    symptoms_present=("chest pain",),
    symptoms_denied=("fever",),
)

TRANSFER = replace(
    REFILL,
    call_id="CA-transfer",
    disposition=Disposition.TRANSFERRED,
    reason="a person please",
    turns=(turn(0, "", GREETING), turn(1, "A person please", "I'm connecting you now.")),
    done=(
        IDENTIFIED,
        DoneAction(1, TransferCall("a2", "asked for a person"), CallTransferred()),
        DoneAction(
            1,
            OpenTask("a3", TaskKind.ROUTINE_MESSAGE, Priority.ROUTINE, "A person please", "p1"),
            TaskOpened("Task/t-9"),
        ),
    ),
)

UNKNOWN_CALLER = replace(
    REFILL,
    call_id="CA-unknown",
    identity=IdentityLevel.L0,
    patient_id="",
    disposition=Disposition.IDENTITY_FAILED,
    done=(),
    caller_number="",
)

LINKED = (REFILL, BOOKING, RED_FLAG, TRANSFER)
