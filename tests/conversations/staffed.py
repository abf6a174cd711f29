"""A practice whose staff have telephones: the carrier's REST side in front of it, and people who answer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from sqlmodel import Session

from agent import settings as settings_module
from agent.answering import Answering
from agent.hold_music import HOLD_SOUND, hold_music
from agent.web import public_app
from agent.whom_to_reach import may_call
from backends.on_call import read_on_call
from backends.practice_file import Table
from models import records, transfers
from models.contact_tables import Transfer, TransferLeg
from telephony import twiml
from telephony.config import TelephonyConfig
from telephony.double import Account, Caller, Double, Exchange, Fate, Manner, RestSide, Staff
from telephony.double.ways import InProcess
from telephony.handlers import ArrivingCall
from telephony.rest import Carrier
from telephony.tokens import StreamTokens
from tests.carrier.people import person, until
from tests.conversations.conftest import Line

T = TypeVar("T")
FRONT, CHEN, RIVERA = "+16175550190", "+16175550181", "+16175550182"
OURS = "+16175550100"
CALL = "CA" + "5" * 32
BACK = "Back with the agent."
CONTACTS = [
    {"name": "Dr. Chen", "phone": CHEN},
    {"name": "Nurse Rivera", "phone": RIVERA, "email": "rivera@example.org"},
]
AT_NIGHT = [{"who": "Dr. Chen", "order": 1}, {"who": "Nurse Rivera", "order": 2}]
PATIENCE_S = 150.0  # a busy machine takes its time; nothing waits for this to be over
PRESSES_1 = ("press:1", "wait:300")


def staff(*steps: str, **more: Any) -> Staff:
    return Staff(ringing_s=0.05, does=person(*steps, patience_s=PATIENCE_S), **more)


class AfterTheAgent(Answering):
    """Callers come from the agent, who has ordered their transfer; who comes back to it is told so."""

    async def arriving(self, call: ArrivingCall) -> str:
        return await self.resuming(call.call_sid, {})

    def _connect(self, call_sid: str, parameters: Mapping[str, str] | None = None) -> str:
        return twiml.say_and_hang_up(BACK)


@dataclass
class Staffed:
    line: Line
    answering: Answering
    exchange: Exchange
    double: Double
    rest: RestSide

    async def read(self, work: Callable[[Session], T]) -> T:
        return await self.line.services.storage.read(work)

    async def transfer(self, call_id: str = CALL) -> Transfer:
        return (await self.read(lambda session: transfers.transfers_of(session, call_id)))[-1]

    async def legs(self, call_id: str = CALL) -> list[TransferLeg]:
        transfer = await self.transfer(call_id)
        return await self.read(lambda session: transfers.legs_of(session, transfer.id))

    async def tried(self) -> list[tuple[str, str]]:
        """Who was rung, and what came of it."""
        return [(leg.contact, leg.state) for leg in await self.legs()]

    async def stored(self, call_id: str = CALL) -> records.StoredCall:
        return await self.read(lambda session: records.require_call(session, call_id))

    def heard_by(self, number: str) -> str:
        """All that the carrier's voice has said to this telephone."""
        results = (call.result for call in self.exchange.calls.values() if call.leg.to_number == number)
        return " ".join(sentence for result in results for sentence in result.said)

    async def settled(self) -> None:
        await self.answering.reaching.ringing.settled()
        await self.exchange.settled()
        await self.answering.reaching.ringing.settled()

    def later(self, seconds: float) -> None:
        clock = self.line.services.clock
        self.line.services.clock = lambda: clock() + timedelta(seconds=seconds)


def answering_of(line: Line, kind: type[Answering] = AfterTheAgent) -> Answering:
    async def burn(nonce: str) -> bool:
        return True

    services, chosen = line.services, line.services.settings
    config = TelephonyConfig(chosen.public_url, chosen.twilio_account_sid, FRONT, chosen.twilio_auth_token)
    secret = settings_module.own_secret(chosen, "stream-token").encode()
    return kind(services, config, StreamTokens(secret, services.clock, burn))


@contextlib.asynccontextmanager
async def staffed(
    line: Line,
    people: Mapping[str, Staff],
    *,
    on_call: list[dict[str, Any]] | None = None,
    kind: type[Answering] = AfterTheAgent,
    fates: Mapping[str, Fate] | None = None,
) -> AsyncIterator[Staffed]:
    """``people`` by number; any other number rings out."""
    services = line.services
    file = {"contacts": CONTACTS, "on_call": AT_NIGHT if on_call is None else on_call}
    services.practice = replace(services.practice, on_call=read_on_call(Table("practice.toml", "", file)))
    services.settings = replace(services.settings, staff_number=FRONT)
    answering = answering_of(line, kind)
    await answering.look_at_models()
    sounds = {HOLD_SOUND: hold_music(chord_s=0.2)}
    way = InProcess(public_app(services, answering, sounds))
    account = Account(
        "http://in-process", services.settings.public_url,
        services.settings.twilio_account_sid, services.settings.twilio_auth_token, way,
    )  # fmt: skip
    manner = Manner(people=people, unhurried=False, longest_s=2 * PATIENCE_S)
    exchange = Exchange(account, manner, fates=fates)
    async with RestSide(exchange) as rest:
        services.carrier = Carrier(
            account.account_sid, account.auth_token, api_base=rest.url, own_number=OURS,
            may_call=may_call(services.settings, services.practice),
        )  # fmt: skip
        double = Double(
            "http://in-process", account.public_url, account.auth_token, account.account_sid,
            "+16175550136", OURS, exchange=exchange, way=way,
        )  # fmt: skip
        try:
            yield Staffed(line, answering, exchange, double, rest)
        finally:
            services.carrier.close()


async def asks_for_a_person(line: Line, words: str = "a person please", call_id: str = CALL) -> None:
    """By keyboard, up to the moment in which the agent's stream ends for the transfer."""
    call = await line.call("+16175550136", call_id=call_id)
    await call.says(words)


def waits(*steps: str) -> Caller:
    return person(*(steps or ("wait:300",)), patience_s=PATIENCE_S)


__all__ = ["Staffed", "asks_for_a_person", "staff", "staffed", "until", "waits"]
