"""One call: rings, follows its documents, lets its person act, and keeps the result."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from telephony.double.acting import Acting
from telephony.double.carrier import Leg
from telephony.double.dialling import Dialling
from telephony.double.errors import DoubleError
from telephony.double.following import End, Following
from telephony.double.journal import Journal
from telephony.double.line import Line
from telephony.double.manner import Manner
from telephony.double.openings import Opening
from telephony.double.progress import Callback, Notices, Progress
from telephony.double.result import CallResult, Ending, Kind, Observer
from telephony.double.rooms import Member, Room
from telephony.double.script import Caller
from telephony.double.sound import FRAME_MS
from telephony.double.staff import Answer, Staff
from telephony.double.webhooks import CarrierClient

if TYPE_CHECKING:
    from telephony.double.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Order:
    """By REST, for a live call: another document, or where to ask for one; neither ends the call."""

    twiml: str = ""
    url: str = ""


class LiveCall:
    """Also its person's handset: ``press``, ``hang_up``, ``drop``, ``text``. The person is the caller,
    or whoever was called."""

    def __init__(
        self, exchange: Exchange, client: CarrierClient, leg: Leg, person: Caller, manner: Manner,
        callback: Callback, observer: Observer | None,
    ) -> None:  # fmt: skip
        self.exchange, self.client, self.leg, self.manner = exchange, client, leg, manner
        loop = asyncio.get_running_loop()
        placed_s = loop.time()
        is_inbound = leg.direction == "inbound"
        self.result = CallResult(leg.call_sid, leg.from_number if is_inbound else leg.to_number)
        self.result.placed_at = datetime.now(UTC)
        self.journal = Journal(self.result, lambda: (loop.time() - placed_s) * 1_000, observer)
        self.line = Line(self.journal, manner.connection)
        self.notices = Notices(client, self.journal.warn)
        self.progress = Progress(leg, callback, self.notices)
        self.following = Following(
            client, leg, self.line, self.journal, manner,
            notices=self.notices, dial=Dialling(self).dial, say=person.synthesise, answers=self._pick_up,
        )  # fmt: skip
        self.accepted = asyncio.Event()  # a dialled person has taken the call
        self.room: Room | None = None
        self.answered_by: str | None = None  # what machine detection found, where it was asked for
        self._picked_up = asyncio.Event()
        self._acting = Acting(person, self, self.line, self.journal)
        self._news: asyncio.Queue[End | Order | BaseException] = asyncio.Queue()
        if is_inbound:
            self._picked_up.set()  # the caller is there from the first ring

    async def run(self, opening: Opening) -> CallResult:
        """The whole call. Raises what the script or the observer raises."""
        self.journal.note(Kind.PLACED, from_number=self.leg.from_number, to_number=self.leg.to_number)
        own = [self._started(self._tick_on()), self._started(self._act())]
        end = End(Ending.ERROR, "a defect")
        try:
            async with asyncio.timeout(self.manner.longest_s):
                end = await self._until_over(opening)
        except TimeoutError:
            end = End(Ending.TOO_LONG, f"{self.manner.longest_s:.0f} s")
        finally:
            await _cancelled(own)
            self.leave_room()
            self.line.close()
            self.progress.end(end.how, end.detail)
            self.result.status = self.progress.status
            self.exchange.call_ended(self)
        if self.leg.direction != "inbound":
            self.journal.note(Kind.LEG, status=self.progress.status)
        self.journal.ended(end.how, end.detail)
        await self.notices.settled()
        return self.result

    # the person's side

    def press(self, digit: str) -> None:
        if self.following.stream is not None:
            self.following.stream.press(digit)
        else:
            self.following.keys.put_nowait(digit)

    def hang_up(self) -> None:
        is_caller = self.leg.direction == "inbound"
        self._news.put_nowait(End(Ending.CALLER_HUNG_UP if is_caller else Ending.CALLED_HUNG_UP))

    def drop(self) -> None:
        if self.following.stream is not None:
            self.following.stream.drop()

    async def text(self, body: str) -> None:
        """A text message to the number that this call is connected with."""
        try:
            replies = await self.exchange.text(body, self.leg.from_number, self.leg.to_number, self.client)
        except DoubleError as fault:
            self.journal.warn(str(fault))
            return
        self.journal.note(Kind.MESSAGE, body=body, reply="\n".join(replies))

    # the carrier's side

    async def ring(self, staff: Staff, timeout_s: float, more: Mapping[str, str] | None = None) -> End | None:
        """Until somebody answers (None), or nobody will."""
        self.progress.initiated()
        if staff.answer is Answer.UNREACHABLE:
            return End(Ending.FAILED)
        self.progress.ringing()
        self.journal.note(Kind.LEG, status="ringing")
        rings_s = timeout_s if staff.answer is Answer.RING_OUT else min(staff.ringing_s, timeout_s)
        await asyncio.sleep(rings_s if self.manner.unhurried or staff.answer is not Answer.RING_OUT else 0.0)
        if staff.answer is Answer.RING_OUT or staff.ringing_s > timeout_s:
            return End(Ending.NO_ANSWER)
        if staff.answer is Answer.DECLINE:
            return End(Ending.BUSY)
        self.journal.note(Kind.LEG, status="answered")
        self.progress.answer(more)
        self.line.give_floor()
        self._picked_up.set()
        return None

    def order(self, order: Order) -> None:
        """A REST order came in for this call."""
        self.journal.note(Kind.ORDER, twiml=order.twiml, url=order.url)
        self._news.put_nowait(order)

    def part(self) -> None:
        """Whom this person was connected with, or was to be, is gone."""
        is_answered = self.progress.answered is not None
        self._news.put_nowait(End(Ending.OTHER_HUNG_UP if is_answered else Ending.CANCELED))

    def enter(self, room: Room, member: Member) -> None:
        self.room = room
        room.enter(self.leg.call_sid, member)

    def leave_room(self) -> None:
        if self.room is not None:
            self.room.leave(self.leg.call_sid)
            self.room = None

    def _pick_up(self) -> None:
        """An arriving call is answered by the first verb that does anything but refuse it."""
        if self.progress.answered is None:
            self.progress.answer()

    async def _act(self) -> None:
        await self._picked_up.wait()
        await self._acting.perform()

    async def _until_over(self, opening: Opening) -> End:
        """Whatever comes first: the documents' end, the person's, an order's, or a fault of our own."""
        following = self._started(opening(self))
        try:
            while isinstance(news := await self._news.get(), Order):
                await _cancelled([following])
                if not (news.twiml or news.url):
                    return self._ordered_end()
                following = self._started(self._obey(news))
        finally:
            await _cancelled([following])
        if isinstance(news, BaseException):
            raise news
        return news

    def _ordered_end(self) -> End:
        return End(Ending.AGENT_HUNG_UP if self.progress.answered else Ending.CANCELED, "by order")

    def _obey(self, order: Order) -> Coroutine[Any, Any, End]:
        if order.url:
            return self.following.from_url(order.url)
        return self.following.from_document(order.twiml, self.client.account.url("/twilio/voice"))

    def _started(self, work: Coroutine[Any, Any, End | None]) -> asyncio.Task[End | None]:
        """A task of this call; its result, or its fault, is news."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[End | None]) -> None:
        if task.cancelled():
            return
        news = task.exception() or task.result()
        if news is not None:
            self._news.put_nowait(news)

    async def _tick_on(self) -> None:
        """A frame each 20 ms of wall clock; a late one is made up for, as a carrier's clock does."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            tick = self.line.tick()
            if self.following.stream is not None:
                self.following.stream.tick(tick)
            if self.room is not None:
                self.room.spoken(self.leg.call_sid, tick.caller_frame)
            due_s += FRAME_MS / 1_000
            await asyncio.sleep(max(0.0, due_s - loop.time()))


async def _cancelled(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
