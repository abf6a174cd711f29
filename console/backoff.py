"""Slower after every failure: how long an account and an address wait before the next try."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import HTTPException

FREE_FAILURES = 3
LONGEST_WAIT_S = 60.0  # short enough that nobody can keep a colleague out for long
FORGET_S = 900.0
MOST_REMEMBERED = 2_000


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

    def refuse_early(self, keys: tuple[str, ...], now: float) -> None:
        """Raises HTTPException 429 with the seconds to wait."""
        wait_s = self.wait_s(keys, now)
        if wait_s > 0:
            raise HTTPException(429, "Too many attempts.", {"Retry-After": str(int(wait_s) + 1)})

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
