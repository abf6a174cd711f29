"""Figures of the carrier's edge, for Prometheus. Labels hold codes, never anything personal."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter

REASONS: Final = frozenset({"not-ready", "failed", "unknown-call", "no-stream", "stalled"})
PASSED_ON = Counter(
    "firstring_calls_passed_on_total",
    "Answers that gave a call to the practice, by telephone or to call back, because we could not serve it.",
    ["reason"],
)
for reason in REASONS:  # a rise from nothing at all would be seen by no alarm
    PASSED_ON.labels(reason)
