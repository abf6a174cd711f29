"""Twilio's double: places calls to a running server over the carrier's own protocols."""

from __future__ import annotations

import secrets

from telephony.double.carrier import Account, Leg
from telephony.double.exchange import Exchange
from telephony.double.faults import Network
from telephony.double.manner import Manner
from telephony.double.openings import inbound
from telephony.double.progress import Callback
from telephony.double.result import CallResult, Observer
from telephony.double.script import Caller
from telephony.double.ways import NETWORK, Way
from telephony.double.webhooks import CarrierClient


class Double:
    """A telephone number at the double.

    ``base_url`` is where the server listens, ``public_url`` what it is configured to be known as:
    requests go to the first and are signed for the second. Calls may run at the same time. Several
    doubles of one account share an ``exchange``.
    """

    def __init__(
        self, base_url: str, public_url: str, auth_token: str, account_sid: str,
        from_number: str = "+15555550123", to_number: str = "+15555550100", *,
        exchange: Exchange | None = None, manner: Manner | None = None, way: Way = NETWORK,
        on_event: Observer | None = None,
    ) -> None:  # fmt: skip
        account = Account(base_url, public_url, account_sid, auth_token, way)
        self._from_number = from_number
        self._to_number = to_number
        self._manner = manner or (exchange.manner if exchange else Manner())
        self.exchange = exchange or Exchange(account, self._manner)
        self._client = CarrierClient(account, Network(self._manner.faults))
        self._observer = on_event

    async def place_call(
        self, caller: Caller, *, from_number: str | None = None, call_sid: str = "", forwarded_from: str = ""
    ) -> CallResult:
        """Ring, and stay until the call has ended. ``from_number`` "anonymous" withholds it.

        Raises ``ScriptError`` when a step cannot be performed; a fault of the server is in the result.
        """
        leg = Leg(
            call_sid or "CA" + secrets.token_hex(16), self._client.account.account_sid,
            from_number or self._from_number, self._to_number, forwarded_from,
        )  # fmt: skip
        told = Callback(self._client.account.url("/twilio/status"))
        call = self.exchange.new_call(
            leg, caller, self._manner, client=self._client, callback=told, observer=self._observer
        )
        result = await call.run(inbound)
        result.texts = self.exchange.inbox.to(result.number)
        await self.exchange.notices.settled()
        return result

    async def text(self, body: str, *, from_number: str | None = None) -> list[str]:
        """A text message to this number; what the server answered. Raises ``DoubleError``."""
        return await self.exchange.text(body, from_number or self._from_number, self._to_number, self._client)
