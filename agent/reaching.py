"""A caller waits, staff are rung one after the other, and who presses 1 has the call.

The caller is never out of our hands: their document is some seconds of sound, then it asks us again, so what
happens next is decided from the database by whichever process is asked. Nothing that matters is kept here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from agent.hold_music import HOLD_SOUND
from agent.logs import log
from agent.metrics import TRANSFERS
from agent.services import Services
from agent.whom_to_reach import after_the_key, people_for, whisper
from models import desk, transfers
from models.contact_tables import LegState, Transfer, TransferLeg, TransferState
from models.domain import CallTransferred, TransferCall
from models.errors import FirstringError
from models.records import StoredCall
from telephony import twiml
from telephony.config import TelephonyConfig
from telephony.doors import Door
from telephony.rest import Carrier, CarrierError, CarrierTimeout, NumberNotAllowed

RING_S = 20  # four rings
LOST_AFTER = timedelta(seconds=RING_S + 8)  # no word of a call by then: the next person is rung
THINK_FOR = timedelta(seconds=45)  # from picking up: machine detection, the whisper twice
URGENT_FOR = timedelta(seconds=60)  # domain rules section 5.2, D1: no answer in 60 s, then a call back
ORDINARY_FOR = timedelta(seconds=90)
TOGETHER_S = 2.0  # a conversation that was shorter was none
WATCH_EVERY_S = 1.0
RESUME = "/twilio/resume"
HOLD = "Please stay on the line. I'm calling our staff."
STILL_HOLDING = "I'm still trying to reach somebody for you."
TAKEN_ALREADY = "The call was taken, or the caller has hung up. Thank you."
NOT_REACHED = {
    "busy": LegState.BUSY,
    "no-answer": LegState.NO_ANSWER,
    "failed": LegState.FAILED,
    "canceled": LegState.CALLED_OFF,
    "completed": LegState.NO_ANSWER,  # picked up, and no key was pressed
}
WAITING = (TransferState.RINGING, TransferState.TAKEN)

Document = Callable[[str], str]  # of a call


class Reaching:
    """``back`` brings a call to the agent again, ``dial`` to one telephone number without our help."""

    def __init__(self, services: Services, config: TelephonyConfig, back: Document, dial: Document) -> None:
        self._services, self._config = services, config
        self._back, self._dial = back, dial
        self._work: set[asyncio.Task[None]] = set()

    def doors(self) -> dict[str, Door]:
        """The carrier's doors under ``/twilio``."""
        return {
            "wait": Door(self.wait, self._dial(self._config.practice_number)),
            "staff": Door(self.picked_up, twiml.hang_up()),
            "key": Door(self.key, twiml.hang_up()),
            "leg": Door(self.leg_news),
        }

    # ------------------------------------------------------------------ the caller's side

    async def begin(self, stored: StoredCall, order: TransferCall) -> str:
        """The stream has ended for a transfer: the caller's next document."""
        services, now = self._services, self._services.clock()
        people = people_for(order, stored, services.settings, services.practice, now)
        if not people:
            return self._back(stored.call_id)
        until = now + (URGENT_FOR if order.urgent else ORDINARY_FOR)
        transfer = await services.storage.write(
            lambda session: transfers.begin_transfer(
                session, order, call_id=stored.call_id, people=people, at=now, until=until
            )
        )
        self._soon(self.ring(transfer.id))
        return self._hold(transfer, HOLD)

    async def resumed(self, stored: StoredCall, form: Mapping[str, str]) -> str | None:
        """A stream or a conference has ended: the document of the transfer under way, None without one."""
        order = _ordered(stored)
        if order is None or self._services.carrier is None:
            return None
        transfer = await self._read(lambda s: transfers.transfer_of(s, stored.call_id, order.action_id))
        if transfer is None:
            return None if form.get("DialCallStatus") else await self.begin(stored, order)
        if transfer.state in (TransferState.DIALLED, TransferState.NOBODY):
            return None
        return twiml.hang_up() if transfer.state == TransferState.JOINED else await self._next(transfer)

    async def came_back(self, stored: StoredCall) -> bool:
        """Whether the caller's last transfer reached nobody, and the agent has the call again."""
        order = _ordered(stored)
        action_id = order.action_id if order else ""
        transfer = await self._read(lambda s: transfers.transfer_of(s, stored.call_id, action_id))
        return transfer is not None and transfer.state == TransferState.NOBODY

    async def is_waiting(self, call_id: str) -> bool:
        """Whether the caller is on hold just now: quiet, and not lost."""
        oldest = self._services.clock() - ORDINARY_FOR - LOST_AFTER
        found = await self._read(lambda session: transfers.transfers_of(session, call_id))
        return bool(found) and found[-1].state in WAITING and found[-1].until > oldest

    async def wait(self, name: str, form: Mapping[str, str]) -> str:
        """The sound is over: how does the caller go on?"""
        transfer = await self._transfer(name)
        if transfer is None or transfer.call_id != form.get("CallSid"):
            return twiml.hang_up()
        return await self._next(transfer)

    async def _next(self, transfer: Transfer) -> str:
        match transfer.state:
            case TransferState.RINGING:
                return self._hold(transfer, STILL_HOLDING)
            case TransferState.TAKEN:
                now = self._services.clock()
                await self._services.storage.write(lambda s: transfers.join(s, transfer, at=now))
                return twiml.meet(transfer.id, action_url=self._config.url(RESUME))
            case TransferState.JOINED:
                return twiml.meet(transfer.id, action_url=self._config.url(RESUME))
            case TransferState.NOBODY:
                return self._back(transfer.call_id)
            case TransferState.DIALLED:
                return self._dial(transfer.people[0][1])
        return twiml.hang_up()

    def _hold(self, transfer: Transfer, sentence: str) -> str:
        return twiml.hold(self._config.url(f"/twilio/sound/{HOLD_SOUND}"), self._wait_url(transfer), sentence)

    def _wait_url(self, transfer: Transfer) -> str:
        return self._config.url(f"/twilio/wait/{transfer.id}")

    async def caller_left(self, call_id: str) -> bool:
        """The call is over. True when the caller had been waiting, and nobody had come."""
        for transfer in await self._read(lambda s: transfers.transfers_of(s, call_id)):
            await self._ended(transfer, TransferState.OVER)
        found = await self._read(lambda s: transfers.transfers_of(s, call_id))
        return bool(found) and found[-1].state in (TransferState.OVER, TransferState.NOBODY)

    async def _ended(self, transfer: Transfer, state: TransferState) -> bool:
        now = self._services.clock()
        ended = await self._services.storage.write(
            lambda s: transfers.end_transfer(s, transfer.id, state, at=now)
        )
        if ended:
            TRANSFERS.labels(ended=state.value).inc()
            for leg in await self._read(lambda s: transfers.legs_of(s, transfer.id)):
                await self._call_off(leg)
        return ended

    # ------------------------------------------------------------------ ringing

    async def ring(self, transfer_id: str) -> None:
        """Rings the next person; where the number is refused, the one after. Nobody left: the caller goes
        back to the agent. A carrier that takes no orders: the caller is dialled through without our help."""
        while leg := await self._claim(transfer_id):
            transfer, person = leg
            try:
                await self._place(transfer, person)
            except NumberNotAllowed:
                await self._over(person, LegState.FAILED)
            except CarrierTimeout:
                return  # it may be ringing; `watch` goes on if nothing is heard of it
            except CarrierError as problem:
                log.error("transfer.dialled", call_id=transfer.call_id, code=problem.code)
                await self._over(person, LegState.FAILED)
                await self._ended(transfer, TransferState.DIALLED)
                return
            else:
                return

    async def _claim(self, transfer_id: str) -> tuple[Transfer, TransferLeg] | None:
        now = self._services.clock()

        def work(session: Session) -> tuple[Transfer | None, TransferLeg | None]:
            transfer = session.get(Transfer, transfer_id, populate_existing=True)
            if transfer is None or transfer.state != TransferState.RINGING:
                return None, None
            leg = transfers.ring_next(session, transfer, at=now, ring_until=now + LOST_AFTER)
            session.refresh(transfer)
            return transfer, leg

        transfer, leg = await self._services.storage.write(work)
        if transfer is None or leg is None:
            if transfer is not None and transfer.state == TransferState.NOBODY:
                TRANSFERS.labels(ended=TransferState.NOBODY.value).inc()
                await self._fetch_caller(transfer)
            return None
        return transfer, leg

    async def _place(self, transfer: Transfer, leg: TransferLeg) -> None:
        placed = await self._carrier.place_call(
            transfer.people[leg.number - 1][1],
            url=self._config.url(f"/twilio/staff/{leg.id}"),
            status_url=self._config.url(f"/twilio/leg/{leg.id}"),
            timeout_s=RING_S,
            detect_machine=True,
        )
        await self._services.storage.write(lambda s: transfers.leg_placed(s, leg.id, placed.call_sid))
        now = await self._transfer(transfer.id)
        if now is not None and now.state not in WAITING:  # the caller left while this was being ordered
            await self._call_off(await self._leg(leg.id))

    async def _call_off(self, leg: TransferLeg | None) -> None:
        """Nobody's telephone rings for a caller who is gone."""
        if leg is None or not leg.call_sid or leg.state not in (LegState.RINGING, LegState.TAKEN):
            return
        await self._over(leg, LegState.CALLED_OFF)
        await self._hang_up(leg)

    async def _hang_up(self, leg: TransferLeg) -> None:
        if not leg.call_sid:
            return
        try:
            await self._carrier.hang_up(leg.call_sid)
        except CarrierError as problem:
            log.warning("leg.not_called_off", call_id=leg.call_sid, code=problem.code)

    async def _fetch_caller(self, transfer: Transfer) -> None:
        """Has the caller's document asked for at once. Without the carrier's help it is asked for a little
        later, when the sound is over."""
        try:
            there = await self._carrier.transfer(transfer.call_id, twiml.go_to(self._wait_url(transfer)))
        except CarrierError as problem:
            log.warning("caller.not_fetched", call_id=transfer.call_id, code=problem.code)
            return
        if not there:
            await self._ended(transfer, TransferState.OVER)

    async def _over(self, leg: TransferLeg, state: LegState) -> bool:
        now = self._services.clock()
        return await self._services.storage.write(lambda s: transfers.leg_over(s, leg, state, at=now))

    async def _pass_on(self, leg: TransferLeg, state: LegState) -> None:
        if await self._over(leg, state):
            self._soon(self.ring(leg.transfer_id))

    # ------------------------------------------------------------------ the staff's side

    async def picked_up(self, name: str, form: Mapping[str, str]) -> str:
        """Somebody, or a machine, has answered."""
        leg = await self._leg(name)
        transfer = await self._transfer(leg.transfer_id) if leg else None
        if leg is None or transfer is None:
            return twiml.hang_up()
        if form.get("AnsweredBy", "").startswith(("machine", "fax")):
            await self._pass_on(leg, LegState.MACHINE)
            return twiml.hang_up()
        if leg.state != LegState.RINGING or transfer.state != TransferState.RINGING:
            return twiml.say_and_hang_up(TAKEN_ALREADY)
        return self._ask(transfer, leg)

    def _ask(self, transfer: Transfer, leg: TransferLeg) -> str:
        text = whisper(transfer, self._services.practice.name)
        return twiml.ask_for_key(text, self._config.url(f"/twilio/key/{leg.id}"))

    async def key(self, name: str, form: Mapping[str, str]) -> str:
        """1 takes the call, 2 passes it on; anything else is asked again."""
        leg = await self._leg(name)
        transfer = await self._transfer(leg.transfer_id) if leg else None
        if leg is None or transfer is None:
            return twiml.hang_up()
        match form.get("Digits", ""):
            case "1":
                return await self._take(transfer, leg)
            case "2":
                await self._pass_on(leg, LegState.PASSED)
                return twiml.hang_up()
        return self._ask(transfer, leg)

    async def _take(self, transfer: Transfer, leg: TransferLeg) -> str:
        now = self._services.clock()

        def work(session: Session) -> bool:
            taken = transfers.take(session, leg, at=now)
            if taken:
                desk.acknowledge_of_call(session, transfer.call_id, leg.contact, now)
            return taken

        if not await self._services.storage.write(work):
            return twiml.say_and_hang_up(TAKEN_ALREADY)
        log.info("transfer.taken", call_id=transfer.call_id, number=leg.number)
        TRANSFERS.labels(ended=TransferState.TAKEN.value).inc()
        self._soon(self._fetch_caller(transfer))
        return twiml.meet(transfer.id, say=after_the_key(transfer))

    async def leg_news(self, name: str, form: Mapping[str, str]) -> str:
        """What the carrier reports of a call to staff; reports may be late, repeated, or lost."""
        leg = await self._leg(name)
        status, now = form.get("CallStatus", ""), self._services.clock()
        if leg is None:
            return ""
        if status == "in-progress":
            until = now + THINK_FOR
            await self._services.storage.write(lambda s: transfers.leg_answered(s, leg, until=until))
        elif status == "completed" and leg.state == LegState.TAKEN:
            await self._left(leg)
        elif status in NOT_REACHED:
            await self._pass_on(leg, NOT_REACHED[status])
        return ""

    async def _left(self, leg: TransferLeg) -> None:
        """Who took the call has hung up. Before the caller was there: the next person is rung."""
        now = self._services.clock()
        again = await self._services.storage.write(
            lambda s: transfers.leg_left(s, leg, at=now, together_s=TOGETHER_S)
        )
        transfer = await self._transfer(leg.transfer_id) if again else None
        if transfer is not None:
            await self._fetch_caller(transfer)
            self._soon(self.ring(transfer.id))

    # ------------------------------------------------------------------ restarts, lost reports

    async def watch(self) -> None:
        """For ever: goes on with transfers of which nothing was heard, as when their process was killed."""
        while True:
            try:
                await self.tick()
            except FirstringError as problem:
                log.warning("transfers.not_watched", code=problem.code)
            await asyncio.sleep(WATCH_EVERY_S)

    async def tick(self) -> None:
        if self._services.carrier is None:
            return
        now = self._services.clock()
        for transfer_id in await self._read(lambda s: transfers.due_transfers(s, now)):
            await self._give_up_ringing(transfer_id)
            await self.ring(transfer_id)

    async def _give_up_ringing(self, transfer_id: str) -> None:
        """Of these calls nothing was heard in time."""
        for leg in await self._read(lambda session: transfers.legs_of(session, transfer_id)):
            if leg.state == LegState.RINGING:
                await self._over(leg, LegState.NO_ANSWER)
                await self._hang_up(leg)

    async def settled(self) -> None:
        """What was begun in the background is done."""
        while self._work:
            await asyncio.gather(*self._work, return_exceptions=True)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:  # `watch` goes on with it
            log.error("transfer.failed", kind=type(problem).__name__)

    # ------------------------------------------------------------------ what is stored

    @property
    def _carrier(self) -> Carrier:
        if self._services.carrier is None:
            raise CarrierError("no orders are given to a carrier here")
        return self._services.carrier

    async def _read(self, work: Callable[[Session], Any]) -> Any:
        return await self._services.storage.read(work)

    async def _transfer(self, name: str) -> Transfer | None:
        return await self._services.storage.read(lambda session: session.get(Transfer, name))

    async def _leg(self, name: str) -> TransferLeg | None:
        return await self._services.storage.read(lambda session: transfers.leg_of(session, name))


def _ordered(stored: StoredCall) -> TransferCall | None:
    """The call's last transfer that the dialog was told of as ordered."""
    orders = [
        done.action
        for done in stored.done
        if isinstance(done.action, TransferCall) and isinstance(done.result, CallTransferred)
    ]
    return orders[-1] if orders else None
