"""What a sender of the benchmark is told: which database, which server, at which pace; and its token."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx


@dataclass(frozen=True)
class Sending:
    """``hurry`` shortens the waits between attempts to this share, so that a test of days takes minutes."""

    database_url: str
    keys: Path
    base_url: str
    limit_s: float = 15.0
    lease_s: float = 45.0
    in_flight_s: float = 15.0
    reconcile_s: float = 30.0
    hurry: float = 1.0


class FetchedToken:
    """A token from the server's own endpoint, asked for anew when it was refused."""

    def __init__(self, base_url: str, http: httpx.AsyncClient) -> None:
        self._url = base_url.removesuffix("/fhir") + "/token"
        self._http = http
        self._token = ""

    async def __call__(self, *, refresh: bool = False) -> str:
        if refresh or not self._token:
            with contextlib.suppress(httpx.HTTPError):
                self._token = (await self._http.post(self._url)).json()["access_token"]
        return self._token


def utc_now() -> datetime:
    return datetime.now(UTC)
