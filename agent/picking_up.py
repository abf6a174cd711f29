"""The staff's side of a transfer: who picks up hears what the call is about, and has it by pressing 1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import Session

from agent.logs import log
from agent.metrics import TRANSFERS
from agent.ringing import Ringing
from agent.services import Services
from agent.whom_to_reach import after_the_key, whisper
from models import desk, transfers
from models.contact_tables import LegState, Transfer, TransferLeg, TransferState
from telephony import twiml
from telephony.config import TelephonyConfig
from telephony.doors import Door

THINK_FOR = timedelta(seconds=45)  # from picking up: machine detection, the whisper twice
TOGETHER_S = 2.0  # a conversation that was shorter was none
TAKEN_ALREADY = "The call was taken, or the caller has hung up. Thank you."
NOT_REACHED = {
    "busy": LegState.BUSY,
    "no-answer": LegState.NO_ANSWER,
    "failed": LegState.FAILED,
    "canceled": LegState.CALLED_OFF,
    "completed": LegState.NO_ANSWER,  # picked up, and no key was pressed
}


class PickingUp:
    """Answers the carrier's questions about calls to staff."""

    def __init__(self, services: Services, config: TelephonyConfig, ringing: Ringing) -> None:
        self._services, self._config, self._ringing = services, config, ringing

    def doors(self) -> dict[str, Door]:
        """The carrier's doors under ``/twilio``."""
        return {
            "staff": Door(self.picked_up, twiml.hang_up()),
            "key": Door(self.key, twiml.hang_up()),
            "leg": Door(self.leg_news),
        }

    async def picked_up(self, name: str, form: Mapping[str, str]) -> str:
        """Somebody, or a machine, has answered."""
        leg = await self._ringing.leg(name)
        transfer = await self._ringing.transfer(leg.transfer_id) if leg else None
        if leg is None or transfer is None:
            return twiml.hang_up()
        await self._ringing.heard_of(leg, form.get("CallSid", ""))
        if form.get("AnsweredBy", "").startswith(("machine", "fax")):
            await self._ringing.pass_on(leg, LegState.MACHINE)
            return twiml.hang_up()
        if leg.state != LegState.RINGING or transfer.state != TransferState.RINGING:
            return twiml.say_and_hang_up(TAKEN_ALREADY)
        return self._ask(transfer, leg)

    def _ask(self, transfer: Transfer, leg: TransferLeg) -> str:
        text = whisper(transfer, self._services.practice.name)
        return twiml.ask_for_key(text, self._config.url(f"/twilio/key/{leg.id}"))

    async def key(self, name: str, form: Mapping[str, str]) -> str:
        """1 takes the call, 2 passes it on; anything else is asked again."""
        leg = await self._ringing.leg(name)
        transfer = await self._ringing.transfer(leg.transfer_id) if leg else None
        if leg is None or transfer is None:
            return twiml.hang_up()
        match form.get("Digits", ""):
            case "1":
                return await self._take(transfer, leg)
            case "2":
                await self._ringing.pass_on(leg, LegState.PASSED)
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
        self._ringing.soon(self._ringing.fetch_caller(transfer))
        return twiml.meet(transfer.id, say=after_the_key(transfer))

    async def leg_news(self, name: str, form: Mapping[str, str]) -> str:
        """What the carrier reports of a call to staff; reports may be late, repeated, or lost."""
        leg = await self._ringing.leg(name)
        status, now = form.get("CallStatus", ""), self._services.clock()
        if leg is None:
            return ""
        await self._ringing.heard_of(leg, form.get("CallSid", ""))
        if status == "in-progress":
            until = now + THINK_FOR
            await self._services.storage.write(lambda s: transfers.leg_answered(s, leg, until=until))
        elif status == "completed" and leg.state == LegState.TAKEN:
            await self._left(leg)
        elif status in NOT_REACHED:
            await self._ringing.pass_on(leg, NOT_REACHED[status])
        return ""

    async def _left(self, leg: TransferLeg) -> None:
        """Who took the call has hung up. Before the caller was there: the next person is rung."""
        now = self._services.clock()
        again = await self._services.storage.write(
            lambda s: transfers.leg_left(s, leg, at=now, together_s=TOGETHER_S)
        )
        transfer = await self._ringing.transfer(leg.transfer_id) if again else None
        if transfer is not None:
            await self._ringing.fetch_caller(transfer)
            self._ringing.soon(self._ringing.ring(transfer.id))
