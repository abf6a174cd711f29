"""Home: what needs a person now, who is on the line, and today in figures."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy
from sqlalchemy import func
from sqlmodel import Session, col, select

from console import cards, wording
from console.cards import Card
from console.inbox import Part, parted, read_queue, waiting_pages
from console.live_call import Glance, glanced
from models.domain import Disposition
from models.tables import Call, OutboxRow, OutboxState, Page, Turn

LAST = 5  # turns in which the caller's last words are looked for
FIRST = 8  # tasks on this page; the inbox has them all
WRITE_BACK = "writeback:"


@dataclass(frozen=True, slots=True)
class PageCard:
    """Somebody is looked for. ``paged``: whom was tried, and what became of it."""

    page_id: str
    call_id: str
    task_id: str
    red_flag_id: str
    summary: str
    paged: str


@dataclass(frozen=True, slots=True)
class LiveCall:
    call_id: str
    since: str
    duration: str
    number: str
    red_flags: tuple[str, ...]
    words: str  # the caller's last
    turns: int


class CallFact(NamedTuple):
    """Of a call what is counted."""

    id: str
    started: datetime
    ended: datetime | None
    disposition: str
    red_flag_ids: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of today. ``what`` says what is counted, in full."""

    name: str
    value: str
    what: str


@dataclass(frozen=True, slots=True)
class Home:
    pages: tuple[PageCard, ...]
    cards: tuple[Card, ...]
    to_do: int
    mine: int
    live: tuple[LiveCall, ...]
    figures: tuple[Figure, ...]
    day: str


def read_home(session: Session, me: str, now: datetime, zone: ZoneInfo, glance: Glance | None = None) -> Home:
    """In one snapshot. ``glance``: what the dialog knows of a call that goes on."""
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    queue, paging = read_queue(session, now, zone), waiting_pages(session)
    today = _calls_since(session, midnight)
    live = session.exec(select(Call).where(col(Call.ended).is_(None)).order_by(col(Call.started))).all()
    to_do = parted(queue.tasks, Part.TO_DO, me, now)
    steps = paging.steps or {}
    return Home(
        pages=tuple(
            _page(page, cards.page_words(page, steps.get(page.id, ()), zone)) for page in paging.pages
        ),
        cards=tuple(cards.card(task, me, now, zone, queue.paging) for task in to_do[:FIRST]),
        to_do=len(to_do),
        mine=len(parted(queue.tasks, Part.MINE, me, now)),
        live=tuple(_live(session, call, now, zone, glance) for call in live),
        figures=figures(today, _answered(session, today), _oldest_unwritten(session), now),
        day=f"{now.astimezone(zone):%A, %B} {now.astimezone(zone).day}",
    )


# --------------------------------------------------------------------------- today in figures


def figures(
    calls: Sequence[CallFact], answered_s: Iterable[float], oldest: datetime | None, now: datetime
) -> tuple[Figure, ...]:
    """Pure. ``answered_s``: from each call's arrival to its greeting; ``oldest``: the end of the call that
    has waited longest for the chart."""
    waits = list(answered_s)
    return (
        Figure("Calls", str(len(calls)), "calls that came in since midnight"),
        _share("Completed", calls, Disposition.COMPLETED, "done without a person"),
        _share("Put through", calls, Disposition.TRANSFERRED, "given to a person on the line"),
        Figure(
            "Danger signs",
            str(sum(bool(call.red_flag_ids) for call in calls)),
            "calls of today on which a danger sign was heard",
        ),
        Figure(
            "Time to answer",
            f"{statistics.median(waits):.1f} s" if waits else "–",
            "median of today's calls, from their arrival to the stored greeting",
        ),
        Figure(
            "Chart behind by",
            cards.span(now - oldest) if oldest else "nothing",
            "how long ago the call ended that has waited longest to be written to the chart",
        ),
    )


def _share(name: str, calls: Sequence[CallFact], disposition: Disposition, what: str) -> Figure:
    ended = [call for call in calls if call.ended is not None]
    count = sum(call.disposition == disposition.value for call in ended)
    share = f" ({count / len(ended):.0%})" if ended else ""
    return Figure(name, f"{count}{share}", f"today's ended calls that were {what}")


def _calls_since(session: Session, midnight: datetime) -> list[CallFact]:
    """Only what is counted: nothing personal is opened for it."""
    columns = (
        col(Call.id),
        col(Call.started),
        col(Call.ended),
        col(Call.disposition),
        col(Call.red_flag_ids),
    )
    query = sqlalchemy.select(*columns).where(col(Call.started) >= midnight)
    return [CallFact(*row) for row in session.execute(query).all()]


def _answered(session: Session, calls: Sequence[CallFact]) -> list[float]:
    began = {call.id: call.started for call in calls}
    query = select(Turn.call_id, Turn.at).where(Turn.number == 0, col(Turn.call_id).in_(began))
    return [max(0.0, (at - began[call_id]).total_seconds()) for call_id, at in session.exec(query).all()]


def _oldest_unwritten(session: Session) -> datetime | None:
    states = (OutboxState.PENDING.value, OutboxState.SENT.value)
    query = select(OutboxRow.created_at).where(
        col(OutboxRow.state).in_(states), col(OutboxRow.kind).startswith(WRITE_BACK)
    )
    return session.exec(query.order_by(col(OutboxRow.created_at)).limit(1)).first()


# --------------------------------------------------------------------------- who waits, who is on the line


def _page(page: Page, paged: str) -> PageCard:
    return PageCard(page.id, page.call_id, page.task_id or "", page.red_flag_id, page.summary, paged)


def _live(session: Session, call: Call, now: datetime, zone: ZoneInfo, glance: Glance | None) -> LiveCall:
    mine = Turn.call_id == call.id
    last = session.exec(
        select(Turn.caller_text).where(mine).order_by(col(Turn.number).desc()).limit(LAST)
    ).all()
    newest = session.exec(select(func.max(col(Turn.number))).where(mine)).one() or 0
    return LiveCall(
        call_id=call.id,
        since=wording.when(call.started, zone),
        duration=wording.duration(max(timedelta(), now - call.started).total_seconds()),
        number=wording.last_four(call.caller_number),
        red_flags=tuple(dict.fromkeys(flag.red_flag_id for flag in glanced(call, glance).red_flags)),
        words=next((words for words in last if words), ""),
        turns=newest,
    )
