"""Callers for whom there is no room: the practice's own telephone at once, a call back when nobody is there.

Decided and answered without the database, a worker or the network, so that it takes no longer the more there
are. Nobody has heard what such a caller wants: it may be an emergency, so its sentence is always said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from agent.admission import Refusal
from agent.logs import log
from agent.metrics import CALLS_REFUSED, REFUSED_ENDED
from agent.services import Services
from backends.staff_tasks import due_at
from dialog.wording import EMERGENCY
from models import desk
from models.domain import OpenTask, Priority, TaskKind
from models.errors import FirstringError
from telephony import twiml
from telephony.config import TelephonyConfig
from telephony.doors import Door
from telephony.handlers import ArrivingCall, arriving_call

BUSY = f"All our lines are busy right now. {EMERGENCY}"
CONNECTING = f"{BUSY} Please hold, I'm connecting you to the practice."
CALL_BACK = f"Nobody could take your call. We have your number, and our staff will call you back. {EMERGENCY}"
NOBODY = f"I'm sorry, nobody can take your call right now. Please call again later. {EMERGENCY}"
SUMMARY = "Called while all lines were busy, and nobody answered. What they wanted is not known."
ACTION = "refused-call"
NOTE_LIMIT_S = 0.8  # a caller waits for the first ring to be answered
DOOR = "busy"
AFTER_DIAL = f"/twilio/{DOOR}/dialled"
for _why in Refusal:  # a rise from nothing at all would be seen by no alarm
    CALLS_REFUSED.labels(reason=_why.value)


class Excess:
    def __init__(self, services: Services, config: TelephonyConfig) -> None:
        self._services, self._config = services, config

    def doors(self) -> dict[str, Door]:
        return {DOOR: Door(self._dialled, twiml.say_and_hang_up(NOBODY))}

    async def turn_away(self, call: ArrivingCall, why: Refusal, *, has_rung: bool = False) -> str:
        """What such a caller gets; ``has_rung``: the practice's telephone, just now, and nobody came."""
        CALLS_REFUSED.labels(reason=why.value).inc()
        log.warning("call.refused", call_id=call.call_sid, code=why.value)
        number = self._config.practice_number
        if has_rung or number in (call.to_number, call.forwarded_from):  # it would come back to us
            return await self._call_back(call)
        return twiml.dial_practice(number, say=CONNECTING, action_url=self._config.url(AFTER_DIAL))

    async def _dialled(self, name: str, form: Mapping[str, str]) -> str:
        """The practice's telephone has rung for a caller whom we turned away."""
        if form.get("DialCallStatus") in ("completed", "answered") and form.get("DialBridged") != "false":
            REFUSED_ENDED.labels(ended="practice").inc()
            return twiml.hang_up()
        return await self._call_back(arriving_call(form))

    async def _call_back(self, call: ArrivingCall) -> str:
        """Promised only once the task is stored; a withheld number cannot be called."""
        if not call.from_number or not await self._task_stored(call):
            REFUSED_ENDED.labels(ended="nobody").inc()
            return twiml.say_and_hang_up(NOBODY)
        REFUSED_ENDED.labels(ended="call-back").inc()
        return twiml.say_and_hang_up(CALL_BACK)

    async def _task_stored(self, call: ArrivingCall) -> bool:
        services, now = self._services, self._services.clock()
        order = OpenTask(
            ACTION, TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, SUMMARY, callback_number=call.from_number
        )
        due = due_at(order.kind, order.priority, now, services.practice)
        try:
            async with asyncio.timeout(NOTE_LIMIT_S):
                await services.storage.write(
                    lambda session: desk.add_task(session, order, call_id=call.call_sid, at=now, due_at=due)
                )
        except (TimeoutError, FirstringError) as problem:
            log.error("call.refused_and_not_noted", call_id=call.call_sid, kind=type(problem).__name__)
            return False
        return True
