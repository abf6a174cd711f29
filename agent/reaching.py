"""A caller waits, staff are rung one after the other, and who presses 1 has the call.

The caller is never out of our hands: their document is some seconds of sound, then it asks us again, so what
happens next is decided from the database by whichever process is asked. Nothing that matters is kept here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta

from agent.hold_music import HOLD_SOUND
from agent.logs import log
from agent.picking_up import THINK_FOR, PickingUp
from agent.ringing import LOST_AFTER, WAITING, Ringing
from agent.services import Services
from agent.waits import Waits
from agent.whom_to_reach import people_for
from models import transfers
from models.contact_tables import Transfer, TransferState
from models.domain import CallTransferred, TransferCall
from models.errors import FirstringError
from models.records import StoredCall
from telephony import twiml
from telephony.config import TelephonyConfig
from telephony.doors import Door

URGENT_FOR = timedelta(seconds=60)  # domain rules section 5.2, D1: no answer in 60 s, then a call back
ORDINARY_FOR = timedelta(seconds=90)
WATCH_EVERY_S = 1.0
RESUME = "/twilio/resume"
HOLD = "Please stay on the line. I'm calling our staff."
STILL_HOLDING = "I'm still trying to reach somebody for you."

Document = Callable[[str], str]  # of a call


class Reaching:
    """``back`` brings a call to the agent again, ``dial`` to one telephone number without our help."""

    def __init__(self, services: Services, config: TelephonyConfig, back: Document, dial: Document) -> None:
        self._services, self._config = services, config
        self._back, self._dial = back, dial
        self.ringing = Ringing(services, config)
        self._picking_up = PickingUp(services, config, self.ringing)
        self._waits = Waits(max(LOST_AFTER, THINK_FOR))

    def doors(self) -> dict[str, Door]:
        """The carrier's doors under ``/twilio``."""
        return {
            "wait": Door(self.wait, self._dial(self._config.practice_number)),
            **self._picking_up.doors(),
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
        self.ringing.soon(self.ringing.ring(transfer.id))
        return self._hold(transfer, HOLD)

    async def resumed(self, stored: StoredCall, form: Mapping[str, str]) -> str | None:
        """A stream or a conference has ended: the document of the transfer under way, None without one."""
        order = _ordered(stored)
        if order is None or self._services.carrier is None:
            return None
        transfer = await self.ringing.read(
            lambda s: transfers.transfer_of(s, stored.call_id, order.action_id)
        )
        if transfer is None:
            return None if form.get("DialCallStatus") else await self.begin(stored, order)
        if transfer.state in (TransferState.DIALLED, TransferState.NOBODY):
            return None
        return twiml.hang_up() if transfer.state == TransferState.JOINED else await self._next(transfer)

    async def came_back(self, stored: StoredCall) -> bool:
        """Whether the caller's last transfer reached nobody, and the agent has the call again."""
        order = _ordered(stored)
        action_id = order.action_id if order else ""
        transfer = await self.ringing.read(lambda s: transfers.transfer_of(s, stored.call_id, action_id))
        return transfer is not None and transfer.state == TransferState.NOBODY

    async def is_waiting(self, call_id: str) -> bool:
        """Whether the caller is on hold just now: quiet, and not lost."""
        oldest = self._services.clock() - ORDINARY_FOR - LOST_AFTER
        found = await self.ringing.read(lambda session: transfers.transfers_of(session, call_id))
        return bool(found) and found[-1].state in WAITING and found[-1].until > oldest

    async def wait(self, name: str, form: Mapping[str, str]) -> str:
        """The sound is over: how does the caller go on?"""
        transfer = await self.ringing.transfer(name)
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
        return twiml.hold(
            self._config.url(f"/twilio/sound/{HOLD_SOUND}"), self.ringing.wait_url(transfer), sentence
        )

    async def caller_left(self, call_id: str) -> bool:
        """The call is over. True when the caller had been waiting, and nobody had come."""
        for transfer in await self.ringing.read(lambda s: transfers.transfers_of(s, call_id)):
            await self.ringing.ended(transfer, TransferState.OVER)
        found = await self.ringing.read(lambda s: transfers.transfers_of(s, call_id))
        return bool(found) and found[-1].state in (TransferState.OVER, TransferState.NOBODY)

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
        waited = self._waits.over(await self.ringing.read(transfers.ringing_until), now)
        for transfer_id in await self.ringing.read(lambda s: transfers.due_transfers(s, now, waited)):
            await self.ringing.give_up(transfer_id)
            await self.ringing.ring(transfer_id)


def _ordered(stored: StoredCall) -> TransferCall | None:
    """The call's last transfer that the dialog was told of as ordered."""
    orders = [
        done.action
        for done in stored.done
        if isinstance(done.action, TransferCall) and isinstance(done.result, CallTransferred)
    ]
    return orders[-1] if orders else None
