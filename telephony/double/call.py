"""One call: rings, follows its documents, lets the caller act, and keeps the result."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from telephony.double.acting import Acting
from telephony.double.carrier import CarrierClient, Leg
from telephony.double.errors import DoubleError
from telephony.double.following import End, Following
from telephony.double.journal import Journal
from telephony.double.line import Line
from telephony.double.orders import Order
from telephony.double.result import CallResult, Ending, Kind, Observer
from telephony.double.script import Caller
from telephony.double.sound import FRAME_MS


@dataclass(frozen=True, slots=True)
class Manner:
    """How the carrier and the far end behave in this call."""

    dial_status: str = "completed"  # of every <Dial>: completed, busy, no-answer, failed
    unhurried: bool = True  # False: <Say> and <Pause> take no time
    longest_s: float = 600.0


class LiveCall:
    """Also the caller's handset: ``press``, ``hang_up`` and ``drop``."""

    def __init__(
        self, client: CarrierClient, leg: Leg, caller: Caller, manner: Manner, observer: Observer | None
    ) -> None:
        self._client = client
        self._leg = leg
        self._manner = manner
        loop = asyncio.get_running_loop()
        placed_s = loop.time()
        self._journal = Journal(CallResult(leg.call_sid), lambda: (loop.time() - placed_s) * 1_000, observer)
        self._line = Line(self._journal)
        self._following = Following(
            client, leg, self._line, self._journal,
            say=caller.synthesise, dial_status=manner.dial_status, unhurried=manner.unhurried,
        )  # fmt: skip
        self._acting = Acting(caller, self, self._line, self._journal)
        self._news: asyncio.Queue[End | Order | BaseException] = asyncio.Queue()

    async def run(self) -> CallResult:
        """The whole call. Raises what the script or the observer raises."""
        self._journal.note(Kind.PLACED, from_number=self._leg.from_number, to_number=self._leg.to_number)
        own = [self._started(self._tick_on()), self._started(self._acting.perform())]
        try:
            async with asyncio.timeout(self._manner.longest_s):
                end = await self._until_over()
        except TimeoutError:
            end = End(Ending.TOO_LONG, f"{self._manner.longest_s:.0f} s")
        finally:
            await _cancelled(own)
            self._line.close()
        self._journal.ended(end.how, end.detail)
        await self._report_end()
        return self._journal.result

    def press(self, digit: str) -> None:
        if self._following.stream is not None:
            self._following.stream.press(digit)
        else:
            self._following.keys.put_nowait(digit)

    def hang_up(self) -> None:
        self._news.put_nowait(End(Ending.CALLER_HUNG_UP))

    def drop(self) -> None:
        if self._following.stream is not None:
            self._following.stream.drop()

    def order(self, order: Order) -> None:
        """A REST order came in for this call."""
        self._journal.note(Kind.ORDER, twiml=order.twiml)
        self._news.put_nowait(order)

    async def _until_over(self) -> End:
        """Whatever comes first: the documents' end, the caller's, an order's, or a fault of our own."""
        following = self._started(self._following.from_url(self._url("/twilio/voice"), "ringing"))
        try:
            while isinstance(news := await self._news.get(), Order):
                await _cancelled([following])
                if not news.twiml:
                    return End(Ending.AGENT_HUNG_UP, "by order")
                document = self._following.from_document(news.twiml, self._url("/twilio/voice"))
                following = self._started(document)
        finally:
            await _cancelled([following])
        if isinstance(news, BaseException):
            raise news
        return news

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
            tick = self._line.tick()
            if self._following.stream is not None:
                self._following.stream.tick(tick)
            due_s += FRAME_MS / 1_000
            await asyncio.sleep(max(0.0, due_s - loop.time()))

    async def _report_end(self) -> None:
        fields = {
            "CallDuration": str(round(self._journal.now_ms() / 1_000)),
            "SequenceNumber": "0",
            "CallbackSource": "call-progress-events",
        }
        try:
            await self._client.post(self._url("/twilio/status"), self._leg.form("completed", fields))
        except DoubleError as fault:
            self._journal.warn(str(fault))

    def _url(self, path: str) -> str:
        return self._client.account.public_url.rstrip("/") + path


async def _cancelled(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
