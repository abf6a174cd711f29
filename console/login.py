"""HTTP Basic sign-in: argon2 in threads, remembered briefly, slower after every failure."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import HTTPException, Request

from console.users import Staff, check_password
from models import audit
from models.domain import Clock
from models.storage import Storage
from models.tables import StaffUser

REMEMBER_S = 60.0
FREE_FAILURES = 3
LONGEST_WAIT_S = 60.0  # short enough that nobody can keep a colleague out for long
FORGET_S = 900.0
MOST_REMEMBERED = 2_000
HASHES_AT_ONCE = 2  # argon2 takes 64 MiB each
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Firstring staff", charset="UTF-8"'}


@dataclass
class _Failures:
    count: int = 0
    last: float = 0.0

    def wait_s(self, now: float) -> float:
        """How long until the next try is allowed: 0, then 1, 2, 4... seconds after the last failure."""
        if self.count < FREE_FAILURES:
            return 0.0
        pause: float = min(2.0 ** (self.count - FREE_FAILURES), LONGEST_WAIT_S)
        return max(0.0, self.last + pause - now)


class Backoff:
    """Counts failures per account and per address."""

    def __init__(self) -> None:
        self._failures: dict[str, _Failures] = {}

    def wait_s(self, keys: tuple[str, ...], now: float) -> float:
        return max(self._failures[key].wait_s(now) if key in self._failures else 0.0 for key in keys)

    def failed(self, keys: tuple[str, ...], now: float) -> None:
        self._forget(now)
        for key in keys:
            entry = self._failures.setdefault(key, _Failures())
            entry.count, entry.last = entry.count + 1, now

    def succeeded(self, keys: tuple[str, ...]) -> None:
        for key in keys:
            self._failures.pop(key, None)

    def _forget(self, now: float) -> None:
        if len(self._failures) >= MOST_REMEMBERED:
            fresh = {k: f for k, f in self._failures.items() if now - f.last < FORGET_S}
            self._failures = dict(
                sorted(fresh.items(), key=lambda item: item[1].last)[-MOST_REMEMBERED // 2 :]
            )


class Door:
    """The dependency that every page stands behind: gives the `Staff` member or raises 401, 403, 429."""

    def __init__(
        self, storage: Storage, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._monotonic = monotonic
        self._key = secrets.token_bytes(32)
        self._remembered: dict[str, tuple[Staff, float]] = {}
        self._backoff = Backoff()
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)

    async def __call__(self, request: Request) -> Staff:
        name, password = _credentials(request.headers.get("authorization", ""))
        print_of_them = self._print(name, password)
        staff = self._remembered_staff(print_of_them)
        if staff is None:
            staff = await self._check(request, name, password)
            self._remember(print_of_them, staff)
        request.state.staff = staff
        return staff

    def forget(self, name: str) -> None:
        """Ask again at this person's next request (the password was changed)."""
        self._remembered = {k: v for k, v in self._remembered.items() if v[0].name != name}

    async def _check(self, request: Request, name: str, password: str) -> Staff:
        address = request.client.host if request.client else ""
        keys = (f"account {name.casefold()}", f"address {address}")
        wait_s = self._backoff.wait_s(keys, self._monotonic())
        if wait_s > 0:
            raise HTTPException(429, "Too many attempts.", {"Retry-After": str(int(wait_s) + 1)})
        user = await self._storage.read(lambda session: session.get(StaffUser, name))
        async with self._hashing:
            right = await asyncio.to_thread(check_password, user, password)
        if not right or user is None:
            self._backoff.failed(keys, self._monotonic())
            await self._note("sign-in refused", "unknown" if user is None else name)
            raise HTTPException(401, "Please sign in.", CHALLENGE)
        self._backoff.succeeded(keys)
        await self._note("sign-in", name)
        return Staff(user.name, user.role, user.must_change)

    async def _note(self, action: str, name: str) -> None:
        """A name that is nobody's is not written down: people type passwords there."""
        at = self._clock()
        await self._storage.write(
            lambda session: audit.append(session, at=at, actor=name, action=action, subject="console")
        )

    def _print(self, name: str, password: str) -> str:
        message = f"{len(name)} {name} {password}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()

    def _remembered_staff(self, print_of_them: str) -> Staff | None:
        staff, until = self._remembered.get(print_of_them, (None, 0.0))
        return staff if self._monotonic() < until else None

    def _remember(self, print_of_them: str, staff: Staff) -> None:
        now = self._monotonic()
        self._remembered = {k: v for k, v in self._remembered.items() if v[1] > now}
        self._remembered[print_of_them] = (staff, now + REMEMBER_S)


def _credentials(header: str) -> tuple[str, str]:
    """Name and password of an Authorization header (RFC 7617). Raises HTTPException 401."""
    scheme, _, encoded = header.partition(" ")
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        decoded = ""
    name, colon, password = decoded.partition(":")
    if scheme.lower() != "basic" or not colon or not name or len(decoded) > 500 or "\0" in decoded:
        raise HTTPException(401, "Please sign in.", CHALLENGE)
    return name, password
