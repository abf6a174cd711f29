"""Calls that end at any moment, by either side: closed once, one note, nothing held, promises kept."""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlmodel import Session, col, select

import dialog
from agent.call import Call
from agent.conversation import Conversation
from ehr_writeback.planned import NOTE
from models import records
from models.domain import BookOpening, Heard, Phase, Transcript, VisitBooked
from models.tables import BookingCell, LedgerRow
from telephony.events import StreamStopped
from tests.conversations.conftest import Line
from tests.conversations.test_line import PlayedLine, QuickMouth
from tests.conversations.test_tidying import answering_of
from tests.survival.callers import PEOPLE, Person

SEED = int(os.environ.get("SEED", "20261125"))
STEPS = 9  # wish, name, birth, kind, day, choice, yes, no more, and the goodbye
DELAYS_S = (0.0, 0.01, 0.05, 0.2, 0.6)
# Two visits each; James Walker has one of this kind already, and two are the most.
ONCE = [person for person in PEOPLE if person.name != "james walker"]
CALLERS = [*ONCE, *(replace(person, when="next friday afternoon") for person in ONCE)]


@dataclass
class Booking:
    """One caller's call, over as many streams as it takes."""

    line: Line
    person: Person
    call_id: str
    said: list[str] = field(default_factory=list)

    async def connected(self) -> None:
        """A new stream of this call, with its process; the old ones are gone."""
        self.played = PlayedLine(echoes=True)
        self.conversation = await Conversation.open(self.line.services, self.call_id, self.person.number)
        media: Any = self.played
        self.call = Call(media, self.conversation, self.line.services)
        resumed = not self.conversation.is_new
        self.running = asyncio.create_task(self.call.run(resumed=resumed))

    async def speak(self, steps: int) -> None:
        """Answers what is asked, so often, or until the call is over."""
        while steps:
            await self.until_quiet()
            if self.running.done() or self.conversation.state.phase is Phase.CLOSING:
                break
            words = self.person.answer(self.conversation.state.asking)
            if not words:
                continue
            steps -= 1
            self.said.append(f"{self.conversation.state.asking}: {words}")
            heard = await self.conversation.understand(Transcript(words, 1.0))
            self.call._events.put_nowait(Heard(heard))

    async def until_quiet(self) -> None:
        """Looks several times in a row: what is on its way from one task to the next shows in neither."""
        quiet = 0
        while quiet < 5 and not self.running.done():
            await asyncio.sleep(0.03)
            quiet = 0 if self.call._working or self.call._speaking.playing else quiet + 1

    async def ended(self) -> None:
        await asyncio.wait_for(asyncio.wait([self.running]), 60)

    async def stored(self) -> records.StoredCall:
        return await self.line.services.storage.read(lambda s: records.require_call(s, self.call_id))


async def bookings_until(line: Line, name: str, end: Any) -> list[Booking]:
    """Calls at the same time, each ended by ``end`` at a moment that the seed decides."""
    line.services.mouth = QuickMouth()  # type: ignore[assignment]
    chance = random.Random(f"{SEED}{name}")
    print(f"\nSEED={SEED}")

    async def one(number: int, steps: int, delay_s: float) -> Booking:
        booking = Booking(line, CALLERS[number], f"CA{name}{number}")
        await booking.connected()
        await booking.speak(steps)
        await asyncio.sleep(delay_s)
        await end(booking)
        return booking

    moments = [(number, chance.randrange(STEPS), chance.choice(DELAYS_S)) for number in range(len(CALLERS))]
    return list(await asyncio.gather(*(one(*moment) for moment in moments)))


async def check(booking: Booking) -> None:
    """What holds for a call that is over, whatever ended it."""
    call = await booking.stored()
    assert call.ended is not None
    assert call.ordered == ()
    booked = [done.result for done in call.done if isinstance(done.action, BookOpening)]
    visits = [result for result in booked if isinstance(result, VisitBooked)]
    agreed = any(said.startswith("book.confirm") for said in booking.said)
    confirmed = agreed and any(turn.caller_text == "yes" for turn in call.turns)
    assert len(visits) == (1 if confirmed else 0), booking.said

    def rows(session: Session) -> tuple[int, int, int]:
        notes = select(LedgerRow).where(LedgerRow.call_id == call.call_id, LedgerRow.kind == NOTE)
        held = select(BookingCell).where(
            BookingCell.held_by_call == call.call_id, col(BookingCell.appointment_id).is_(None)
        )
        ids = [visit.visit.appointment_id for visit in visits]
        cells = select(BookingCell).where(col(BookingCell.appointment_id).in_(ids))
        return tuple(len(session.exec(query).all()) for query in (notes, held, cells))  # type: ignore[return-value]

    notes, held, cells = await booking.line.services.storage.read(rows)
    assert (notes, held) == (1, 0)
    assert cells == sum(visit.visit.minutes for visit in visits) // 5


