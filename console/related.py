"""Other calls from the same number, or about the same patient: the last few, by the blind indexes."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from console import wording
from models.calls import patient_blind
from models.stored import ending_from_json
from models.tables import Call

SHOWN = 6


@dataclass(frozen=True)
class RelatedCall:
    call_id: str
    at: str
    ended: str
    tone: str
    why: str  # "same number", "same patient", or both
    reason: str


def related_calls(session: Session, call: Call, patient_id: str, zone: ZoneInfo) -> tuple[RelatedCall, ...]:
    """Newest first; none for a withheld number of nobody known."""
    patient = patient_blind(patient_id)
    same = [col(Call.caller_blind) == call.caller_blind] if call.caller_blind else []
    same += [col(Call.patient_blind) == patient] if patient else []
    if not same:
        return ()
    last = (
        select(Call.id).where(or_(*same), Call.id != call.id).order_by(col(Call.started).desc()).limit(SHOWN)
    )
    rows = session.exec(select(Call).where(col(Call.id).in_(session.exec(last).all()))).all()
    newest_first = sorted(rows, key=lambda row: row.started, reverse=True)
    return tuple(_related(row, call, patient, zone) for row in newest_first)


def _related(row: Call, call: Call, patient: str, zone: ZoneInfo) -> RelatedCall:
    disposition = row.disposition if row.ended else ""
    number = bool(call.caller_blind) and row.caller_blind == call.caller_blind
    why = ["same number"] if number else []
    why += ["same patient"] if patient and row.patient_blind == patient else []
    return RelatedCall(
        row.id,
        wording.when(row.started, zone),
        wording.how_it_ended(disposition),
        wording.tone(disposition),
        ", ".join(why),
        ending_from_json(row.ending).reason if row.ending else "",
    )
