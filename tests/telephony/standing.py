"""A call that stands at the double without any server: for orders about it."""

from __future__ import annotations

import asyncio

from telephony.double import Account, Exchange, Manner, Staff, parse_steps
from telephony.double.call import LiveCall
from telephony.double.openings import NewCall
from telephony.double.script import Caller
from tests.telephony.signing import ACCOUNT, PUBLIC_URL, TOKEN

PATIENT = Staff(does=Caller(parse_steps(["wait:600"])))
STANDING = "<Response><Pause length='600'/></Response>"


def an_exchange() -> Exchange:
    """No server is behind it: nothing must be asked of one."""
    account = Account("http://127.0.0.1:9", PUBLIC_URL, ACCOUNT, TOKEN)
    return Exchange(account, Manner(staff=PATIENT, longest_s=600.0))


async def standing_call(exchange: Exchange, call_sid: str) -> LiveCall:
    """A live call of this SID, answered, that waits for orders."""
    call = exchange.place(NewCall("+15555550123", "+15555550100", twiml=STANDING, call_sid=call_sid))
    async with asyncio.timeout(60.0):
        while call.progress.status != "in-progress":
            await asyncio.sleep(0.01)
    return call
