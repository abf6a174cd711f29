"""How often one session may send forms: a burst for a busy hand, then a steady pace."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import HTTPException

BURST = 60  # forms at once: nobody's hands are faster, a runaway script's are
EACH_S = 1.0  # one more form every second after that
MOST_REMEMBERED = 2_000


@dataclass
class _Bucket:
    left: float
    at: float


class Buckets:
    """One for each key. A full one is forgotten: it says the same as none."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str, now: float) -> None:
        """Raises HTTPException 429 with the seconds to wait when nothing is left."""
        if len(self._buckets) >= MOST_REMEMBERED:
            self._forget_full(now)
        bucket = self._buckets.setdefault(key, _Bucket(BURST, now))
        bucket.left, bucket.at = min(BURST, bucket.left + (now - bucket.at) / EACH_S), now
        if bucket.left < 1:
            raise HTTPException(429, "Too many forms at once.", {"Retry-After": str(int(EACH_S) + 1)})
        bucket.left -= 1

    def _forget_full(self, now: float) -> None:
        full = BURST * EACH_S
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if now - bucket.at < full}
