"""One call as its page shows it, read from the database in one snapshot. Plain values, ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from console import done_words, wording
from console.call_reviews import Reviews, reviews_of
from console.call_sound import SoundView, sound_view
from console.cards import Card, card
from console.chart_view import Advise, ChartView, chart_view
from console.corrections import TurnForm, turn_form
from console.inbox import read_paging
from console.notes import NoteView, ReadNote, note_view
from console.related import RelatedCall, related_calls
from console.turn_view import Corrected, TurnView, turn_views
from console.who_called import Who, who
from models import domain
from models.corrections import intents_corrected, words_corrected
from models.domain import DoneAction, RedFlagRaised
from models.records import require_call, tasks_of
from models.stored import CallEnding, StoredCall, ending_from_json
from models.tables import Call, Recording, Turn

# What a person reads first of all that was done; the rest stands in the table.
WORTH_TELLING = (
    domain.RequestRefill,
    domain.BookOpening,
    domain.MoveVisit,
    domain.CancelVisit,
    domain.ConfirmVisit,
    domain.RegisterPatient,
    domain.JoinWaitlist,
    domain.AcceptOffer,
    domain.FileCheckin,
    domain.TransferCall,
    domain.StopTexts,
)


@dataclass(frozen=True)
class DoneView:
    turn: int
    what: str
    outcome: str
    failed: bool


@dataclass(frozen=True)
class Summary:
    """What a person reads in ten seconds."""

    who: Who
    number: str
    reason: str
    dangers: tuple[str, ...]  # with the words that raised them
    told: tuple[DoneView, ...]  # what was done, as far as it is worth telling
    waiting: tuple[Card, ...]  # for a person
    present: tuple[str, ...]
    denied: tuple[str, ...]


@dataclass(frozen=True)
class CallView:
    call_id: str
    at: str
    ended: str
    tone: str
    duration: str
    practice_line: str  # which of the practice's numbers was called
    forwarded_from: str
    resumed: int
    red_flags: tuple[str, ...]
    summary: Summary
    sound: SoundView
    unkept_from: int | None  # the turn from which on the caller wanted no words kept
    turns: tuple[TurnView, ...]
    done: tuple[DoneView, ...]
    tasks: tuple[Card, ...]
    chart: ChartView
    note: NoteView | None
    related: tuple[RelatedCall, ...]
    reviews: Reviews
    form: TurnForm | None  # of the turn that is to be corrected

    @property
    def is_live(self) -> bool:
        return self.tone == "live"


@dataclass(frozen=True)
class Sources:
    """What a page is made of besides the database: the folder of recordings, the note, advice on failures."""

    sounds: Path | None = None
    note: ReadNote | None = None
    advise: Advise | None = None


def read_call(
    session: Session,
    call_id: str,
    now: datetime,
    zone: ZoneInfo,
    me: str = "",
    sources: Sources | None = None,
    correct: int | None = None,
) -> CallView:
    """One call's page, as ``me`` sees it, with the form to ``correct`` a turn. Raises `NotFound`."""
    sources = sources or Sources()
    stored = require_call(session, call_id)
    row = session.get_one(Call, call_id)
    ending = ending_from_json(row.ending) if row.ending else None
    recording = session.get(Recording, call_id)
    sound = sound_view(row, recording, sources.sounds)
    tasks = _tasks(session, call_id, me, now, zone)
    done = tuple(done_view(one, zone) for one in stored.done)
    unkept_from = _unkept_from(stored.done)
    summary = _summary(session, row, stored, ending, done, tasks)
    disposition = row.disposition if row.ended else ""
    return CallView(
        call_id=call_id,
        at=wording.when(row.started, zone),
        ended=wording.how_it_ended(disposition),
        tone=wording.tone(disposition),
        duration=wording.duration(((row.ended or now) - row.started).total_seconds()),
        practice_line=row.line,
        forwarded_from=row.forwarded_from or "",
        resumed=row.resumed,
        red_flags=_flag_ids(row, stored.done),
        summary=summary,
        sound=sound,
        unkept_from=unkept_from,
        turns=turn_views(
            _turns(session, call_id),
            row.started,
            recording if sound.can_be_heard else None,
            Corrected(words_corrected(session, call_id), intents_corrected(session, call_id)),
            unkept_from,
        ),
        done=done,
        tasks=tasks,
        chart=chart_view(session, call_id, is_live=row.ended is None, advise=sources.advise),
        note=_note(session, call_id, zone, sources.note),
        related=related_calls(session, row, summary.who.patient_id, zone),
        reviews=reviews_of(row, zone),
        form=None if correct is None or row.ended is None else turn_form(session, call_id, correct),
    )


def _note(session: Session, call_id: str, zone: ZoneInfo, read: ReadNote | None) -> NoteView | None:
    standing = read(session, call_id) if read else None
    return note_view(standing, zone) if standing else None


def _turns(session: Session, call_id: str) -> Sequence[Turn]:
    return session.exec(select(Turn).where(Turn.call_id == call_id).order_by(col(Turn.number))).all()


def _tasks(session: Session, call_id: str, me: str, now: datetime, zone: ZoneInfo) -> tuple[Card, ...]:
    left = tasks_of(session, call_id)
    paging = read_paging(session, left)
    return tuple(card(task, me, now, zone, paging) for task in left)


def _summary(
    session: Session,
    row: Call,
    stored: StoredCall,
    ending: CallEnding | None,
    done: Sequence[DoneView],
    tasks: Sequence[Card],
) -> Summary:
    first_words = next((turn.caller_text for turn in stored.turns if turn.caller_text), "")
    worth = [
        view for one, view in zip(stored.done, done, strict=True) if isinstance(one.action, WORTH_TELLING)
    ]
    return Summary(
        who=who(session, row, row.patient_id or _patient_of(stored.done), stored.done),
        number=wording.last_four(row.caller_number),
        reason=(ending.reason if ending else "") or first_words,
        dangers=tuple(_danger(flag) for flag in ending.red_flags) if ending else (),
        told=tuple(worth),
        waiting=tuple(task for task in tasks if task.open),
        present=ending.symptoms_present if ending else (),
        denied=ending.symptoms_denied if ending else (),
    )


def _patient_of(done: Sequence[DoneAction]) -> str:
    """While the call goes on: who was verified last."""
    found = [one.result.patient_id for one in done if isinstance(one.result, domain.IdentityVerified)]
    return found[-1] if found else ""


def _flag_ids(row: Call, done: Sequence[DoneAction]) -> tuple[str, ...]:
    """While the call goes on: those that staff were paged for."""
    paged = [one.action.red_flag_id for one in done if isinstance(one.action, domain.PageStaff)]
    return tuple(row.red_flag_ids.split()) or tuple(dict.fromkeys(filter(None, paged)))


def _danger(flag: RedFlagRaised) -> str:
    return f"{flag.red_flag_id} ({flag.disposition}): “{flag.quote}”"


def _unkept_from(done: Sequence[DoneAction]) -> int | None:
    asked = [one.turn_number for one in done if isinstance(one.action, domain.StopTranscript)]
    return min(asked, default=None)


def done_view(done: DoneAction, zone: ZoneInfo) -> DoneView:
    """One deed of the agent with its outcome."""
    return DoneView(
        turn=done.turn_number,
        what=done_words.doing(done.action),
        outcome=done_words.outcome(done.result, zone),
        failed=done_words.is_failure(done.result),
    )
