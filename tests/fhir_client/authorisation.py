"""An authorisation server that checks an assertion as SMART Backend Services says, with its own hands.

It reads the signature by `cryptography` alone, not by the library that made it.
https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html#signature-verification
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

BASE = "https://ehr.test/fhir"
TOKEN_URL = "https://auth.ehr.test/token"
CLIENT_ID = "firstring-test"
MOST_LIFE_S = 300


class Refused(Exception):
    """With the error code of RFC 6749 section 5.2."""


@dataclass
class AuthorisationServer:
    """``jwks`` gives the client's published key set, fetched anew for a kid that is not known."""

    now: Callable[[], datetime]
    jwks: Callable[[], dict[str, Any]]
    life_s: int = 300
    capabilities: tuple[str, ...] = ("client-confidential-asymmetric", "permission-v2")
    granted: set[str] = field(default_factory=set)
    scopes_asked: list[str] = field(default_factory=list)
    fetched: int = 0
    fail_with: list[int] = field(default_factory=list)  # HTTP statuses of the next token answers
    ends_after_s: float | None = None  # the chart refuses a token so soon, whatever was promised
    moved_to: str = ""  # the token endpoint's new address
    describes: tuple[int, bytes] | None = None  # instead of its own description
    ended: list[str] = field(default_factory=list)  # tokens that were refused as too old
    _granted_at: dict[str, datetime] = field(default_factory=dict)
    _seen_jti: set[str] = field(default_factory=set)
    _known_keys: dict[str, dict[str, Any]] = field(default_factory=dict)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) == f"{BASE}/.well-known/smart-configuration":
            return self._description()
        if str(request.url) == self._token_url and request.method == "POST":
            return self._token(request)
        if str(request.url).startswith(BASE):
            return self._chart(request)
        return httpx.Response(404)

    @property
    def _token_url(self) -> str:
        return self.moved_to or TOKEN_URL

    def _description(self) -> httpx.Response:
        if self.describes is not None:
            status, content = self.describes
            return httpx.Response(status, content=content)
        known = {"token_endpoint": self._token_url, "capabilities": list(self.capabilities)}
        return httpx.Response(200, json=known)

    def _token(self, request: httpx.Request) -> httpx.Response:
        date = {"Date": format_datetime(self.now(), usegmt=True)}
        if self.fail_with:
            return httpx.Response(self.fail_with.pop(0), headers=date)
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        try:
            self._check(form)
        except Refused as refusal:
            return httpx.Response(400, json={"error": str(refusal)}, headers=date)
        token = f"token-{len(self.granted) + 1}"
        self.granted.add(token)
        self._granted_at[token] = self.now()
        self.scopes_asked.append(form["scope"])
        body = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": self.life_s,
            "scope": form["scope"],
        }
        return httpx.Response(200, json=body, headers=date)

    def _check(self, form: dict[str, str]) -> None:
        if form.get("grant_type") != "client_credentials":
            raise Refused("unsupported_grant_type")
        if form.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
            raise Refused("invalid_request")
        if not form.get("scope"):
            raise Refused("invalid_scope")
        head, claims, signature, signed = _parts(form.get("client_assertion", ""))
        self._check_signature(head, signature, signed)
        self._check_claims(claims)

    def _check_signature(self, head: dict[str, Any], signature: bytes, signed: bytes) -> None:
        if head.get("alg") not in ("RS384", "ES384") or head.get("typ") != "JWT" or not head.get("kid"):
            raise Refused("invalid_client")
        if head["kid"] not in self._known_keys:
            self.fetched += 1
            self._known_keys = {key["kid"]: key for key in self.jwks()["keys"]}
        key = self._known_keys.get(head["kid"])
        if key is None or key.get("alg", head["alg"]) != head["alg"] or "d" in key:
            raise Refused("invalid_client")
        try:
            _verify(key, signature, signed)
        except InvalidSignature:
            raise Refused("invalid_client") from None

    def _check_claims(self, claims: dict[str, Any]) -> None:
        now_s = self.now().timestamp()
        wrong = (
            claims.get("iss") != CLIENT_ID
            or claims.get("sub") != CLIENT_ID
            or claims.get("aud") != self._token_url
            or not now_s < claims.get("exp", 0) <= now_s + MOST_LIFE_S
            or not claims.get("jti")
            or claims["jti"] in self._seen_jti
        )
        if wrong:
            raise Refused("invalid_client")
        self._seen_jti.add(claims["jti"])

    def _chart(self, request: httpx.Request) -> httpx.Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.granted:
            return httpx.Response(401)
        age_s = (self.now() - self._granted_at.get(token, self.now())).total_seconds()
        if age_s > (self.life_s if self.ends_after_s is None else self.ends_after_s):
            self.ended.append(token)
            return httpx.Response(401)
        return httpx.Response(200, json={"resourceType": "Patient", "id": "p1"})


def _parts(assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    try:
        head, claims, signature = assertion.split(".")
        return (
            orjson.loads(_bytes(head)),
            orjson.loads(_bytes(claims)),
            _bytes(signature),
            f"{head}.{claims}".encode(),
        )
    except ValueError:
        raise Refused("invalid_client") from None


def _verify(key: dict[str, Any], signature: bytes, signed: bytes) -> None:
    if key["kty"] == "RSA":
        numbers = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"]))
        numbers.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA384())
        return
    half = len(signature) // 2
    if key["crv"] != "P-384" or half != 48:
        raise InvalidSignature
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    public = ec.EllipticCurvePublicNumbers(_number(key["x"]), _number(key["y"]), ec.SECP384R1())
    public.public_key().verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA384()))


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text), "big")
