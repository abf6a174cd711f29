"""Twilio's double: places calls to a running server over the carrier's own protocols."""

from __future__ import annotations

import secrets

from telephony.double.call import LiveCall, Manner
from telephony.double.carrier import Account, CarrierClient, Leg
from telephony.double.orders import OrderDesk
from telephony.double.result import CallResult, Observer
from telephony.double.script import Caller


class Double:
    """A telephone number at the double.

    ``base_url`` is where the server listens, ``public_url`` what it is configured to be known as:
    requests go to the first and are signed for the second. Calls may run at the same time.
    """

    def __init__(
        self, base_url: str, public_url: str, auth_token: str, account_sid: str,
        from_number: str = "+15555550123", to_number: str = "+15555550100", *,
        orders: OrderDesk | None = None, manner: Manner | None = None, on_event: Observer | None = None,
    ) -> None:  # fmt: skip
        self._account = Account(base_url, public_url, account_sid, auth_token)
        self._from_number = from_number
        self._to_number = to_number
        self._orders = orders
        self._manner = manner or Manner()
        self._observer = on_event

    async def place_call(
        self, caller: Caller, *, from_number: str | None = None, call_sid: str = "", forwarded_from: str = ""
    ) -> CallResult:
        """Ring, and stay until the call has ended. ``from_number`` "anonymous" withholds it.

        Raises ``ScriptError`` when a step cannot be performed; a fault of the server is in the result.
        """
        leg = Leg(
            call_sid or "CA" + secrets.token_hex(16), self._account.account_sid,
            from_number or self._from_number, self._to_number, forwarded_from,
        )  # fmt: skip
        client = CarrierClient(self._account)
        call = LiveCall(client, leg, caller, self._manner, self._observer)
        if self._orders is not None:
            self._orders.register(leg.call_sid, call.order)
        try:
            return await call.run()
        finally:
            if self._orders is not None:
                self._orders.forget(leg.call_sid)
            await client.close()
