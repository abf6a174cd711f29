"""Many callers at once who go by what they are asked: to book, for a refill, in danger, asking on and on.

What each was told is compared with the database afterwards: `losses`.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from dialog.safety import screen
from ehr_writeback.outbox import HELD
from models import records
from models.desk_tables import Page, StaffTask
from models.domain import BookOpening, PageStaff, RefillAnswered, RequestRefill, VisitBooked
from models.storage import Storage
from models.tables import BookingCell, LedgerRow, OutboxRow, OutboxState
from telephony.double import Caller, CallResult, Step, StepKind
from tests.survival.callers import PEOPLE, POLL_S, QUIET_S, Clips, Person
from tests.survival.ledger import acknowledged, heard_words, is_within

HOURS = "what are your opening hours"
DANGER = "i have chest pain"
NO_MORE = "no that's all"
REFILL = "i need a refill of my lisinopril"
APART_S = 0.5  # rings: what a process of one core opens beside its calls
RING_AGAIN_S = 5.0  # whoever was not answered by us
ASKS = 40  # questions of one who asks on, at most
REFILL_ANSWERS: Mapping[str, str] = {
    "call.open": REFILL,
    "repair.offer": REFILL,
    "refill.problem": "no",
    "refill.early": "yes",
    "refill.pharmacy": "main street pharmacy",
    "refill.confirm": "yes",
    "call.more": NO_MORE,
}
QUOTED = re.compile("“([^”]*)” We said")  # of the caller, in such a task
REFILLERS = ("pt-1001",)  # who takes lisinopril


@dataclass
class Visitor:
    """One call: who, what about, and what to say to each question. ``goes_on``: there is more to ask."""

    kind: str
    number: str
    answer: Callable[[str], str]
    goes_on: Callable[[], bool]
    thinks_s: float = QUIET_S  # after the agent has spoken
    call_sid: str = field(default_factory=lambda: "CA" + secrets.token_hex(16))

    def caller(self, clips: Clips, storage: Storage, patience_s: float = 30.0) -> Caller:
        async def attend() -> Step | None:
            stored = await storage.read(lambda session: records.load_call(session, self.call_sid))
            state = (stored.state if stored else None) or {}
            if state.get("phase") in ("closing", "ended"):
                return None
            words = self.answer(str(state.get("asking", "")))
            return Step(StepKind.WAV, str(clips.path(words))) if words else Step(StepKind.WAIT, POLL_S)

        return Caller((), attend=attend, quiet_s=self.thinks_s, patience_s=patience_s)


def booker(person: Person, until: Callable[[], bool]) -> Visitor:
    return Visitor("books", person.number, person.answer, until)


def refiller(person: Person, until: Callable[[], bool]) -> Visitor:
    def answer(asking: str) -> str:
        return REFILL_ANSWERS.get(asking) or ("" if asking in person_free else person.answer(asking))

    person_free = {"book.kind", "book.when", "book.pick", "book.confirm", "book.widen"}
    return Visitor("refills", person.number, answer, until)


def stranger(number: int) -> str:
    return f"+1617555{2000 + number % 7000:04d}"


def endangered(number: int, until: Callable[[], bool]) -> Visitor:
    return Visitor("danger", stranger(number), lambda asking: DANGER if asking == "call.open" else "", until)


def asker(number: int, until: Callable[[], bool], thinks_s: float = QUIET_S) -> Visitor:
    """Asks for the hours again and again, for as long as ``until`` says so, and thinks between."""
    left = itertools.count()

    def answer(asking: str) -> str:
        if asking not in ("call.open", "call.more", "repair.offer"):
            return ""
        return HOURS if (until() and next(left) < ASKS) or asking == "call.open" else NO_MORE

    return Visitor("asks", stranger(number), answer, until, thinks_s)


def words() -> set[str]:
    spoken = {HOURS, DANGER, NO_MORE, REFILL, *REFILL_ANSWERS.values()}
    return spoken | {each for person in PEOPLE for each in person.words}


@dataclass
class Crowd:
    """``size`` calls at any time until ``enough`` says so: who leaves is followed by another."""

    size: int
    place: Callable[[Visitor], Awaitable[CallResult]]
    enough: Callable[[], bool]
    thinks_s: float = QUIET_S  # whoever asks on and on
    apart_s: float = APART_S  # one call after the other at the beginning
    ended: list[tuple[Visitor, CallResult]] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def run(self) -> None:
        first = [booker(person, self.going_on) for person in PEOPLE]
        first += [refiller(person, self.going_on) for person in PEOPLE if person.patient_id in REFILLERS]
        async with asyncio.TaskGroup() as tasks:
            for place in range(self.size):
                tasks.create_task(self._line(first[place] if place < len(first) else None, place))
                await asyncio.sleep(self.apart_s)

    def going_on(self) -> bool:
        return not self.enough()

    async def _line(self, visitor: Visitor | None, place: int) -> None:
        while True:
            visitor = visitor or self._next(place)
            result = await self.place(visitor)
            self.ended.append((visitor, result))
            visitor = None
            if self.enough():
                return
            if not result.streams:
                await asyncio.sleep(RING_AGAIN_S)

    def _next(self, place: int) -> Visitor:
        number = next(self.numbers)
        if place % 8 == 0:
            return endangered(number, self.going_on)
        return asker(number, self.going_on, self.thinks_s)


# --------------------------------------------------------------------------- the ledger


@dataclass(frozen=True)
class Stored:
    """What the database holds of one call, once all is settled."""

    call: records.StoredCall
    pages: int
    notes: int
    cells: Mapping[str, int]  # by appointment
    refills: int  # proposals in the chart that this call made
    told: tuple[str, ...] = ()  # what was answered and not stored, as staff have it in a task


async def settled(storage: Storage, call_sid: str, limit_s: float = 240.0) -> Stored:
    """The call, once it was closed and everything promised of it was delivered."""

    def work(session: Session) -> Stored | None:
        waiting = select(OutboxRow.id).where(
            OutboxRow.call_id == call_sid, col(OutboxRow.state) != OutboxState.CONFIRMED
        )
        call = records.load_call(session, call_sid)
        if call is None or not call.ended or session.exec(waiting).first():
            return None
        return _stored(session, call)

    async with asyncio.timeout(limit_s):
        while (found := await storage.read(work)) is None:
            await asyncio.sleep(0.5)
    return found


def _stored(session: Session, call: records.StoredCall) -> Stored:
    pages = session.exec(select(Page).where(Page.call_id == call.call_id)).all()
    rows = session.exec(select(LedgerRow).where(LedgerRow.call_id == call.call_id)).all()
    # Without a known patient a note is held until staff link the call to a chart.
    notes = sum(row.state == HELD or (row.server_ref or "").startswith("DocumentReference/") for row in rows)
    booked = [done.result.visit.appointment_id for done in call.done if isinstance(done.result, VisitBooked)]
    cells = {
        each: len(session.exec(select(BookingCell).where(BookingCell.appointment_id == each)).all())
        for each in booked
    }
    refills = [done for done in call.done if isinstance(done.action, RequestRefill)]
    made = sum(isinstance(done.result, RefillAnswered) for done in refills)
    of_gaps = select(StaffTask).where(
        StaffTask.call_id == call.call_id, col(StaffTask.action_id).contains("-gap")
    )
    told = [words for task in session.exec(of_gaps) for words in QUOTED.findall(task.summary)]
    return Stored(call, len(pages), notes, cells, made, tuple(told))


def losses(
    visitor: Visitor, result: CallResult, stored: Stored, clips: Clips, *, exact: bool = True
) -> list[str]:
    """In words, what was acknowledged and is not there, or is there twice. Empty: nothing.

    ``exact``: the recogniser mistakes no word; else turns are counted, not compared, and a danger sign counts
    where it was understood.
    """
    found = _turns(result, stored, clips) if exact else _count(result, stored)
    if stored.notes != 1:
        found.append(f"{stored.notes} notes")
    said = [clips.words_of(each.label) for each in acknowledged(result, stored.call.turns)]
    done = stored.call.done
    booked = [
        each for each in done if isinstance(each.action, BookOpening) and isinstance(each.result, VisitBooked)
    ]
    if visitor.kind == "books" and NO_MORE in said and len(booked) != 1:
        found.append(f"{len(booked)} visits booked of one that was confirmed")
    if len(booked) > 1 or any(count == 0 for count in stored.cells.values()):
        found.append("a visit is there twice, or without its place in the diary")
    if visitor.kind == "refills" and NO_MORE in said and stored.refills != 1:
        found.append(f"{stored.refills} refills requested of one that was confirmed")
    if (DANGER in said if exact else _has_danger(stored)) and stored.pages != 1:
        found.append(f"{stored.pages} pages of a danger sign that was answered")
    if stored.pages > 1 or sum(isinstance(each.action, PageStaff) for each in done) > 1:
        found.append("more than one page")
    return found


def _has_danger(stored: Stored) -> bool:
    """In the words as they were understood."""
    return any(screen([turn.caller_text]) for turn in stored.call.turns if turn.caller_text)


def _count(result: CallResult, stored: Stored) -> list[str]:
    kept = sum(bool(heard_words(turn)) for turn in stored.call.turns)
    answered = len(acknowledged(result, stored.call.turns))
    return [f"{answered} utterances answered, {kept} turns stored"] if kept < answered else []


def _turns(result: CallResult, stored: Stored, clips: Clips) -> list[str]:
    turns = stored.call.turns
    kept = [spoken for turn in turns if (spoken := heard_words(turn))]
    heard = [clips.words_of(each.label) for each in acknowledged(result, turns)]
    said = [clips.words_of(each.label) for each in result.utterances]
    found = []
    if not is_within(heard, kept):
        found.append(f"answered {heard}, stored {kept}")
    if not is_within([each for each in kept if each != "?"], said):
        found.append(f"said {said}, stored {kept}")
    if [turn.number for turn in turns] != list(range(len(turns))):
        found.append("a turn's number is missing or there twice")
    return found
