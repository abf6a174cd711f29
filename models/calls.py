"""The life of a call in the database: opened, turn by turn, resumed, ended. Plain functions on a session.

Every function may be repeated with the same arguments without harm: webhooks are delivered twice,
and a work may run again after a deadlock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from models import call_figures, call_keys
from models.codec import from_json, to_json
from models.domain import Action, ActionFailed, CallRecord, DoneAction, Result, TurnRecord
from models.errors import Conflict, NotFound
from models.keyring import current_keyring
from models.rows import insert_if_new
from models.stored import (
    CallEnding,
    StoredCall,
    TurnDetail,
    done_action,
    ending_from_json,
    ending_to_json,
    fill_turn,
    turn_record,
)
from models.tables import Call, DoneActionRow, Turn

PHONE = "phone"  # purposes of blind indexes
PATIENT = "patient"
TRY_LINE = "try"  # the line of calls that staff make from their browser; no practice's own may be called so


def open_call(
    session: Session,
    call_id: str,
    *,
    caller_number: str,
    called_number: str,
    at: datetime,
    owner: str = "",
    forwarded_from: str = "",
    line: str = "",
) -> StoredCall:
    """The call's row, made now unless it exists. ``line``: name of the practice's line that was called."""
    row = Call(
        id=call_id,
        caller_number=caller_number,
        caller_blind=phone_blind(caller_number),
        called_number=called_number,
        forwarded_from=forwarded_from or None,
        line=line,
        started=at,
        updated=at,
        owner=owner,
        epoch=1,
        keyed=call_keys.KEYED,
    )
    if insert_if_new(session, row):
        call_keys.key_number(session, row)
    return require_call(session, call_id)


def take_over(session: Session, call_id: str, *, owner: str, at: datetime) -> StoredCall:
    """The call as its former owner left it, who may no longer write; of its turns the newest.

    Raises `NotFound`.
    """
    call = _row(session, call_id)
    call.owner, call.updated = owner, at
    call.epoch += 1
    session.add(call)
    session.flush()
    return require_call(session, call_id, newest=1)


def resume_begun(session: Session, call_id: str, *, owner: str, at: datetime) -> StoredCall | None:
    """As `resume_call`, of a call that has a turn, which is stored with the state after it; else None."""
    call = session.get(Call, call_id)
    if call is None or call.state is None:
        return None
    return resume_call(session, call_id, owner=owner, at=at)


def resume_call(session: Session, call_id: str, *, owner: str, at: datetime) -> StoredCall:
    """Take the call over on a new stream, as `take_over`. Raises `NotFound`."""
    call = _row(session, call_id)
    call.resumed += 1
    call.stalled += 1
    return take_over(session, call_id, owner=owner, at=at)


def load_call(session: Session, call_id: str, *, newest: int | None = None) -> StoredCall | None:
    """The call with its turns and actions, None when there is none. ``newest``: of its turns only so many."""
    call = session.get(Call, call_id)
    if call is None:
        return None
    return StoredCall(
        call_id=call.id,
        caller_number=call.caller_number,
        called_number=call.called_number,
        forwarded_from=call.forwarded_from or "",
        line=call.line,
        started=call.started,
        ended=call.ended,
        disposition=call.disposition,
        owner=call.owner,
        epoch=call.epoch,
        resumed=call.resumed,
        stalled=call.stalled,
        state=call.state,
        turns=_turns(session, call_id, newest),
        done=_done(session, call_id),
        ordered=tuple(from_json(action) for action in call.ordered or ()),
    )


def require_call(session: Session, call_id: str, *, newest: int | None = None) -> StoredCall:
    """As `load_call`; raises `NotFound` when there is none."""
    call = load_call(session, call_id, newest=newest)
    if call is None:
        raise NotFound(f"there is no call {call_id}")
    return call


def save_turn(
    session: Session,
    call_id: str,
    turn: TurnRecord,
    state: Mapping[str, Any],
    detail: TurnDetail | None = None,
    *,
    ordered: Sequence[Action] = (),
    epoch: int | None = None,
) -> None:
    """Write-ahead: the turn, the dialog's state and its orders together, before the reply is spoken.

    ``ordered`` are the actions whose outcome has not come: whoever takes the call over does them.
    The same number again replaces the turn (a reply grows when an outcome arrives), but never takes
    back what `mark_heard` noted, and without ``detail`` keeps the detail stored before. Raises
    `NotFound`, and `Conflict` when ``epoch`` is a former owner's.
    """
    call = _row(session, call_id)
    if epoch is not None and epoch < call.epoch:
        raise _taken_over(call_id)
    call.state, call.updated = dict(state), turn.at
    if turn.caller_text or turn.keys:
        call.stalled = 0  # the caller got a word in
    call.ordered = [to_json(action) for action in ordered] or None
    call.changes = col(Call.changes) + 1  # type: ignore[assignment]  # as `note_change`, in the same statement
    session.add(call)
    found = _turn_row(session, call_id, turn.number)
    before = call_keys.said(found) if found else None
    row = found or Turn(call_id=call_id, number=turn.number, at=turn.at)
    fill_turn(row, turn, detail)
    session.add(row)
    session.flush()
    if call_keys.said(row) != before:
        call_keys.key_turn(session, call, row, is_new=found is None)


def _taken_over(call_id: str) -> Conflict:
    return Conflict(f"call {call_id} was taken over by another process")


def mark_heard(
    session: Session,
    call_id: str,
    number: int,
    heard_to: str,
    timings: Mapping[str, float] | None = None,
    *,
    epoch: int | None = None,
) -> None:
    """Note how much of a turn's reply was played, and ``timings`` of it.

    Raises `NotFound`, and `Conflict` when ``epoch`` is a former owner's.
    """
    if not note_change(session, call_id, epoch):
        _row(session, call_id)  # there is none: NotFound
        raise _taken_over(call_id)
    row = _turn_row(session, call_id, number)
    if row is None:
        raise NotFound(f"call {call_id} has no turn {number}")
    row.heard_to = heard_to
    row.timings = {**(row.timings or {}), **(timings or {})} or None
    session.add(row)
    session.flush()


def note_change(session: Session, call_id: str, epoch: int | None = None) -> bool:
    """Something more is stored of this call: pages that show it live are to be told.

    False, and nothing done, where there is no such call, or ``epoch`` is a former owner's.
    """
    one_more = update(Call).where(col(Call.id) == call_id).values(changes=col(Call.changes) + 1)
    if epoch is not None:
        one_more = one_more.where(col(Call.epoch) <= epoch)
    return session.connection().execute(one_more).rowcount > 0


def rate(session: Session, call_id: str, score: int) -> None:
    """Note how the caller found the call, 1 to 5."""
    session.connection().execute(update(Call).where(col(Call.id) == call_id).values(satisfaction=score))


def save_done(session: Session, call_id: str, turn_number: int, action: Action, result: Result) -> bool:
    """Store an action with its outcome, once; False when it was stored before.

    Only a failure is replaced: it was done after all.
    """
    row = DoneActionRow(
        call_id=call_id,
        action_id=action.action_id,
        turn_number=turn_number,
        action=to_json(action),
        result=to_json(result),
    )
    note_change(session, call_id)
    return insert_if_new(session, row) or _mended(session, row, result)


def _mended(session: Session, row: DoneActionRow, result: Result) -> bool:
    if isinstance(result, ActionFailed):
        return False
    same = select(DoneActionRow).where(
        DoneActionRow.call_id == row.call_id, DoneActionRow.action_id == row.action_id
    )
    before = session.exec(same).one()
    if not isinstance(from_json(before.result), ActionFailed):
        return False
    before.result = row.result
    session.add(before)
    session.flush()
    return True


def close_call(session: Session, call_id: str, ended: datetime, ending: CallEnding) -> bool:
    """End the call, once; False when it had ended before. Raises `NotFound`.

    A clock that was set back since gives no end before the beginning: FHIR R4 refuses such a Period (per-1).
    """
    call = _row(session, call_id)
    ended = max(ended, call.started)
    statement = update(Call).where(col(Call.id) == call_id, col(Call.ended).is_(None)).values(ended=ended)
    if session.connection().execute(statement).rowcount == 0:
        return False
    session.refresh(call)
    call.disposition, call.identity = ending.disposition.value, ending.identity.value
    call.patient_id, call.updated = ending.patient_id, ended
    call.patient_blind = patient_blind(ending.patient_id)
    call.red_flag_ids = " ".join(dict.fromkeys(flag.red_flag_id for flag in ending.red_flags))
    call.ending = ending_to_json(ending)
    session.add(call)
    session.flush()
    call_keys.key_ending(session, call)
    call_figures.keep_figures(session, call)
    return True


def call_record(
    session: Session,
    call_id: str,
    *,
    practice_timezone: str = "UTC",
    models: Mapping[str, str] | None = None,
) -> CallRecord:
    """The finished call, as the write-back wants it. Raises `NotFound`, or `Conflict` before its end."""
    call = _row(session, call_id)
    if call.ended is None or call.ending is None:
        raise Conflict(f"call {call_id} has not ended")
    ending = ending_from_json(call.ending)
    return CallRecord(
        call_id=call_id,
        started=call.started,
        ended=call.ended,
        caller_number=call.caller_number,
        identity=ending.identity,
        patient_id=ending.patient_id,
        disposition=ending.disposition,
        reason=ending.reason,
        turns=_turns(session, call_id, None),
        done=_done(session, call_id),
        red_flags=ending.red_flags,
        disclosures=ending.disclosures,
        practice_timezone=practice_timezone,
        identity_attempts=ending.identity_attempts,
        models=dict(models or {}),
        symptoms_present=ending.symptoms_present,
        symptoms_denied=ending.symptoms_denied,
    )


def unfinished_calls(session: Session, *, quiet_since: datetime) -> list[str]:
    """Ids of calls that have not ended and of which nothing was heard after ``quiet_since``."""
    query = select(Call.id).where(col(Call.ended).is_(None), col(Call.updated) <= quiet_since)
    return list(session.exec(query.order_by(col(Call.started))).all())


def unended(session: Session) -> list[tuple[str, datetime, int]]:
    """Of each call that has not ended its id, and what changes with all that is stored of it."""
    query = select(Call.id, Call.updated, Call.changes).where(col(Call.ended).is_(None))
    return [(call_id, updated, changes) for call_id, updated, changes in session.exec(query)]


def recent_calls(session: Session, limit: int = 50, *, before: datetime | None = None) -> list[Call]:
    """Rows of the newest calls, newest first, all or those that started ``before``."""
    query = select(Call).order_by(col(Call.started).desc(), col(Call.id)).limit(limit)
    if before is not None:
        query = query.where(col(Call.started) < before)
    return list(session.exec(query).all())


def phone_blind(number: str) -> str:
    """The blind index of an E.164 number, "" for a withheld one."""
    return current_keyring().blind(PHONE, number) if number else ""


def patient_blind(patient_id: str) -> str:
    """The blind index of a patient's id, "" for nobody."""
    return current_keyring().blind(PATIENT, patient_id) if patient_id else ""


def _row(session: Session, call_id: str) -> Call:
    call = session.get(Call, call_id)
    if call is None:
        raise NotFound(f"there is no call {call_id}")
    return call


def _turn_row(session: Session, call_id: str, number: int) -> Turn | None:
    return session.exec(select(Turn).where(Turn.call_id == call_id, Turn.number == number)).first()


def _turns(session: Session, call_id: str, newest: int | None) -> tuple[TurnRecord, ...]:
    if newest == 0:
        return ()
    newest_first = select(Turn).where(Turn.call_id == call_id).order_by(col(Turn.number).desc()).limit(newest)
    return tuple(turn_record(row) for row in reversed(session.exec(newest_first).all()))


def _done(session: Session, call_id: str) -> tuple[DoneAction, ...]:
    query = select(DoneActionRow).where(DoneActionRow.call_id == call_id).order_by(col(DoneActionRow.id))
    return tuple(done_action(row) for row in session.exec(query).all())
