"""The updates that the ledger makes, straight to the tables.

Rows are not loaded and their bodies not deciphered to note a number. Made once, because to put a statement
together costs more than to run it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Update, bindparam, null, or_, select, update
from sqlmodel import Session

from fhir.outcome import NO_ANSWER
from models.tables import LedgerRow, OutboxRow, OutboxState

OPEN_STATES = (OutboxState.PENDING, OutboxState.SENT)
_OUT, _LEDGER = OutboxRow.metadata.tables["outbox"], LedgerRow.metadata.tables["ledger"]
_OPEN = _OUT.c.state.in_(OPEN_STATES)
_OF_SERVER = (_OUT.c.kind == bindparam("server"), _OPEN)
_OF_CALL = (_OUT.c.call_id == bindparam("call"), *_OF_SERVER)
_ROWS: BindParameter[Any] = bindparam("rows", expanding=True)
BEGIN = (
    update(_OUT)
    .where(_OUT.c.id.in_(_ROWS), _OUT.c.attempts == bindparam("attempts_made"), _OPEN)
    .values(attempts=bindparam("more"), state=OutboxState.SENT.value)
)
BEGIN_LEDGER = (
    update(_LEDGER).where(_LEDGER.c.id.in_(_ROWS)).values(attempts=bindparam("more"), state=bindparam("to"))
)
LEASE = (
    update(_OUT)
    .where(_OUT.c.call_id.in_(bindparam("calls", expanding=True)), *_OF_SERVER)
    .values(lease_until=bindparam("until"), leased_by=bindparam("lessee"))
)
RENEW = (  # what was promised since the call was taken up is not held with it, or nobody would free it
    update(_OUT)
    .where(*_OF_CALL, or_(_OUT.c.lease_until.is_not(None), _OUT.c.id.in_(_ROWS)))
    .values(lease_until=bindparam("until"), leased_by=bindparam("lessee"))
)
NOT_BEFORE = update(_OUT).where(*_OF_CALL, _OUT.c.next_at < bindparam("at")).values(next_at=bindparam("at"))
FREE = (  # also leases from before the clock was set back: none is given until ``far``
    update(_OUT)
    .where(*_OF_SERVER, or_(_OUT.c.lease_until <= bindparam("at"), _OUT.c.lease_until > bindparam("far")))
    .values(lease_until=null())
)
WAITS_TOO_LONG = (
    update(_OUT).where(*_OF_SERVER, _OUT.c.next_at > bindparam("far")).values(next_at=bindparam("at"))
)
_UNANSWERED = _OUT.c.last_error.endswith(NO_ANSWER)
_ITS_CALLS = select(_OUT.c.call_id).where(*_OF_SERVER, _UNANSWERED)  # what follows it waits with it
HASTEN = (
    update(_OUT)
    .where(*_OF_SERVER, _OUT.c.next_at > bindparam("at"), or_(_UNANSWERED, _OUT.c.last_error == ""))
    .where(_OUT.c.call_id.in_(_ITS_CALLS))
    .values(next_at=bindparam("at"))
)
WAITS_FOR_SERVER = (  # what is due; a row that says so already is not written again
    update(_OUT)
    .where(*_OF_SERVER, _OUT.c.next_at <= bindparam("at"), _OUT.c.last_error != bindparam("why"))
    .values(last_error=bindparam("why"))
)
WAITS = update(_OUT).where(*_OF_CALL).values(last_error=bindparam("why"))
CONFIRM = (
    update(_OUT)
    .where(_OUT.c.id.in_(_ROWS))
    .values(state=OutboxState.CONFIRMED.value, lease_until=null(), last_error="")
)
CONFIRM_LEDGER = (
    update(_LEDGER)
    .where(_LEDGER.c.id == bindparam("row"))
    .values(
        state=OutboxState.CONFIRMED.value, error="", server_ref=bindparam("held"), etag=bindparam("version")
    )
)


def change_each(session: Session, statement: Update, values: Sequence[Mapping[str, Any]]) -> None:
    """Run it once with each; they go to the database together."""
    session.connection().execute(statement, values)


def changed(session: Session, statement: Update, **values: Any) -> int:
    """How many rows it changed."""
    return session.connection().execute(statement, values).rowcount
