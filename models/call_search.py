"""Finding calls by what is keyed of them (`CallKey`), newest first, a page at a time.

All that is asked for must be true of one call. The rarest key is walked along the index, from the newest call
on, and each call of it is looked up under the other keys: no personal column is opened for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, delete, exists, or_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.call_keys import at_us, in_us
from models.search_tables import CallKey, CallSearch
from models.tables import Call

COUNTED = 1_000  # of each key, to see which is the rarest
KEPT = timedelta(days=30)  # a search


class Place(NamedTuple):
    """Where a call stands in the list."""

    started_us: int
    call_id: str


@dataclass(frozen=True, slots=True)
class CallWish:
    """``keys``: all of them; none asks for all calls. ``first`` and ``before``: when the call started.
    ``older_than`` and ``newer_than``: the page that follows, and the one before."""

    keys: tuple[int, ...] = ()
    first: datetime | None = None
    before: datetime | None = None
    older_than: Place | None = None
    newer_than: Place | None = None


def find_calls(session: Session, wanted: CallWish, limit: int) -> list[Place]:
    """Calls, newest first; with ``newer_than`` the ``limit`` that stand next above that place."""
    find = _by_keys if wanted.keys else _by_start
    found = find(session, wanted, limit)
    return found[::-1] if wanted.newer_than else found


def _by_keys(session: Session, wanted: CallWish, limit: int) -> list[Place]:
    first, *others = _rarest_first(session, wanted)
    walked, at, name = aliased(CallKey), "started_us", "call_id"
    started, call_id = col(walked.started_us), col(walked.call_id)
    query = sa_select(started, call_id).distinct().where(col(walked.key) == first)
    query = query.where(*_in_range(started, call_id, wanted, as_us=True))
    for key in others:
        query = query.where(_has(walked, key))
    rows = session.connection().execute(_ordered(query, started, call_id, wanted).limit(limit)).all()
    return [Place(getattr(row, at), getattr(row, name)) for row in rows]


def _has(walked: Any, key: int) -> Any:
    other = aliased(CallKey)
    return exists().where(
        col(other.key) == key,
        col(other.started_us) == walked.started_us,
        col(other.call_id) == walked.call_id,
    )


def _rarest_first(session: Session, wanted: CallWish) -> list[int]:
    if len(wanted.keys) == 1:
        return list(wanted.keys)
    return sorted(wanted.keys, key=lambda key: _how_many(session, key, wanted))


def _how_many(session: Session, key: int, wanted: CallWish) -> int:
    started, call_id = col(CallKey.started_us), col(CallKey.call_id)
    place = (col(CallKey.key) == key, *_in_range(started, call_id, wanted, as_us=True))
    return len(session.connection().execute(sa_select(started).where(*place).limit(COUNTED)).all())


def _by_start(session: Session, wanted: CallWish, limit: int) -> list[Place]:
    started, call_id = col(Call.started), col(Call.id)
    query = sa_select(started, call_id).where(*_in_range(started, call_id, wanted, as_us=False))
    rows = session.connection().execute(_ordered(query, started, call_id, wanted).limit(limit)).all()
    return [Place(in_us(at), name) for at, name in rows]


def _ordered(query: Any, started: Any, call_id: Any, wanted: CallWish) -> Any:
    if wanted.newer_than:
        return query.order_by(started, call_id)
    return query.order_by(started.desc(), call_id.desc())


def _in_range(started: Any, call_id: Any, wanted: CallWish, *, as_us: bool) -> list[Any]:
    """``as_us``: the column counts microseconds."""
    asked: list[Any] = []
    if wanted.first is not None:
        asked.append(started >= (in_us(wanted.first) if as_us else wanted.first))
    if wanted.before is not None:
        asked.append(started < (in_us(wanted.before) if as_us else wanted.before))
    if wanted.older_than:
        at, name = _instant(wanted.older_than, as_us), wanted.older_than.call_id
        asked += [started <= at, or_(started < at, and_(started == at, call_id < name))]
    if wanted.newer_than:
        at, name = _instant(wanted.newer_than, as_us), wanted.newer_than.call_id
        asked += [started >= at, or_(started > at, and_(started == at, call_id > name))]
    return asked


def _instant(place: Place, as_us: bool) -> Any:
    return place.started_us if as_us else at_us(place.started_us)


# --------------------------------------------------------------------------- of the calls that were found


def turns_with(session: Session, places: Sequence[Place], keys: Sequence[int]) -> dict[str, int]:
    """Of these calls, the first turn that has one of ``keys``; for calls that have none, nothing."""
    if not places or not keys:
        return {}
    times = [place.started_us for place in places]
    query = select(CallKey.call_id, CallKey.turn).where(
        col(CallKey.key).in_(keys),
        col(CallKey.started_us).between(min(times), max(times)),
        col(CallKey.call_id).in_([place.call_id for place in places]),
        col(CallKey.turn) >= 0,
    )
    found: dict[str, int] = {}
    for call_id, turn in session.exec(query).all():
        found[call_id] = min(turn, found.get(call_id, turn))
    return found


# --------------------------------------------------------------------------- searches that are kept


def keep_search(session: Session, body: dict[str, Any], who: str, at: datetime) -> str:
    """Its id, which tells nothing of it. Searches older than `KEPT` go."""
    session.connection().execute(delete(CallSearch).where(col(CallSearch.at) < at - KEPT))
    row = CallSearch(id=secrets.token_urlsafe(16), body=body, who=who, at=at)
    session.add(row)
    session.flush()
    return row.id


def kept_search(session: Session, search_id: str) -> dict[str, Any] | None:
    """What was searched for, None where it is not kept (any longer)."""
    row = session.get(CallSearch, search_id)
    return row.body if row else None
