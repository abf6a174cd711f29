"""The carrier's requests to the server: addresses, forms, signatures, retry.

Sources: https://www.twilio.com/docs/voice/twiml#request-parameters,
https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urldefrag

import httpx
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from telephony.double.errors import DoubleError

WEBHOOK_LIMIT_S = 15.0  # Twilio's hard ceiling for voice
CONNECT_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Account:
    """One number's configuration at the carrier, and where the server really listens."""

    base_url: str
    public_url: str
    account_sid: str
    auth_token: str

    def real(self, url: str) -> str:
        """Where to connect for a public address. Raises ``DoubleError`` for somebody else's."""
        for scheme in ("http", "ws"):
            public, base = _scheme(self.public_url, scheme), _scheme(self.base_url, scheme)
            if url.startswith(public + "/"):
                return base + url.removeprefix(public)
        raise DoubleError(f"{url} is not under the public address {self.public_url}")

    def sign(self, url: str, fields: Mapping[str, str]) -> str:
        return str(RequestValidator(self.auth_token).compute_signature(url, dict(fields)))


def _scheme(url: str, scheme: str) -> str:
    """An http(s) base as itself, or as the ws(s) address of the same place."""
    url = url.rstrip("/")
    return url if scheme == "http" else "ws" + url.removeprefix("http")


class CarrierClient:
    """Signed webhooks for one call."""

    def __init__(self, account: Account) -> None:
        self.account = account
        limits = httpx.Timeout(WEBHOOK_LIMIT_S, connect=CONNECT_LIMIT_S)
        self._http = httpx.AsyncClient(timeout=limits, trust_env=False, follow_redirects=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def post(self, url: str, fields: Mapping[str, str]) -> str:
        """The answer's body. One retry when no connection was made, or by the address's own wish (``rt``)
        when the answer was lost. Raises ``DoubleError``.
        """
        url, fragment = urldefrag(url)  # which is not signed
        headers = {
            "X-Twilio-Signature": self.account.sign(url, fields),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),
            "User-Agent": "TwilioProxy/1.1",
        }
        address = self.account.real(url)
        try:
            answer = await self._http.post(address, data=dict(fields), headers=headers)
        except httpx.ConnectError:
            answer = await self._send_again(url, address, fields, headers)
        except httpx.HTTPError as failure:
            if "rt" not in fragment:
                raise DoubleError(f"11200 no answer from {url}: {type(failure).__name__}") from None
            answer = await self._send_again(url, address, fields, headers)
        if not answer.is_success:
            raise DoubleError(f"11200 {url} answered {answer.status_code}")
        return answer.text

    async def get(self, url: str) -> bytes:
        """Something to play. Raises ``DoubleError``."""
        try:
            answer = await self._http.get(self.account.real(url))
        except httpx.HTTPError as failure:
            raise DoubleError(f"11200 no answer from {url}: {type(failure).__name__}") from None
        if not answer.is_success:
            raise DoubleError(f"11200 {url} answered {answer.status_code}")
        return answer.content

    async def _send_again(
        self, url: str, address: str, fields: Mapping[str, str], headers: Mapping[str, str]
    ) -> httpx.Response:
        try:
            return await self._http.post(address, data=dict(fields), headers=dict(headers))
        except httpx.HTTPError as failure:
            raise DoubleError(f"11200 no answer from {url}: {type(failure).__name__}") from None


@dataclass(frozen=True, slots=True)
class Leg:
    """The call as its forms name it."""

    call_sid: str
    account_sid: str
    from_number: str
    to_number: str
    forwarded_from: str = ""

    def form(self, status: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The fields of every voice webhook; the empty ones are sent too, as Twilio does."""
        fields = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": self.call_sid,
            "CallStatus": status,
            "Called": self.to_number,
            "CalledCity": "",
            "Caller": self.from_number,
            "CallerCity": "",
            "Direction": "inbound",
            "From": self.from_number,
            "FromState": "",
            "To": self.to_number,
        }
        if self.forwarded_from:
            fields["ForwardedFrom"] = self.forwarded_from
        return {**fields, **(more or {})}
