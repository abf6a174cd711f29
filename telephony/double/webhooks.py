"""The carrier's signed requests to the server: time limits, retry, and the token that tells a repeat.

Sources: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides (defaults: 5 s to
connect, 15 s to read, 15 s in all, one retry when no connection was made; a fragment of the address
overrides them and is not signed), https://www.twilio.com/docs/errors/11200 and /11205.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

import httpx

from telephony.double.carrier import Account
from telephony.double.errors import DoubleError
from telephony.double.faults import Network

CEILING_S = 15.0  # of a voice webhook, all attempts together
MAX_RETRIES = 5
POLICIES = frozenset({"4xx", "5xx", "ct", "rt"})


@dataclass(frozen=True, slots=True)
class Overrides:
    """How one address wants to be asked."""

    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = CEILING_S
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})


def overrides(fragment: str) -> Overrides:
    """``rc=3&rp=ct,rt&ct=1000``. Raises ``DoubleError`` for values that Twilio would refuse."""
    given = dict(parse_qsl(fragment))
    policy = frozenset(given.get("rp", "ct").split(","))
    if "all" in policy:
        policy = POLICIES
    if not policy <= POLICIES:
        raise DoubleError(f"11243 no retry policy: {given['rp']}")
    return Overrides(
        connect_s=_seconds(given, "ct", 5_000, 10_000),
        read_s=_seconds(given, "rt", 15_000, 15_000),
        total_s=_seconds(given, "tt", 15_000, 15_000),
        retries=_whole(given, "rc", 1, 0, MAX_RETRIES),
        policy=policy,
    )


def _seconds(given: Mapping[str, str], name: str, default_ms: int, most_ms: int) -> float:
    return _whole(given, name, default_ms, 100, most_ms) / 1_000


def _whole(given: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, str(default))
    if not text.isdigit() or not least <= int(text) <= most:
        raise DoubleError(f"11200 the address's {name}={text} is not between {least} and {most}")
    return int(text)


class _Failed(Exception):
    """One attempt: ``kind`` is its name in a retry policy."""

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(problem)
        self.kind = kind


class CarrierClient:
    """Requests of one account. Each is a connection of its own, as from the carrier's many proxies."""

    def __init__(self, account: Account, network: Network | None = None) -> None:
        self.account = account
        self._network = network or Network()

    async def post(self, url: str, fields: Mapping[str, str]) -> str:
        """The answer's body. Raises ``DoubleError`` when the attempts that the address allows failed."""
        address, fragment = urldefrag(url)
        wanted, headers = overrides(fragment), self._headers(address, fields)
        fault = self._network.fault(address)
        try:
            async with asyncio.timeout(wanted.total_s):
                await asyncio.sleep(fault.late_s)
                for _ in range(fault.copies - 1):
                    with contextlib.suppress(_Failed):
                        await self._attempt(address, fields, headers, wanted)
                return await self._attempts(address, fields, headers, wanted)
        except TimeoutError:
            raise DoubleError(f"11200 no answer from {address} in {wanted.total_s:g} s") from None

    async def get(self, url: str) -> bytes:
        """Something to play. Raises ``DoubleError``."""
        try:
            async with self._http(Overrides()) as http:
                answer = await http.get(self.account.real(url))
        except httpx.HTTPError as failure:
            raise DoubleError(f"11200 no answer from {url}: {type(failure).__name__}") from None
        if not answer.is_success:
            raise DoubleError(f"11200 {url} answered {answer.status_code}")
        return answer.content

    def _http(self, wanted: Overrides) -> httpx.AsyncClient:
        return self.account.way.http(httpx.Timeout(wanted.read_s, connect=wanted.connect_s))

    def _headers(self, url: str, fields: Mapping[str, str]) -> dict[str, str]:
        return {
            "X-Twilio-Signature": self.account.sign(url, fields),
            "I-Twilio-Idempotency-Token": secrets.token_hex(16),  # one for all attempts
            "User-Agent": "TwilioProxy/1.1",
        }

    async def _attempts(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str], wanted: Overrides
    ) -> str:
        for left in range(wanted.retries, -1, -1):
            try:
                return await self._attempt(url, fields, headers, wanted)
            except _Failed as failure:
                if not left or failure.kind not in wanted.policy:
                    raise DoubleError(str(failure)) from None
        raise AssertionError("the last attempt answers or raises")

    async def _attempt(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str], wanted: Overrides
    ) -> str:
        address, (arrives, is_heard) = self.account.real(url), self._network.attempt(url)
        try:
            if not arrives:
                raise httpx.ConnectError("lost on the way")
            async with self._http(wanted) as http:
                answer = await http.post(address, data=dict(fields), headers=dict(headers))
            if not is_heard:
                raise httpx.ReadTimeout("the answer was lost")
        except (httpx.ConnectError, httpx.ConnectTimeout) as failure:
            raise _Failed("ct", f"11205 no connection to {url}: {type(failure).__name__}") from None
        except httpx.HTTPError as failure:
            raise _Failed("rt", f"11200 no answer from {url}: {type(failure).__name__}") from None
        if not answer.is_success:
            kind = "5xx" if answer.status_code >= 500 else "4xx"
            raise _Failed(kind, f"11200 {url} answered {answer.status_code}")
        return answer.text
