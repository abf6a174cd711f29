"""An account at the carrier, and a call as its forms name it.

Source: https://www.twilio.com/docs/voice/twiml#request-parameters
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from telephony.double.errors import DoubleError
from telephony.double.ways import NETWORK, Way

API_VERSION = "2010-04-01"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Account:
    """One number's configuration at the carrier, and where the server really listens."""

    base_url: str
    public_url: str
    account_sid: str
    auth_token: str
    way: Way = NETWORK

    def real(self, url: str) -> str:
        """Where to connect for a public address. Raises ``DoubleError`` for somebody else's."""
        for scheme in ("http", "ws"):
            public, base = _scheme(self.public_url, scheme), _scheme(self.base_url, scheme)
            if url.startswith(public + "/"):
                return base + url.removeprefix(public)
        if urlsplit(url).hostname in _LOOPBACK:
            return url  # somebody else's, but on this machine: a test's own fallback
        raise DoubleError(f"{url} is not under the public address {self.public_url}")

    def url(self, path: str) -> str:
        return self.public_url.rstrip("/") + path

    def sign(self, url: str, fields: Mapping[str, str]) -> str:
        return str(RequestValidator(self.auth_token).compute_signature(url, dict(fields)))


def _scheme(url: str, scheme: str) -> str:
    """An http(s) base as itself, or as the ws(s) address of the same place."""
    url = url.rstrip("/")
    return url if scheme == "http" else "ws" + url.removeprefix("http")


@dataclass(frozen=True, slots=True)
class Leg:
    """The call as its forms name it."""

    call_sid: str
    account_sid: str
    from_number: str
    to_number: str
    forwarded_from: str = ""
    direction: str = "inbound"  # or outbound-api, outbound-dial
    parent_call_sid: str = ""

    def form(self, status: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The fields of every voice webhook; the empty ones are sent too, as Twilio does."""
        fields = {
            "AccountSid": self.account_sid,
            "ApiVersion": API_VERSION,
            "CallSid": self.call_sid,
            "CallStatus": status,
            "Called": self.to_number,
            "CalledCity": "",
            "Caller": self.from_number,
            "CallerCity": "",
            "Direction": self.direction,
            "From": self.from_number,
            "FromState": "",
            "To": self.to_number,
        }
        optional = {"ForwardedFrom": self.forwarded_from, "ParentCallSid": self.parent_call_sid}
        return {**fields, **{name: value for name, value in optional.items() if value}, **(more or {})}
