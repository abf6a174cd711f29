"""How the write-back stands, for the command line and the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from ehr_writeback.outbox import ACCEPTED, HELD, UNSUPPORTED
from models.tables import LedgerRow, OutboxRow, OutboxState


@dataclass(frozen=True, slots=True)
class WritebackStatus:
    """Counts of resources, over all chart servers. ``held`` counts calls without a known patient.

    ``unsupported`` resources are of types that a server does not take; their facts stand in the note.
    """

    pending: int = 0
    sent: int = 0
    accepted: int = 0
    confirmed: int = 0
    dead: int = 0
    unsupported: int = 0
    held: int = 0
    oldest_open: datetime | None = None  # end of the call that has waited longest

    def lag_s(self, now: datetime) -> float:
        """Age of the oldest unfinished work, 0 when there is none."""
        return max(0.0, (now - self.oldest_open).total_seconds()) if self.oldest_open else 0.0


def writeback_status(session: Session) -> WritebackStatus:
    """Counted from the ledger; takes one pass over it."""
    query = select(LedgerRow.state, func.count()).group_by(col(LedgerRow.state))
    counts = {str(state): int(count) for state, count in session.exec(query).all()}
    open_states = (OutboxState.PENDING, OutboxState.SENT)
    oldest = session.exec(
        select(OutboxRow.created_at)
        .where(col(OutboxRow.kind).startswith("writeback:"), col(OutboxRow.state).in_(open_states))
        .order_by(col(OutboxRow.created_at))
        .limit(1)
    ).first()
    return WritebackStatus(
        pending=counts.get(OutboxState.PENDING, 0),
        sent=counts.get(OutboxState.SENT, 0),
        accepted=counts.get(ACCEPTED, 0),
        confirmed=counts.get(OutboxState.CONFIRMED, 0),
        dead=counts.get(OutboxState.DEAD, 0),
        unsupported=counts.get(UNSUPPORTED, 0),
        held=counts.get(HELD, 0),
        oldest_open=oldest,
    )
