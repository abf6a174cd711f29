"""The ringing of a transfer: one person after the other, until somebody has the call or nobody is left.

What is rung is decided from the database, by whichever process is asked; nothing that matters is kept here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from agent.logs import log
from agent.metrics import TRANSFERS
from agent.services import Services
from models import transfers
from models.contact_tables import LegState, Transfer, TransferLeg, TransferState
from telephony import twiml
from telephony.config import TelephonyConfig
from telephony.rest import Carrier, CarrierError, CarrierTimeout, NumberNotAllowed

RING_S = 20  # four rings
WORD_S = 3.0  # the carrier tells of a call as it begins to ring it
LOST_AFTER = timedelta(seconds=RING_S + 8)  # no word of a call by then: the next person is rung
WAITING = (TransferState.RINGING, TransferState.TAKEN)


class Ringing:
    """Orders of one transfer to the carrier, and what became of them."""

    def __init__(self, services: Services, config: TelephonyConfig) -> None:
        self._services, self._config = services, config
        self._work: set[asyncio.Task[None]] = set()

    async def ring(self, transfer_id: str) -> None:
        """Rings the next person; where the number is refused, the one after. Nobody left: the caller goes
        back to the agent. A carrier that takes no orders, or does not say whether it does and tells of no
        call: the caller is dialled through without our help."""
        while leg := await self.claim(transfer_id):
            transfer, person = leg
            try:
                await self._place(transfer, person)
            except NumberNotAllowed:
                await self.over(person, LegState.FAILED)
            except CarrierTimeout as problem:  # it may be ringing; `watch` goes on if nothing is heard of it
                self.soon(self._dial_unless_heard(transfer, person, problem.code))
                return
            except CarrierError as problem:
                await self._dial(transfer, person, problem.code)
                return
            else:
                return

    async def _dial_unless_heard(self, transfer: Transfer, leg: TransferLeg, code: str) -> None:
        """Not a word of any call that was ordered: the carrier takes no orders, it only does not say so."""
        await asyncio.sleep(WORD_S)
        legs = await self.read(lambda session: transfers.legs_of(session, transfer.id))
        if any(each.call_sid for each in legs):
            await self._call_off_if_left(transfer, leg)
        else:
            await self._dial(transfer, leg, code)

    async def _dial(self, transfer: Transfer, leg: TransferLeg, code: str) -> None:
        if await self.over(leg, LegState.FAILED):
            log.error("transfer.dialled", call_id=transfer.call_id, code=code)
            await self.ended(transfer, TransferState.DIALLED)

    async def heard_of(self, leg: TransferLeg, call_sid: str) -> None:
        """The carrier speaks of this call, also where its answer to the order was lost."""
        if call_sid and not leg.call_sid:
            await self._services.storage.write(lambda s: transfers.leg_placed(s, leg.id, call_sid))

    async def claim(self, transfer_id: str) -> tuple[Transfer, TransferLeg] | None:
        """The next call to staff, ours to place; None where another process was faster or nobody is left."""
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
                await self.fetch_caller(transfer)
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
        await self._call_off_if_left(transfer, leg)

    async def _call_off_if_left(self, transfer: Transfer, leg: TransferLeg) -> None:
        """The caller may have left while this was being ordered."""
        now = await self.transfer(transfer.id)
        if now is not None and now.state not in WAITING:
            await self._call_off(await self.leg(leg.id))

    async def _call_off(self, leg: TransferLeg | None) -> None:
        """Nobody's telephone rings for a caller who is gone."""
        if leg is None or not leg.call_sid or leg.state not in (LegState.RINGING, LegState.TAKEN):
            return
        await self.over(leg, LegState.CALLED_OFF)
        await self._hang_up(leg)

    async def _hang_up(self, leg: TransferLeg) -> None:
        if not leg.call_sid:
            return
        try:
            await self._carrier.hang_up(leg.call_sid)
        except CarrierError as problem:
            log.warning("leg.not_called_off", call_id=leg.call_sid, code=problem.code)

    async def fetch_caller(self, transfer: Transfer) -> None:
        """Has the caller's document asked for at once. Without the carrier's help it is asked for a little
        later, when the sound is over."""
        try:
            there = await self._carrier.transfer(transfer.call_id, twiml.go_to(self.wait_url(transfer)))
        except CarrierError as problem:
            log.warning("caller.not_fetched", call_id=transfer.call_id, code=problem.code)
            return
        if not there:
            await self.ended(transfer, TransferState.OVER)

    async def over(self, leg: TransferLeg, state: LegState) -> bool:
        """A call to staff has come to nothing; False when that was known."""
        now = self._services.clock()
        return await self._services.storage.write(lambda s: transfers.leg_over(s, leg, state, at=now))

    async def pass_on(self, leg: TransferLeg, state: LegState) -> None:
        """This person does not take it: the next one is rung."""
        if await self.over(leg, state):
            self.soon(self.ring(leg.transfer_id))

    async def ended(self, transfer: Transfer, state: TransferState) -> bool:
        """The transfer is over so; no telephone of it rings on. False when it had ended before."""
        now = self._services.clock()
        ended = await self._services.storage.write(
            lambda s: transfers.end_transfer(s, transfer.id, state, at=now)
        )
        if ended:
            TRANSFERS.labels(ended=state.value).inc()
            for leg in await self.read(lambda s: transfers.legs_of(s, transfer.id)):
                await self._call_off(leg)
        return ended

    async def give_up(self, transfer_id: str) -> None:
        """Of these calls nothing was heard in time."""
        for leg in await self.read(lambda session: transfers.legs_of(session, transfer_id)):
            if leg.state == LegState.RINGING:
                await self.over(leg, LegState.NO_ANSWER)
                await self._hang_up(leg)

    async def settled(self) -> None:
        """What was begun in the background is done."""
        while self._work:
            await asyncio.gather(*self._work, return_exceptions=True)

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Done in the background."""
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:  # `watch` goes on with it
            log.error("transfer.failed", kind=type(problem).__name__)

    # ------------------------------------------------------------------ what is stored

    def wait_url(self, transfer: Transfer) -> str:
        """Where the caller's document asks how they go on."""
        return self._config.url(f"/twilio/wait/{transfer.id}")

    @property
    def _carrier(self) -> Carrier:
        if self._services.carrier is None:
            raise CarrierError("no orders are given to a carrier here")
        return self._services.carrier

    async def read(self, work: Callable[[Session], Any]) -> Any:
        """In one snapshot of the database."""
        return await self._services.storage.read(work)

    async def transfer(self, name: str) -> Transfer | None:
        """By its id, as its address names it."""
        return await self._services.storage.read(lambda session: session.get(Transfer, name))

    async def leg(self, name: str) -> TransferLeg | None:
        """By its id, as its address names it."""
        return await self._services.storage.read(lambda session: transfers.leg_of(session, name))
