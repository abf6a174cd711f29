"""Twilio's own client, aimed where we say, with our time limits and our errors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]
from urllib3.exceptions import NewConnectionError

from models.errors import FirstringError

ORDERS_AT_ONCE = 8
_NOT_NOW = frozenset({429, 503})
_OPTED_OUT = 21610
_GONE_STATUS = 404
_GONE_CODES = frozenset({20404, 21220})  # no such call; call is not in progress

T = TypeVar("T")


class CarrierError(FirstringError):
    """The carrier did not take an order."""

    code = "carrier"
    fix = "Check TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and the network; status.twilio.com shows outages."


class CarrierTimeout(CarrierError):
    """No answer in time; whether the order was taken is not known."""

    code = "carrier-timeout"


class CarrierBusy(CarrierError):
    """The carrier has certainly not taken the order, and may take it later."""

    code = "carrier-busy"


class NumberOptedOut(CarrierError):
    """The carrier's own list holds this number's STOP: https://www.twilio.com/docs/api/errors/21610."""

    code = "number-opted-out"
    fix = "Nothing: the person has asked for no texts."


class NumberNotAllowed(CarrierError):
    """A number that this server may not dial or text: it guards against toll fraud."""

    code = "number-not-allowed"
    fix = (
        "Only STAFF_NUMBER, the practice's own and its contacts' numbers are dialled, "
        "and only texts to +1 are sent."
    )


class RebasedHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """Twilio's HTTP client, aimed at another scheme and host (``TWILIO_API_BASE``)."""

    def __init__(self, api_base: str, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s)
        self._base = urlsplit(api_base) if api_base else None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        if self._base is not None:
            url = urlunsplit(urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc))
        return super().request(method, url, *args, **kwargs)


class CarrierClient:
    """The client's blocking calls, each in a thread, under ``timeout_s``."""

    def __init__(self, account_sid: str, auth_token: str, api_base: str, timeout_s: float) -> None:
        self._http = RebasedHttpClient(api_base, timeout_s)
        self.api = Client(account_sid, auth_token, http_client=self._http)
        self._timeout_s = timeout_s
        # A carrier that hangs keeps these waiting, and not the event loop's own threads.
        self._threads = ThreadPoolExecutor(ORDERS_AT_ONCE, "carrier")

    def close(self) -> None:
        """Give the pooled connections back."""
        if self._http.session is not None:
            self._http.session.close()

    async def ask(self, order: Callable[[], T]) -> T | None:
        """What the carrier answered; None when the thing is gone. Raises ``CarrierError``."""
        try:
            async with asyncio.timeout(self._timeout_s + 1.0):
                return await asyncio.get_running_loop().run_in_executor(self._threads, order)
        except TwilioRestException as refusal:
            if refusal.status == _GONE_STATUS or refusal.code in _GONE_CODES:
                return None
            raise _refused(refusal) from None
        except (TimeoutError, requests.ReadTimeout):
            raise CarrierTimeout("the carrier did not answer in time") from None
        except (requests.ConnectTimeout, ConnectionRefusedError) as failure:
            raise CarrierBusy(f"the carrier could not be reached: {type(failure).__name__}") from None
        except (TwilioException, OSError) as failure:  # requests' errors are OSErrors
            kind = CarrierBusy if _never_connected(failure) else CarrierTimeout
            raise kind(f"the carrier could not be reached: {type(failure).__name__}") from None


def _refused(refusal: Any) -> CarrierError:
    """429 and 503 say that nothing was taken; of other answers from 500 on nobody knows."""
    said = f"the carrier answered {refusal.status}, code {refusal.code}"
    if refusal.code == _OPTED_OUT:
        return NumberOptedOut(said)
    if refusal.status in _NOT_NOW:
        return CarrierBusy(said)
    return CarrierTimeout(said) if refusal.status >= 500 else CarrierError(said)


def _never_connected(failure: BaseException) -> bool:
    """Whether the request cannot have left this machine: the address is unknown, or nobody listens."""
    reason = getattr(failure.args[0], "reason", None) if failure.args else None
    return isinstance(reason, NewConnectionError)
