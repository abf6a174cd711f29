"""A day at a practice, as rows: what the console's tests and pictures show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from models import domain, records
from models.domain import Disposition, IdentityLevel, OpenTask, PageStaff, Priority, TaskKind, TurnRecord
from models.records import CallEnding, TurnDetail
from models.tables import LedgerRow

NOW = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def fill(session: Session) -> None:
    _refill(session)
    _danger(session)
    _booking(session)
    _live(session)


def _open(session: Session, call_id: str, number: str, minutes: float) -> None:
    records.open_call(session, call_id, caller_number=number, called_number="+15550199", at=ago(minutes))


def _say(
    session: Session, call_id: str, number: int, at: datetime, caller: str, agent: str,
    confidence: float = 0.93, also: tuple[str, ...] = (), keys: str = "", heard: str = "",
) -> None:  # fmt: skip
    turn = TurnRecord(number, at, caller, agent, "refill_request", "serving", confidence, heard, keys)
    records.save_turn(session, call_id, turn, {"turn": number}, TurnDetail(alternatives=also))


def _refill(session: Session) -> None:
    _open(session, "CA-refill", "+15550100", 42)
    lines = (
        ("", "Lakeside Family Practice, this is the automated assistant. How can I help?"),
        ("I need my lysine a pill refilled", "Lisinopril. Which pharmacy should it go to?"),
        ("Main Street", "I've sent this to the care team; usually within 48 hours."),
    )
    for number, (caller, agent) in enumerate(lines):
        _say(session, "CA-refill", number, ago(42 - number / 3), caller, agent, 0.41 if number == 1 else 0.93,
             also=("I need my lisinopril refilled",) if number == 1 else ())  # fmt: skip
    wish = domain.RequestRefill("a1", "pat-7", "o1", "lisinopril", "Main Street", False)
    answer = domain.RefillAnswered(domain.RefillOutcome.READY_FOR_APPROVAL, "MedicationRequest/5", "Task/9")
    records.save_done(session, "CA-refill", 2, wish, answer)
    task = OpenTask(
        "a1", TaskKind.REFILL_REVIEW, Priority.ROUTINE, "Refill lisinopril at Main Street", "pat-7"
    )
    records.add_task(session, task, call_id="CA-refill", at=ago(41), due_at=ago(-60 * 30))
    session.add(
        LedgerRow(
            call_id="CA-refill", kind="encounter", target="local", state="confirmed", server_ref="Encounter/3"
        )
    )
    session.add(LedgerRow(call_id="CA-refill", kind="note", target="local", state="dead", error="http-422"))
    ending = CallEnding(
        Disposition.COMPLETED, "I need my lisinopril refilled", IdentityLevel.L1, "pat-7", disclosures=("ai",)
    )
    records.close_call(session, "CA-refill", ago(40), ending)


def _danger(session: Session) -> None:
    _open(session, "CA-danger", "+15550142", 12)
    _say(session, "CA-danger", 1, ago(11.8), "my chest feels tight and my arm hurts",
         "Please hang up and call 911 now.", heard="Please hang up and call 911")  # fmt: skip
    flag = domain.RedFlagRaised("RF01", "emergency", "my chest feels tight")
    task = OpenTask("a1", TaskKind.RED_FLAG_911, Priority.STAT, "“my chest feels tight and my arm hurts”")
    records.add_task(session, task, call_id="CA-danger", at=ago(11), due_at=ago(1))
    page = PageStaff("a2", "Chest tightness on the line, caller told to call 911", "RF01")
    records.add_page(session, page, call_id="CA-danger", at=ago(11))
    records.save_done(session, "CA-danger", 1, page, domain.StaffPaged("Page/1"))
    ending = CallEnding(
        Disposition.ESCALATED, "my chest feels tight", red_flags=(flag,), symptoms_present=("tight chest",)
    )
    records.close_call(session, "CA-danger", ago(10), ending)


def _booking(session: Session) -> None:
    _open(session, "CA-booking", "", 90)
    _say(session, "CA-booking", 1, ago(89), "", "Please enter your date of birth.", keys="03051981")
    _say(session, "CA-booking", 2, ago(88), "I'd like to see <b>Doctor</b> Chen", "Tuesday at 2:20?")
    visit = domain.BookedVisit("ap1", "d1", "Doctor Chen", ago(-60 * 28), 20, "follow-up")
    booked = domain.VisitBooked(visit, "Appointment/1")
    records.save_done(session, "CA-booking", 2, domain.BookOpening("a1", "p2", "o1", "follow-up"), booked)
    gone = domain.OpeningGone("o0")
    records.save_done(session, "CA-booking", 2, domain.HoldOpening("a0", "o0"), gone)
    ending = CallEnding(Disposition.COMPLETED, "I'd like to see <b>Doctor</b> Chen", IdentityLevel.L1, "p2")
    records.close_call(session, "CA-booking", ago(86), ending)


def _live(session: Session) -> None:
    _open(session, "CA-live", "+15550177", 1.5)
    _say(session, "CA-live", 1, ago(1), "could somebody call me back about my bill", "Of course.")
    task = OpenTask("a1", TaskKind.BILLING_QUESTION, Priority.URGENT, "Call back about a bill")
    records.add_task(session, task, call_id="CA-live", at=ago(1), due_at=ago(-45))
