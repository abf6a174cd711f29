"""Callers for whom there is no room: the practice's own telephone at once, a call back when nobody is there.

Decided and answered without the database, a worker or the network, so that it takes no longer the more there
are. Nobody has heard what such a caller wants: it may be an emergency, so its sentence is always said.
Who was passed on because we could not serve them, and reached nobody, is called back in the same way.
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
from telephony.config import ASK_AGAIN, UNSERVED, TelephonyConfig
from telephony.doors import Door
from telephony.handlers import ArrivingCall, arriving_call, was_reached
from telephony.metrics import PASSED_ON

BUSY = f"All our lines are busy right now. {EMERGENCY}"
CONNECTING = f"{BUSY} Please hold, I'm connecting you to the practice."
CALL_BACK = f"Nobody could take your call. We have your number, and our staff will call you back. {EMERGENCY}"
NOBODY = f"I'm sorry, nobody can take your call right now. Please call again later. {EMERGENCY}"
SUMMARY = "Called while all lines were busy, and nobody answered. What they wanted is not known."
UNSERVED_SUMMARY = (
    "Called while Firstring could not go on with the call, and nobody answered at the practice."
)
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
        if has_rung or call.came_by(number):
            return await self.call_back(call, SUMMARY)
        after = self._config.url(AFTER_DIAL) + ASK_AGAIN
        return twiml.dial_practice(number, say=CONNECTING, action_url=after)

    async def pass_on(self, call: ArrivingCall, reason: str, dial: str = "") -> str:
        """We cannot serve it. ``dial`` rings the practice's telephone; "": it has rung, and nobody came."""
        PASSED_ON.labels(reason).inc()
        log.error("call.passed_on", call_id=call.call_sid, code=reason)
        if dial and not call.came_by(self._config.practice_number):
            return dial
        return await self.call_back(call)

    async def _dialled(self, name: str, form: Mapping[str, str]) -> str:
        """The practice's telephone has rung, or cannot be, for a caller whom we turned away or passed on."""
        if was_reached(form):
            REFUSED_ENDED.labels(ended="practice").inc()
            return twiml.hang_up()
        summary = UNSERVED_SUMMARY if UNSERVED.endswith(f"/{name}") else SUMMARY
        return await self.call_back(arriving_call(form), summary)

    async def call_back(self, call: ArrivingCall, summary: str = UNSERVED_SUMMARY) -> str:
        """Promised only once the task is stored; a withheld number cannot be called."""
        if not call.from_number or not await self._task_stored(call, summary):
            REFUSED_ENDED.labels(ended="nobody").inc()
            return twiml.say_and_hang_up(NOBODY)
        REFUSED_ENDED.labels(ended="call-back").inc()
        return twiml.say_and_hang_up(CALL_BACK)

    async def _task_stored(self, call: ArrivingCall, summary: str) -> bool:
        services, now = self._services, self._services.clock()
        order = OpenTask(
            desk.REFUSED_CALL,
            TaskKind.SAME_DAY_CALLBACK,
            Priority.URGENT,
            summary,
            callback_number=call.from_number,
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
