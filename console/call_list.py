"""The list of calls: those that were asked for, newest first, a page at a time, each in a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from console import wording
from console.call_ask import CallAsk, Personal, written_place
from models import search_keys
from models.call_search import CallWish, Place, find_calls, turns_with
from models.corrections import corrected_words
from models.rekeying import unkeyed
from models.stored import ending_from_json
from models.tables import Call, StaffTask, TaskState, Turn

CALLS_PER_PAGE = 50
MOST_COUNTED = 500
EXCERPT = 240  # letters of what was said


class CallFacts(NamedTuple):
    """Of a call what a line shows; the dialog's state, which is long, stays closed."""

    id: str
    started: datetime
    ended: datetime | None
    disposition: str
    caller_number: str
    patient_id: str
    ending: dict[str, Any] | None
    red_flag_ids: str
    reviewed_by: str
    teaching_by: str


@dataclass(frozen=True, slots=True)
class Line:
    """``turn`` and ``said``: where a word stands that was searched for, 0 and "" where none was."""

    call_id: str
    at: str
    ended: str
    tone: str
    duration: str
    number: str
    red_flags: tuple[str, ...]
    reason: str
    tasks: int
    unsure: bool
    reviewed_by: str
    teaching: bool
    turn: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class CallList:
    """``count`` in words, "" where it is not counted. ``older`` and ``newer`` are addresses, "" where there
    is no such page. ``unkeyed``: how many older calls cannot be found yet. ``patient_id``: whose calls they
    are, where one patient's were asked for."""

    lines: tuple[Line, ...] = ()
    count: str = ""
    older: str = ""
    newer: str = ""
    unkeyed: str = ""
    patient_id: str = ""


def read_list(session: Session, ask: CallAsk, personal: Personal, now: datetime, zone: ZoneInfo) -> CallList:
    """In one snapshot. ``ask`` and ``personal`` have no problem."""
    wanted = ask.wish(personal, zone)
    found, more, count = _page(session, wanted)
    calls = _facts(session, found)
    words = tuple(search_keys.word_keys(personal.words)) if personal.words else ()
    return CallList(
        lines=_lines(session, calls, found, words, now, zone),
        count=count,
        older=ask.address(older=written_place(found[-1])) if found and more else "",
        newer=ask.address(newer=written_place(found[0])) if _has_newer(session, wanted, found) else "",
        unkeyed=_most(unkeyed(session, MOST_COUNTED + 1)) if wanted.keys else "",
        patient_id=calls[0].patient_id if calls and ask.patient else "",
    )


def _page(session: Session, wanted: CallWish) -> tuple[list[Place], bool, str]:
    """The places of a page, whether an older one follows, and on the first how many calls there are."""
    if wanted.newer_than:
        return find_calls(session, wanted, CALLS_PER_PAGE), True, ""
    counts = bool(wanted.keys) and wanted.older_than is None
    found = find_calls(session, wanted, (MOST_COUNTED if counts else CALLS_PER_PAGE) + 1)
    return found[:CALLS_PER_PAGE], len(found) > CALLS_PER_PAGE, _most(len(found)) if counts else ""


def _has_newer(session: Session, wanted: CallWish, found: Sequence[Place]) -> bool:
    if not found or not (wanted.older_than or wanted.newer_than):
        return False
    return bool(find_calls(session, replace(wanted, older_than=None, newer_than=found[0]), 1))


def _most(count: int) -> str:
    if not count:
        return ""
    number = f"more than {MOST_COUNTED}" if count > MOST_COUNTED else str(count)
    return f"{number} call{'' if count == 1 else 's'}"


def _facts(session: Session, places: Sequence[Place]) -> list[CallFacts]:
    columns = (col(getattr(Call, name)) for name in CallFacts._fields)
    names = [place.call_id for place in places]
    rows = session.connection().execute(sa_select(*columns).where(col(Call.id).in_(names))).all()
    by_id = {row[0]: CallFacts(*row) for row in rows}
    return [by_id[name] for name in names]


# --------------------------------------------------------------------------- the lines


def _lines(
    session: Session,
    calls: Sequence[CallFacts],
    places: Sequence[Place],
    words: Sequence[int],
    now: datetime,
    zone: ZoneInfo,
) -> tuple[Line, ...]:
    names = [call.id for call in calls]
    tasks, unsure = _open_tasks(session, names), turns_with(session, places, [search_keys.unsure_key()])
    where = turns_with(session, places, words)
    wordless = {call.id: 1 for call in calls if not _reason(call)}
    texts = _texts(session, {**wordless, **where})
    firsts = {name: texts.get((name, 1), "") for name in wordless}
    return tuple(
        Line(
            call_id=call.id,
            at=wording.when(call.started, zone),
            ended=wording.how_it_ended(call.disposition if call.ended else ""),
            tone=wording.tone(call.disposition if call.ended else ""),
            duration=wording.duration(((call.ended or now) - call.started).total_seconds()),
            number=wording.last_four(call.caller_number),
            red_flags=tuple(call.red_flag_ids.split()),
            reason=_reason(call) or firsts[call.id],
            tasks=tasks[call.id],
            unsure=call.id in unsure,
            reviewed_by=call.reviewed_by,
            teaching=bool(call.teaching_by),
            turn=where.get(call.id, 0),
            said=_excerpt(texts.get((call.id, where[call.id]), "")) if call.id in where else "",
        )
        for call in calls
    )


def _reason(call: CallFacts) -> str:
    return ending_from_json(call.ending).reason if call.ending else ""


def _excerpt(words: str) -> str:
    return words if len(words) <= EXCERPT else f"{words[:EXCERPT]}…"


def _open_tasks(session: Session, names: Sequence[str]) -> Counter[str]:
    query = select(StaffTask.call_id, func.count()).where(
        col(StaffTask.call_id).in_(names), StaffTask.state != TaskState.DONE.value
    )
    return Counter(dict(session.exec(query.group_by(StaffTask.call_id)).all()))


def _texts(session: Session, turns: dict[str, int]) -> dict[tuple[str, int], str]:
    """What the caller said in these turns, as it was corrected last."""
    query = select(Turn.call_id, Turn.number, Turn.caller_text).where(
        col(Turn.call_id).in_(turns), col(Turn.number).in_({1, *turns.values()})
    )
    heard = {(name, number): words for name, number, words in session.exec(query).all()}
    return heard | corrected_words(session, list(turns))
