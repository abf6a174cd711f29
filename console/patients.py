"""One patient as staff see them: calls, tasks, visits, refills, and what they agreed to. Read only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from console import cards, days, wording
from console.cards import Card
from console.inbox import read_paging
from console.refills import Past
from models.calls import patient_blind
from models.codec import TAG
from models.domain import StopTranscript
from models.recordings import Recording, RecordingState
from models.stored import ending_from_json
from models.tables import Call, DoneActionRow, StaffTask, TaskState

CALLS, TASKS = 20, 40
STATUSES = {
    "booked": "booked",
    "arrived": "arrived",
    "checked-in": "arrived",
    "fulfilled": "seen",
    "cancelled": "cancelled",
    "noshow": "did not come",
    "waitlist": "on the waitlist",
    "proposed": "proposed",
    "pending": "pending",
}
SCOPES = {"all": "everything", "scheduling": "visits", "refills": "refills"}


class Found(Protocol):
    """A chart that fits a search. ``phone_end``: four digits; ``closed``: why it is not in use."""

    @property
    def patient_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def born(self) -> str: ...
    @property
    def phone_end(self) -> str: ...
    @property
    def closed(self) -> str: ...


class Number(Protocol):
    @property
    def number(self) -> str: ...
    @property
    def use(self) -> str: ...
    @property
    def stopped(self) -> bool: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def recorded(self) -> bool: ...


class Visit(Protocol):
    @property
    def start(self) -> datetime | None: ...
    @property
    def what(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def status(self) -> str: ...


class Speaker(Protocol):
    """Who may speak for the patient, by what, until when (an ISO day, "" for open)."""

    @property
    def name(self) -> str: ...
    @property
    def relation(self) -> str: ...
    @property
    def scopes(self) -> Sequence[str]: ...
    @property
    def basis(self) -> str: ...
    @property
    def ends(self) -> str: ...


class File(Protocol):
    """``version``: of the chart's document. ``texts``: agreed to texts about visits."""

    @property
    def patient_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def other_names(self) -> Sequence[str]: ...
    @property
    def born(self) -> str: ...
    @property
    def gender(self) -> str: ...
    @property
    def numbers(self) -> Sequence[Number]: ...
    @property
    def provider(self) -> str: ...
    @property
    def closed(self) -> str: ...
    @property
    def replaced_by(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def texts(self) -> bool: ...
    @property
    def medicines(self) -> Sequence[str]: ...
    @property
    def visits(self) -> Sequence[Visit]: ...
    @property
    def speakers(self) -> Sequence[Speaker]: ...


class Patients(Protocol):
    """The practice's charts. ``elsewhere``: they are another system's, and are not searched here.

    `file` raises `NotFound`, and so do the choices, which raise `Conflict` where the chart was changed since
    the form was shown.
    """

    @property
    def elsewhere(self) -> bool: ...
    def find(
        self, session: Session, name: str, born: date | None, phone: str, limit: int
    ) -> Sequence[Found]: ...
    def file(self, session: Session, patient_id: str, now: datetime) -> File: ...
    def task_references(self, session: Session, patient_id: str, limit: int) -> Sequence[str]: ...
    def refills(self, session: Session, patient_id: str, limit: int) -> Sequence[Past]: ...
    async def agree_to_texts(self, patient_id: str, version: int, who: str, *, agreed: bool) -> None: ...
    async def choose_for_number(
        self, patient_id: str, version: int, index: int, who: str, *, stopped: bool
    ) -> None: ...
    async def choose_recording(
        self, patient_id: str, version: int, index: int, who: str, *, declined: bool
    ) -> None: ...


# --------------------------------------------------------------------------- what the page shows


@dataclass(frozen=True, slots=True)
class CallLine:
    call_id: str
    at: str
    ended: str
    tone: str
    duration: str
    reason: str
    chose: str  # "no recording, nothing written down"


@dataclass(frozen=True, slots=True)
class VisitLine:
    at: str
    what: str
    who: str
    status: str
    is_past: bool


@dataclass(frozen=True, slots=True)
class SpeakerLine:
    name: str
    relation: str
    may: str
    basis: str
    ends: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class NumberLine:
    index: int
    number: str
    use: str
    stopped: bool
    since: str
    recorded: bool


@dataclass(frozen=True, slots=True)
class PatientView:
    """``file`` None: the chart has no such patient (any more); what calls have left is shown all the same."""

    patient_id: str
    name: str
    file: File | None
    born: str
    numbers: tuple[NumberLine, ...]
    visits: tuple[VisitLine, ...]
    speakers: tuple[SpeakerLine, ...]
    calls: tuple[CallLine, ...]
    more_calls: bool
    all_calls: str  # the list of all their calls: its address does not tell whose they are
    tasks: tuple[Card, ...]
    refills: Sequence[Past]


def read_patient(
    session: Session,
    patient_id: str,
    file: File | None,
    references: Sequence[str],
    refills: Sequence[Past],
    me: str,
    now: datetime,
    zone: ZoneInfo,
) -> PatientView:
    """``references``: the patient's Tasks in the chart."""
    calls = _calls(session, patient_id)
    tasks = _tasks(session, patient_id, [call.id for call in calls], references)
    paging = read_paging(session, tasks)
    chose = _choices(session, [call.id for call in calls])
    today = now.astimezone(zone).date()
    return PatientView(
        patient_id=patient_id,
        name=(file.name if file else "") or patient_id,
        file=file,
        born=days.born(file.born, today) if file else "",
        numbers=tuple(_numbers(file.numbers, zone)) if file else (),
        visits=tuple(_visit(one, now, zone) for one in file.visits) if file else (),
        speakers=tuple(_speaker(one, today) for one in file.speakers) if file else (),
        calls=tuple(_call(call, now, zone, chose.get(call.id, "")) for call in calls[:CALLS]),
        more_calls=len(calls) > CALLS,
        all_calls=f"/calls?patient={patient_blind(patient_id)}",
        tasks=tuple(cards.card(task, me, now, zone, paging) for task in tasks),
        refills=refills,
    )


def _calls(session: Session, patient_id: str) -> list[Call]:
    mine = col(Call.patient_blind) == patient_blind(patient_id)
    query = select(Call).where(mine).order_by(col(Call.started).desc())
    return list(session.exec(query.limit(CALLS + 1)).all())


def _tasks(
    session: Session, patient_id: str, calls: Sequence[str], references: Sequence[str]
) -> list[StaffTask]:
    """Of the patient's calls, and those that the chart has of them; open ones first, then the newest."""
    mine = or_(col(StaffTask.call_id).in_(calls), col(StaffTask.resource_ref).in_(references))
    found = session.exec(select(StaffTask).where(mine)).all()
    theirs = [task for task in found if task.patient_id in ("", patient_id)]
    theirs.sort(key=lambda task: task.created_at, reverse=True)
    return sorted(theirs, key=lambda task: task.state == TaskState.DONE)[:TASKS]


def _choices(session: Session, calls: Sequence[str]) -> dict[str, str]:
    """What callers chose in these calls about being recorded and written down."""
    declined = (col(Recording.call_id).in_(calls), Recording.state == RecordingState.DECLINED.value)
    done = select(DoneActionRow.call_id, DoneActionRow.action).where(col(DoneActionRow.call_id).in_(calls))
    found: dict[str, list[str]] = {}
    for call_id in session.exec(select(Recording.call_id).where(*declined)).all():
        found.setdefault(call_id, []).append("no recording")
    for call_id, action in session.exec(done).all():
        if action.get(TAG) == StopTranscript.__name__:
            found.setdefault(call_id, []).append("nothing written down")
    return {call_id: ", ".join(words) for call_id, words in found.items()}


def _call(call: Call, now: datetime, zone: ZoneInfo, chose: str) -> CallLine:
    ending = ending_from_json(call.ending) if call.ending else None
    disposition = call.disposition if call.ended else ""
    return CallLine(
        call_id=call.id,
        at=wording.when(call.started, zone),
        ended=wording.how_it_ended(disposition),
        tone=wording.tone(disposition),
        duration=wording.duration(((call.ended or now) - call.started).total_seconds()),
        reason=ending.reason if ending else "",
        chose=chose,
    )


def _visit(visit: Visit, now: datetime, zone: ZoneInfo) -> VisitLine:
    at = "no time yet"
    if visit.start:
        local = visit.start.astimezone(zone)
        at = f"{days.said(local.date())}, {local:%H:%M}"
    status = STATUSES.get(visit.status, visit.status)
    return VisitLine(at, visit.what, visit.who, status, visit.start is not None and visit.start < now)


def _speaker(speaker: Speaker, today: date) -> SpeakerLine:
    may = ", ".join(SCOPES.get(scope, scope) for scope in speaker.scopes)
    is_over = bool(speaker.ends) and speaker.ends < today.isoformat()
    return SpeakerLine(speaker.name, speaker.relation, may, speaker.basis, speaker.ends, is_over)


def _numbers(numbers: Sequence[Number], zone: ZoneInfo) -> list[NumberLine]:
    return [
        NumberLine(
            i,
            one.number,
            one.use,
            one.stopped,
            wording.when(one.since, zone) if one.since else "",
            one.recorded,
        )
        for i, one in enumerate(numbers)
    ]
