"""Signing in with the practice's own identity provider: OpenID Connect, authorization code with PKCE.

https://openid.net/specs/openid-connect-core-1_0.html sections 3.1.2 and 3.1.3.7, RFC 7636, RFC 9207.
The provider says who somebody is; who may do what stays in the table of people here.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt

from models.errors import SignOnError

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")  # asymmetric ones only: our secret signs nothing
LEEWAY_S = 60.0
KNOWN_FOR_S = 3_600.0  # how long the provider's description and keys are taken as read
NEW_KEYS_AFTER_S = 60.0  # a token of an unknown key has them asked for before that, and no more often
MFA = "mfa"  # RFC 8176: how somebody proved who they are; below what they know, have and are
FACTORS = (
    frozenset({"pwd", "pin", "kba"}),
    frozenset({"otp", "hwk", "sc", "pop"}),
    frozenset({"fpt", "face", "iris", "retina", "vbm"}),
)
BACK = "/sign-in/back"


@dataclass(frozen=True)
class SignOnConfig:
    """``console_url`` is the address under which staff open the console. ``claim`` of the ID token names the
    person as the table of people does."""

    issuer: str
    client_id: str
    client_secret: str
    console_url: str
    claim: str = "preferred_username"

    @property
    def back(self) -> str:
        return f"{self.console_url.rstrip('/')}{BACK}"


@dataclass(frozen=True)
class Begun:
    """What this browser alone knows between leaving for the provider and coming back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Begun:
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @classmethod
    def read(cls, kept: str) -> Begun | None:
        parts = kept.split(".")
        return cls(*parts) if len(parts) == 3 and all(parts) else None

    @property
    def kept(self) -> str:
        return f"{self.state}.{self.nonce}.{self.verifier}"

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True)
class Known:
    """Somebody, as the provider vouches for them. ``strong``: with factors of two kinds."""

    name: str
    strong: bool


class SignOn:
    """One provider. Its description and keys are fetched when they are first needed, and kept for an hour."""

    def __init__(self, config: SignOnConfig, http: httpx.AsyncClient) -> None:
        self.config = config
        self._http = http
        self._described: Mapping[str, Any] = {}
        self._keys: jwt.PyJWKSet | None = None
        self._asked_at = -KNOWN_FOR_S

    async def address(self, begun: Begun) -> str:
        """Where the browser is sent. Raises `SignOnError` when the provider cannot be reached."""
        described, _ = await self._provider()
        asked = {
            "response_type": "code",
            "scope": "openid profile email",
            "client_id": self.config.client_id,
            "redirect_uri": self.config.back,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": begun.challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in described["authorization_endpoint"] else "?"
        return f"{described['authorization_endpoint']}{joint}{urlencode(asked)}"

    async def known(self, code: str, begun: Begun) -> Known:
        """Who came back with ``code``. Raises `SignOnError` where that is not proved."""
        described, _ = await self._provider()
        token = await self._token(described["token_endpoint"], code, begun)
        claims = self._claims(token, await self._keys_for(token))
        if not secrets.compare_digest(str(claims.get("nonce", "")), begun.nonce):
            raise SignOnError("the identity provider's answer is not to this sign-in")
        return Known(self._name(claims), is_strong(_words(claims.get("amr"))))

    async def _token(self, endpoint: str, code: str, begun: Begun) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.config.back,
            "code_verifier": begun.verifier,
        }
        secret = httpx.BasicAuth(self.config.client_id, self.config.client_secret)
        try:
            answer = await self._http.post(endpoint, data=form, auth=secret)
            token = answer.json()["id_token"] if answer.is_success else None
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as problem:
            raise SignOnError("the identity provider gave no ID token") from problem
        if not isinstance(token, str):
            raise SignOnError(f"the identity provider refused the code with HTTP {answer.status_code}")
        return token

    def _claims(self, token: str, keys: jwt.PyJWKSet) -> dict[str, Any]:
        try:
            key = keys[jwt.get_unverified_header(token)["kid"]]
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self.config.client_id,
                issuer=self.config.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, KeyError) as problem:
            raise SignOnError(f"the ID token does not hold: {type(problem).__name__}") from problem
        if claims.get("azp", self.config.client_id) != self.config.client_id:
            raise SignOnError("the ID token is for another client")
        return claims

    def _name(self, claims: Mapping[str, Any]) -> str:
        name = claims.get(self.config.claim)
        if not isinstance(name, str) or not name:
            raise SignOnError(f"the ID token has no claim {self.config.claim!r}")
        if self.config.claim == "email" and claims.get("email_verified") is not True:
            raise SignOnError("the identity provider has not verified this e-mail address")
        return name

    async def _keys_for(self, token: str) -> jwt.PyJWKSet:
        """With the key that has signed it, where the provider has changed keys meanwhile
        (https://openid.net/specs/openid-connect-core-1_0.html section 10.1.1)."""
        _, keys = await self._provider()
        known = {key.key_id for key in keys.keys}
        is_due = time.monotonic() - self._asked_at >= NEW_KEYS_AFTER_S
        if is_due and _key_id(token) not in known:
            self._keys = None
            _, keys = await self._provider()
        return keys

    async def _provider(self) -> tuple[Mapping[str, Any], jwt.PyJWKSet]:
        now = time.monotonic()
        if self._keys is None or now - self._asked_at >= KNOWN_FOR_S:
            self._described, self._keys = await self._ask()
            self._asked_at = now
        return self._described, self._keys

    async def _ask(self) -> tuple[Mapping[str, Any], jwt.PyJWKSet]:
        base = self.config.issuer.rstrip("/")
        described = await self._get(f"{base}/.well-known/openid-configuration")
        if described.get("issuer") != self.config.issuer:
            raise SignOnError("the identity provider calls itself by another name than OIDC_ISSUER")
        try:
            keys = jwt.PyJWKSet.from_dict(await self._get(described["jwks_uri"]))
            addresses = [described[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        except (jwt.PyJWTError, KeyError) as problem:
            raise SignOnError("the identity provider's description lacks something") from problem
        if base.startswith("https://") and not all(str(one).startswith("https://") for one in addresses):
            raise SignOnError("the identity provider names an address that could be listened to")
        return described, keys

    async def _get(self, address: str) -> dict[str, Any]:
        try:
            answer = await self._http.get(address)
            found = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as problem:
            raise SignOnError("the identity provider cannot be reached") from problem
        if not isinstance(found, dict):
            raise SignOnError("the identity provider answered with something else than an object")
        return found


def is_strong(methods: Iterable[str]) -> bool:
    """One-time passwords or fingerprints alone are one factor, and no second one."""
    given = frozenset(methods)
    return MFA in given or sum(not kind.isdisjoint(given) for kind in FACTORS) >= 2


def _key_id(token: str) -> str | None:
    try:
        return jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError:
        return None


def _words(value: object) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