async def finished(booking: Booking) -> None:
    """The carrier asks for the call again, and the caller goes on to the end."""
    await booking.connected()
    await booking.speak(2 * STEPS)
    await booking.ended()


async def test_a_caller_may_hang_up_at_any_moment(line: Line) -> None:
    async def hangs_up(booking: Booking) -> None:
        booking.played.happens(StreamStopped())
        await booking.ended()

    for booking in await bookings_until(line, "hangup", hangs_up):
        await check(booking)


async def test_a_line_may_be_lost_at_any_moment_and_the_call_goes_on(line: Line) -> None:
    async def is_lost(booking: Booking) -> None:
        booking.played.is_lost()
        await booking.ended()
        if not (await booking.stored()).ended:
            await finished(booking)

    for booking in await bookings_until(line, "lost", is_lost):
        await check(booking)
        assert (await booking.stored()).disposition == "completed"


async def test_a_process_may_die_at_any_moment_and_the_call_goes_on(line: Line) -> None:
    async def dies(booking: Booking) -> None:
        booking.running.cancel()
        await booking.ended()
        if not (await booking.stored()).ended:
            await finished(booking)

    for booking in await bookings_until(line, "dies", dies):
        await check(booking)
        assert (await booking.stored()).disposition == "completed"


async def test_a_lost_line_that_never_comes_back_is_closed_by_the_carriers_word(line: Line) -> None:
    async def never_comes_back(booking: Booking) -> None:
        booking.played.is_lost()
        await booking.ended()
        await answering_of(line).status(booking.call_id, {"CallStatus": "completed"})
        await answering_of(line).status(booking.call_id, {"CallStatus": "completed"})

    for booking in await bookings_until(line, "gone", never_comes_back):
        await check(booking)


@pytest.mark.parametrize("stored_result", [False, True], ids=["before it was done", "after it was done"])
async def test_an_action_that_was_pending_is_done_once(line: Line, stored_result: bool) -> None:
    """The process dies after the caller's yes: before the booking, or before the dialog hears of it."""
    call = await line.call(CALLERS[0].number)
    await call.all_of("i need an appointment", f"my name is {CALLERS[0].name}", CALLERS[0].born)
    await call.all_of("a follow up visit", "next monday morning", "the first one")
    conversation = call.keyboard.conversation
    heard = Heard(await conversation.understand(Transcript("yes", 1.0)))
    (action,) = (await conversation.step(heard)).actions
    assert isinstance(action, BookOpening)
    if stored_result:
        result = await line.services.backends.scheduling.book(action, call_id=conversation.call_id)
        await conversation.note_done(action, result)
    line.services.mouth = QuickMouth()  # type: ignore[assignment]
    booking = Booking(line, CALLERS[0], conversation.call_id)
    booking.said.append("book.confirm: yes")
    await finished(booking)
    assert any("You're booked" in turn.agent_text for turn in (await booking.stored()).turns)
    await check(booking)


async def test_who_waited_for_a_person_and_was_lost_is_called_back(line: Line) -> None:
    call = await line.call(CALLERS[0].number)
    conversation = call.keyboard.conversation
    heard = Heard(await conversation.understand(Transcript("i want to talk to a person", 1.0)))
    await conversation.step(heard)
    stored = await line.services.storage.read(lambda s: records.require_call(s, conversation.call_id))
    await Conversation(line.services, stored).hang_up()
    tasks = await line.services.storage.read(lambda s: records.tasks_of(s, conversation.call_id))
    assert [task.kind for task in tasks] == ["same-day-callback"]
    assert dialog.summary(conversation.state).disposition is None
