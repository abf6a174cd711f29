"""Faults of the network between the carrier and the server, for tests to order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

ALWAYS = 1_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to the requests for one path. Attempts are counted over the carrier's whole life."""

    late_s: float = 0.0  # each request leaves this much later
    copies: int = 1  # how often each request arrives
    lost: int = 0  # the first so many attempts find no connection
    unanswered: int = 0  # the first so many arrive, and their answer is lost


class Network:
    """Tells each attempt its fate."""

    def __init__(self, faults: Mapping[str, Fault] | None = None) -> None:
        self._faults = dict(faults or {})
        self._attempts: Counter[str] = Counter()

    def fault(self, url: str) -> Fault:
        return self._faults.get(urlsplit(url).path, _SOUND)

    def attempt(self, url: str) -> tuple[bool, bool]:
        """Does this attempt arrive, and is its answer heard?"""
        fault, path = self.fault(url), urlsplit(url).path
        self._attempts[path] += 1
        number = self._attempts[path]
        return number > fault.lost, number > fault.lost + fault.unanswered


_SOUND = Fault()
