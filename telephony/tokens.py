"""Single-use stream tokens: the last part of a media stream's address.

A carrier signature has neither time nor nonce: whoever saw one upgrade of a fixed address could
open it for ever. So every address is new: it expires, is bound to one call, and works once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.domain import Clock
from models.errors import SignatureError

LIFETIME_S = 60
_NONCE_BYTES = 16
_EXPIRY_BYTES = 8
_MAC_BYTES = 16
_TOKEN_BYTES = _NONCE_BYTES + _EXPIRY_BYTES + 2 * _MAC_BYTES

Burn = Callable[[str], Awaitable[bool]]


class TokenError(SignatureError):
    """A stream token that is forged, expired, used, or another call's."""

    code = "stream-token"
    fix = "None needed for a replayed address. If every call fails so: check this machine's clock."


@dataclass(frozen=True, slots=True)
class TokenClaim:
    """A genuine, unexpired token, not yet shown to be this call's nor burned."""

    nonce: str
    expires: datetime
    binding: bytes


class StreamTokens:
    """``burn(nonce)`` remembers a nonce for at least ``LIFETIME_S`` and answers False if it knew it."""

    def __init__(self, secret: bytes, clock: Clock, burn: Burn) -> None:
        self._secret = secret
        self._clock = clock
        self._burn = burn

    def mint(self, call_sid: str) -> str:
        """A token for one stream of this call; url-safe, 75 characters."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        expires = self._clock() + timedelta(seconds=LIFETIME_S)
        head = nonce + int(expires.timestamp() * 1_000).to_bytes(_EXPIRY_BYTES, "big")
        head += self._mac(b"call", nonce + call_sid.encode())
        return _spelled(head + self._mac(b"token", head))

    def check(self, token: str) -> TokenClaim:
        """Before a socket is accepted: ours and not expired. Raises ``TokenError``."""
        raw = _decode(token)
        head, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(b"token", head)):
            raise TokenError("the stream token is not ours")
        expiry = int.from_bytes(head[_NONCE_BYTES : _NONCE_BYTES + _EXPIRY_BYTES], "big")
        expires = datetime.fromtimestamp(expiry / 1_000, UTC)
        if self._clock() >= expires:
            raise TokenError("the stream token has expired")
        return TokenClaim(head[:_NONCE_BYTES].hex(), expires, head[-_MAC_BYTES:])

    async def bind(self, claim: TokenClaim, call_sid: str) -> None:
        """At ``start``: this call's, and used now for the first and only time. Raises ``TokenError``."""
        expected = self._mac(b"call", bytes.fromhex(claim.nonce) + call_sid.encode("utf-8", "replace"))
        if not hmac.compare_digest(claim.binding, expected):
            raise TokenError("the stream token belongs to another call")
        if not await self._burn(claim.nonce):
            raise TokenError("the stream token was used before")

    async def redeem(self, token: str, call_sid: str) -> None:
        """``check`` and ``bind`` in one, where both are known at once."""
        await self.bind(self.check(token), call_sid)

    def _mac(self, purpose: bytes, content: bytes) -> bytes:
        return hmac.new(self._secret, purpose + b"\0" + content, hashlib.sha256).digest()[:_MAC_BYTES]


def _decode(token: str) -> bytes:
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise TokenError("the stream token is not one of ours") from None
    # The last character has bits that say nothing: one token must not be good in several spellings.
    if len(raw) != _TOKEN_BYTES or _spelled(raw) != token:
        raise TokenError("the stream token is not one of ours")
    return raw


def _spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
