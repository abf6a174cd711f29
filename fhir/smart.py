"""SMART Backend Services: an access token for a signed assertion, without anybody logging in.

https://hl7.org/fhir/smart-app-launch/backend-services.html, RFC 7523. One token serves all requests until a
minute before it expires; whoever needs one meanwhile waits for the same request.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import jwt
import orjson

from fhir.errors import FhirError, NetworkAmbiguous, Retryable
from fhir.smart_keys import SigningKey
from models.domain import Clock

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE_S = 240  # of an assertion; the specification allows 300 at most
EARLY_S = 60  # a token is renewed so long before its end
USUAL_LIFE_S = 300  # of a token whose answer does not say
SAME_REFUSAL_S = 5.0  # requests refused together ask for one new token
SKEW_S = 30  # of two clocks that differ by more, one is wrong
MAX_ANSWER_BYTES = 100_000
WRONG_CLOCK = "this machine's clock is"
CLOCK_FIX = (
    "Set this machine's clock (`timedatectl set-ntp true`; `firstring doctor` says whether it is kept). "
    "Where it is right, the server's is wrong: tell the EHR's operator."
)
# What Firstring reads and writes, and no more (SMART v2 scopes).
SCOPES = (
    "system/Patient.rs system/Practitioner.rs system/MedicationRequest.crs system/MedicationDispense.rs"
    " system/Slot.rs system/Schedule.rs system/Appointment.crus system/Encounter.crs"
    " system/DocumentReference.crus system/Communication.crs system/Task.crus"
    " system/QuestionnaireResponse.crs system/Observation.crs system/DetectedIssue.crs"
    " system/Device.crs system/Provenance.crs"
)


class TokenRefused(FhirError):
    """The authorisation server gave no token. ``reason`` is its coded ``error`` (RFC 6749 section 5.2)."""

    code = "smart-token"
    fix = (
        "Check FHIR_CLIENT_ID, that the server has our key set (its address, or `firstring smart-keys`), "
        "the scopes that it granted, and this machine's clock."
    )

    def __init__(self, reason: str, status: int, skew_s: float = 0.0) -> None:
        super().__init__("token", status=status)
        self.reason = reason
        clock = ""
        if abs(skew_s) > SKEW_S:
            self.fix = CLOCK_FIX
            way = "behind" if skew_s > 0 else "ahead of"
            clock = f"; {WRONG_CLOCK} {abs(skew_s):.0f} s {way} the server's"
        self.args = (f"the authorisation server refused the token: {reason or 'no reason given'}{clock}",)


@dataclass(frozen=True, slots=True)
class Registration:
    """How this server knows us. ``token_url`` "" is discovered, ``scopes`` "" are our own list."""

    client_id: str
    token_url: str = ""
    scopes: str = ""


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    got_at: datetime
    good_until: datetime


class BackendServices:
    """A `fhir.client.TokenSource`. ``key`` gives the key that signs now: it is asked anew each time."""

    def __init__(
        self,
        base_url: str,
        registration: Registration,
        key: Callable[[], SigningKey],
        http: httpx.AsyncClient,
        clock: Clock,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._registration = registration
        self._key = key
        self._http = http
        self._clock = clock
        self._token: _Token | None = None
        self._discovered: dict[str, Any] | None = None
        self._fetching: asyncio.Future[_Token] | None = None

    async def __call__(self, *, refresh: bool = False) -> str:
        """A token that is good now. Raises `TokenRefused`, `Retryable` or `NetworkAmbiguous`.

        Whoever asks while a token is being fetched gets what that brings, a failure too.
        """
        if self._token is not None and self._still_good(self._token, refresh=refresh):
            return self._token.value
        if self._fetching is None:
            self._fetching = asyncio.ensure_future(self._fetch())
            self._fetching.add_done_callback(self._fetched)
        return (await asyncio.shield(self._fetching)).value

    def _fetched(self, task: asyncio.Future[_Token]) -> None:
        self._fetching = None
        if task.cancelled() or task.exception() is not None:
            self._discovered = None  # the server may have moved: its description is asked for again
        else:
            self._token = task.result()

    def _still_good(self, token: _Token, *, refresh: bool) -> bool:
        """A refused token may have been replaced already, by another request that was refused with it."""
        now = self._clock()
        if refresh and now - token.got_at > timedelta(seconds=SAME_REFUSAL_S):
            return False
        return now < token.good_until

    async def _fetch(self) -> _Token:
        configuration = await self._configuration()
        url = self._token_url(configuration)
        form = {
            "grant_type": "client_credentials",
            "scope": _scopes(self._registration.scopes or SCOPES, configuration),
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(url),
        }
        asked_at = self._clock()
        answer = await self._ask("POST", url, data=form)
        return self._read_token(answer, asked_at)

    def _assertion(self, audience: str) -> str:
        key, issued_s = self._key(), int(self._clock().timestamp())
        claims = {
            "iss": self._registration.client_id,
            "sub": self._registration.client_id,
            "aud": audience,
            "iat": issued_s,
            "exp": issued_s + LIFE_S,
            "jti": secrets.token_urlsafe(24),
        }
        return jwt.encode(claims, key.private, algorithm=key.algorithm, headers={"kid": key.kid})

    async def _configuration(self) -> dict[str, Any]:
        """The server's own description, kept once it names a token endpoint; an address from the settings
        goes before it.
        """
        if self._discovered is not None:
            return self._discovered
        try:
            answer = await self._ask("GET", f"{self._base_url}/.well-known/smart-configuration")
        except FhirError:
            if not self._registration.token_url:
                raise
            return {}
        found = _object(answer) if answer.status_code == 200 else {}
        if found.get("token_endpoint"):
            self._discovered = found
        return found

    def _token_url(self, configuration: dict[str, Any]) -> str:
        url = self._registration.token_url or str(configuration.get("token_endpoint", ""))
        if not url:
            raise TokenRefused("the server names no token endpoint; set FHIR_TOKEN_URL", 0)
        if self._base_url.startswith("https:") and not url.startswith("https:"):
            raise TokenRefused("the token endpoint is not https", 0)
        return url

    async def _ask(self, method: str, url: str, **request: Any) -> httpx.Response:
        try:
            answer = await self._http.request(
                method, url, headers={"Accept": "application/json"}, follow_redirects=False, **request
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            raise Retryable("token") from problem
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise NetworkAmbiguous("token") from problem  # a second token does no harm
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            raise Retryable("token", status=answer.status_code)
        return answer

    def _read_token(self, answer: httpx.Response, asked_at: datetime) -> _Token:
        body = _object(answer)
        value, kind = body.get("access_token"), str(body.get("token_type", "bearer")).lower()
        if answer.status_code != 200 or not isinstance(value, str) or not value or kind != "bearer":
            raise TokenRefused(_coded(body.get("error")), answer.status_code, self._skew_s(answer))
        life_s = body.get("expires_in", USUAL_LIFE_S)
        life_s = float(life_s) if isinstance(life_s, int | float) and life_s > 0 else USUAL_LIFE_S
        early_s = min(EARLY_S, life_s / 2)
        return _Token(value, self._clock(), asked_at + timedelta(seconds=life_s - early_s))

    def _skew_s(self, answer: httpx.Response) -> float:
        """How far the server's clock is ahead of ours, 0 when it does not say."""
        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", ""))
            return (theirs - self._clock()).total_seconds()
        except (ValueError, TypeError):
            return 0.0


def _scopes(wanted: str, configuration: dict[str, Any]) -> str:
    """The scopes in the form that the server knows: v1 only where it names v1 and not v2."""
    capabilities = configuration.get("capabilities") or ()
    if "permission-v1" not in capabilities or "permission-v2" in capabilities:
        return wanted
    return " ".join(dict.fromkeys(one for scope in wanted.split() for one in _as_v1(scope)))


def _as_v1(scope: str) -> list[str]:
    """``system/Task.crus`` -> ``system/Task.read`` and ``.write``, as the specification maps them."""
    place, _, letters = scope.split("?")[0].rpartition(".")
    kinds = {"read": set("rs"), "write": set("cud")}
    if not set(letters) <= set("cruds"):
        return [scope]
    return [f"{place}.{kind}" for kind, of in kinds.items() if of & set(letters)]


def _object(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer, empty for anything else."""
    try:
        body = orjson.loads(answer.content[:MAX_ANSWER_BYTES])
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _coded(error: object) -> str:
    """The error's code alone: a server's free text stays out of messages and logs."""
    text = str(error or "")
    return text if len(text) <= 40 and text.replace("_", "").isalpha() else ""
