"""Callers who speak over us: from their first sound to `clear` at the carrier, through the whole server."""

from __future__ import annotations

from collections.abc import Iterator

from agent.demo_report import percentile
from benchmarks.reply_server import POCKETSPHINX, serving
from benchmarks.turn_calls import BOOKING, NUMBERS, REFILL, Script
from benchmarks.voice_rows import Options, Row, within

OVER_MS = (600.0, 1_100.0)  # into a reply; a shorter reply is over by then, and the turn does not count
SCRIPTS = (Script(NUMBERS[0], REFILL, OVER_MS[0]), Script(NUMBERS[1], BOOKING, OVER_MS[1]))
QUICK = (Script(NUMBERS[0], REFILL[:3], OVER_MS[0]),)
MOST_MS = 250.0


def rows(options: Options) -> Iterator[Row]:
    with serving(POCKETSPHINX) as served:
        found = served.under(
            1, QUICK if options.quick else SCRIPTS, rounds=1 if options.quick else len(SCRIPTS)
        )
    over_us = [turn for turn in found.figures.turns if turn.over_us]
    cleared = [turn.clear_ms for turn in over_us if turn.clear_ms is not None]
    middle, late = percentile(cleared, 50), percentile(cleared, 95)
    counted = f"{len(cleared)} of {len(over_us)} cleared; wishes and answers spoken into our replies"
    note = "; ".join(filter(None, (counted, found.disturbed)))
    yield Row(
        "caller onset -> clear, one call: p50 / p95", f"{middle:.0f} / {late:.0f} ms",
        f"p95 <= {MOST_MS:.0f} ms", note, within([(late, MOST_MS)]),
    )  # fmt: skip
