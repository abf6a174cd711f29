"""One task: what it is, why, from which words of which call, its clock and history, and what I can do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from console import cards, wording
from console.cards import Card
from console.inbox import read_paging
from console.refill_words import REFILL_KINDS, hides_request
from console.refills import Refills
from console.task_desk import colleagues, leads
from console.turn_view import Corrected, TurnView, turn_views
from console.users import Staff
from models.corrections import intents_corrected, words_corrected
from models.tables import Call, DoneActionRow, LedgerRow, OutboxState, StaffTask, TaskState, TaskStep, Turn
from models.task_deeds import find_task, steps_of
from models.task_rules import LONGEST_SNOOZE, Deed, Outcome, allowed, closes, is_urgent, outcome_of, outcomes

NAPS_MIN = (30, 60, 120, 240)
MORNING = time(8, 0)

DEEDS = {
    Deed.OPEN: "opened it",
    Deed.CLAIM: "took it",
    Deed.START: "began",
    Deed.RELEASE: "gave it back",
    Deed.HAND_OVER: "handed it to {owner}",
    Deed.HOLD: "put it on hold",
    Deed.SNOOZE: "put it off",
    Deed.WAKE: "brought it up again for {owner}",
    Deed.RESUME: "took it up again",
    Deed.RESOLVE: "closed it: {outcome}",
    Deed.REOPEN: "opened it again",
    Deed.COMMENT: "wrote",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history."""

    at: str
    who: str
    what: str
    words: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The words that the task comes from. ``turn`` 0: the call has no such turn."""

    call_id: str
    at: str
    number: str
    turn: int
    said: TurnView | None


@dataclass(frozen=True, slots=True)
class Nap:
    """A time that the task may be put off until: what the form sends, and how it reads."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class TaskPage:
    """``deeds``: what this person can do now. ``chart``: the Task there, and whether it is up to date."""

    card: Card
    patient_id: str
    is_refill: bool  # it is decided on the page of refills
    callback_number: str
    opened: str
    origin: Origin | None
    history: tuple[Line, ...]
    deeds: frozenset[Deed]
    outcomes: tuple[Outcome, ...]
    colleagues: tuple[str, ...]
    naps: tuple[Nap, ...]
    latest: str  # the last instant that it can be put off until, in the practice's time
    chart: str


def read_task(
    session: Session,
    task_id: str,
    staff: Staff,
    now: datetime,
    zone: ZoneInfo,
    refills: Refills | None = None,
) -> TaskPage:
    """Raises `NotFound`."""
    task = find_task(session, task_id)
    awaits = refills is not None and refills.awaits_decision(session, task)
    latest = latest_nap(task, now)
    return TaskPage(
        card=cards.card(task, staff.name, now, zone, read_paging(session, [task])),
        patient_id=task.patient_id,
        is_refill=bool(task.resource_ref)
        and (task.kind in REFILL_KINDS or awaits)
        and task.state != TaskState.DONE,
        callback_number=task.callback_number,
        opened=wording.when(task.created_at, zone),
        origin=_origin(session, task, zone),
        history=tuple(line(step, task.kind, zone) for step in steps_of(session, task.id)),
        deeds=_can(task, staff),
        outcomes=tuple(
            one for one in _endings(task, staff) if not (awaits and hides_request(task.kind, one.code))
        ),
        colleagues=tuple(name for name in colleagues(session) if name != (task.owner or staff.name)),
        naps=naps(task, now, zone),
        latest=f"{latest.astimezone(zone):%Y-%m-%dT%H:%M}",
        chart=_chart(session, task),
    )


def line(step: TaskStep, kind: str, zone: ZoneInfo) -> Line:
    """One deed in words."""
    ended = outcome_of(kind, step.outcome)
    words = DEEDS[Deed(step.deed)].format(owner=step.owner, outcome=ended.words if ended else "done")
    return Line(wording.when(step.at, zone), step.who, words, step.words)


def latest_nap(task: StaffTask, now: datetime) -> datetime:
    """An urgent task cannot be put off past its due time."""
    longest = now + LONGEST_SNOOZE
    return min(longest, task.due_at) if is_urgent(task) and task.due_at else longest


def naps(task: StaffTask, now: datetime, zone: ZoneInfo) -> tuple[Nap, ...]:
    """Times to choose from, as far as they are allowed."""
    local = now.astimezone(zone)
    tomorrow = datetime.combine(local.date() + timedelta(days=1), MORNING, zone)
    times = [(now + timedelta(minutes=n), str(n), f"in {cards.span(timedelta(minutes=n))}") for n in NAPS_MIN]
    times.append((tomorrow, f"{tomorrow:%Y-%m-%dT%H:%M}", f"until tomorrow, {tomorrow:%H:%M}"))
    latest = latest_nap(task, now)
    return tuple(Nap(value, words) for at, value, words in times if at <= latest)


def _origin(session: Session, task: StaffTask, zone: ZoneInfo) -> Origin | None:
    call = session.get(Call, task.call_id) if task.call_id else None
    if call is None:
        return None
    number = _turn_number(session, task)
    turn = session.exec(select(Turn).where(Turn.call_id == task.call_id, Turn.number == number)).first()
    return Origin(
        call_id=call.id,
        at=wording.when(call.started, zone),
        number=wording.last_four(call.caller_number),
        turn=turn.number if turn else 0,
        said=_quoted(session, call, turn) if turn else None,
    )


def _quoted(session: Session, call: Call, turn: Turn) -> TurnView:
    """The turn as its call's page shows it, with what people have corrected."""
    corrected = Corrected(words_corrected(session, call.id), intents_corrected(session, call.id))
    (view,) = turn_views([turn], call.started, None, corrected)
    return view


def _turn_number(session: Session, task: StaffTask) -> int:
    """Of the turn whose action opened it, 0 where none did."""
    query = select(DoneActionRow.turn_number).where(
        DoneActionRow.call_id == task.call_id, DoneActionRow.action_id == task.action_id
    )
    return session.exec(query).first() or 0


def _can(task: StaffTask, staff: Staff) -> frozenset[Deed]:
    """As far as their roles let them."""
    deeds = frozenset(allowed(task, staff.name, lead=leads(staff)))
    return deeds if _endings(task, staff) else deeds - {Deed.RESOLVE}


def _endings(task: StaffTask, staff: Staff) -> tuple[Outcome, ...]:
    """The outcomes that this person may choose."""

    def may(outcome: Outcome) -> bool:
        needed = closes(task.kind, outcome.code)
        return needed is None or bool(needed & staff.roles)

    return tuple(outcome for outcome in outcomes(task.kind) if may(outcome))


def _chart(session: Session, task: StaffTask) -> str:
    """ "Task/9", and whether something is still on its way there; "" where the chart has none of it."""
    if not task.resource_ref:
        return ""
    on_its_way = (OutboxState.PENDING.value, OutboxState.SENT.value)
    query = select(LedgerRow.id).where(
        LedgerRow.call_id == task.call_id, LedgerRow.kind == "move", col(LedgerRow.state).in_(on_its_way)
    )
    late = session.exec(query.limit(1)).first() is not None
    return f"{task.resource_ref}, being brought up to date" if late else task.resource_ref
