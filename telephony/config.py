"""What the carrier edge must be told. Frozen; checked when made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from models.errors import SettingsError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
E164 = re.compile(r"\+[1-9][0-9]{6,14}")  # ITU-T E.164: at most 15 digits
UNSERVED = "/twilio/busy/unserved"  # a door: the practice's telephone took no call that we could not serve
# The carrier's connection overrides: a process killed while it answers is asked again, within 15 s in all.
# https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
ASK_AGAIN = "#rc=3&rp=ct,rt"


@dataclass(frozen=True, slots=True)
class TelephonyConfig:
    """``public_url`` is this server as the carrier knows it, the only base of every signed URL.

    A path in it is a prefix that the proxy in front strips. Raises ``SettingsError``.
    """

    public_url: str
    account_sid: str
    practice_number: str  # E.164: where a call goes that we cannot serve
    auth_token: str = field(repr=False)
    other_token: str = field(default="", repr=False)  # signs for the account too, while one follows the other
    unheard: str = ""  # said to a new caller whom we cannot serve, before the practice's telephone rings
    signing_keys: Mapping[str, str] = field(default_factory=dict, repr=False)  # SharedKey id -> secret
    body_limit_bytes: int = 65_536
    body_limit_s: float = 5.0  # to read a request's body
    handler_limit_s: float = 8.0  # the carrier gives up after 15 s
    answer_limit_s: float = 2.5  # of that, while a caller hears nothing: then the practice is dialled
    start_limit_s: float = 5.0  # from accepting a stream to its start message
    idle_limit_s: float = 30.0  # frames come every 20 ms, also in silence
    garbage_limit: int = 50  # malformed messages in a row
    burst_s: float = 10.0  # of audio that may come at once, as after a stalled network; then in real time

    def __post_init__(self) -> None:
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        check_public_url(self.public_url)
        if not self.account_sid:
            raise SettingsError("TWILIO_ACCOUNT_SID is empty")
        if not self.auth_token:
            raise SettingsError("TWILIO_AUTH_TOKEN is empty")
        if not E164.fullmatch(self.practice_number):
            raise SettingsError("the practice's number is not E.164 (+ and 7 to 15 digits)")

    def url(self, path: str) -> str:
        """A webhook's public address: ``config.url("/twilio/resume")``."""
        return self.public_url + path

    def socket_url(self, path: str) -> str:
        """The same in its ``wss://`` form, which is how the carrier signs a socket's upgrade."""
        return "ws" + self.public_url.removeprefix("http") + path

    def stream_url(self, token: str) -> str:
        """Where the carrier opens a call's media stream."""
        return self.socket_url(f"/twilio/media/{token}")


def check_public_url(public_url: str) -> None:
    """Raises SettingsError unless the carrier could use it: https, and nothing after the path."""
    try:
        parts = urlsplit(public_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SettingsError("PUBLIC_URL is not a URL") from None
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError("PUBLIC_URL must be an address such as https://phone.example.org")
    if parts.scheme == "http" and host not in _LOOPBACK:
        raise SettingsError("PUBLIC_URL must be https: the carrier opens media streams over wss only")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise SettingsError("PUBLIC_URL must have no query, fragment or user name")
