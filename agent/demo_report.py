"""What one demo call came to, as a table row and as JSON."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


def percentile(values: Sequence[float], percent: float) -> float:
    """Nearest-rank percentile; NaN of nothing."""
    if not values:
        return math.nan
    ranked = sorted(values)
    return ranked[max(0, math.ceil(percent / 100 * len(ranked)) - 1)]


@dataclass(frozen=True, slots=True)
class CallReport:
    title: str
    intended: str
    disposition: str
    turns: int
    greeting_ms: float | None
    reply_ms: tuple[float, ...]
    written: list[dict[str, Any]]
    missing: tuple[str, ...]

    @property
    def as_intended(self) -> bool:
        return self.disposition == self.intended and not self.missing

    @property
    def note_text(self) -> str:
        for resource in self.written:
            if resource["resourceType"] == "DocumentReference":
                return base64.b64decode(resource["content"][0]["attachment"]["data"]).decode()
        return ""

    def row(self) -> tuple[str, ...]:
        greeting = "-" if self.greeting_ms is None else f"{self.greeting_ms:.0f} ms"
        kinds = sorted({resource["resourceType"] for resource in self.written})
        good = "yes" if self.as_intended else f"NO: {', '.join(self.missing) or 'wanted ' + self.intended}"
        p50, p95 = percentile(self.reply_ms, 50), percentile(self.reply_ms, 95)
        return (
            self.title,
            self.disposition,
            good,
            str(self.turns),
            greeting,
            f"{p50:.0f} ms",
            f"{p95:.0f} ms",
            ", ".join(kinds) or "nothing: no patient is known",
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "disposition": self.disposition,
            "as_intended": self.as_intended,
            "turns": self.turns,
            "greeting_ms": self.greeting_ms,
            "reply_ms": list(self.reply_ms),
            "written": [f"{resource['resourceType']}/{resource['id']}" for resource in self.written],
        }
