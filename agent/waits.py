"""How long rows still wait, by a clock that nobody sets.

A row says when it is due by the system's clock as it stood then. That clock may be set back, by hours where a
machine began with a wrong one. From its first sight on a row's wait is therefore counted by the process' own
clock too, and what another clock has put further off than it can have meant waits ``longest`` from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from agent.instants import monotonic_ms


class Waits:
    """Of one process, for rows of one kind. ``longest``: further off no row is ever put."""

    def __init__(self, longest: timedelta) -> None:
        self._longest = longest
        self._over_ms: dict[tuple[str, datetime], float] = {}

    def over(self, due_at: Mapping[str, datetime], now: datetime) -> list[str]:
        """Names of those whose wait is over. A row that is not among them any more, or was put off anew, is
        forgotten."""
        self._over_ms = {row: self._over_ms.get(row, self._first_ms(row[1] - now)) for row in due_at.items()}
        return [name for (name, _), over_ms in self._over_ms.items() if over_ms <= monotonic_ms()]

    def _first_ms(self, wait: timedelta) -> float:
        return monotonic_ms() + min(wait, self._longest) / timedelta(milliseconds=1)
