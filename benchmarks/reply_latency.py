"""One call at a time: from the caller's last sound to our first, through the whole server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.demo_report import percentile
from benchmarks.reply_server import POCKETSPHINX, Measured, serving
from benchmarks.turn_calls import NUMBERS, REFILL, SCRIPTS, Figures, Script
from benchmarks.voice_rows import Options, Row, within

SYMPTOM = (
    ("robert-dizzy", "open"), ("robert-name", "name"), ("robert-dob", "dob"), ("robert-since", "open"),
    ("robert-chest", "open"), ("robert-yes", "yes_no"),
)  # fmt: skip
ALL = (*SCRIPTS, Script(NUMBERS[2], SYMPTOM))
QUICK = (Script(NUMBERS[0], REFILL[:4]),)


def rows(options: Options) -> Iterator[Row]:
    with serving(POCKETSPHINX) as served:
        scripts = QUICK if options.quick else ALL
        yield from one_call(served.under(1, scripts, rounds=1 if options.quick else len(ALL)))


def one_call(found: Measured) -> Iterator[Row]:
    figures = found.figures
    yield reply_row("one call, pocketsphinx", figures, (500.0, 800.0), found.disturbed)
    brisk = figures.replies_ms("yes_no")
    middle = percentile(brisk, 50)
    yield Row(
        "the same after a yes/no question: p50",
        f"{middle:.0f} ms", "<= 400 ms", f"{len(brisk)} turns", within([(middle, 400.0)]),
    )  # fmt: skip
    greetings = [call.greeting_ms for call in figures.calls if call.greeting_ms is not None]
    worst = max(greetings, default=float("nan"))
    yield Row(
        "stream's start -> greeting, worst", f"{worst:.0f} ms", "<= 500 ms", "", within([(worst, 500.0)])
    )


def reply_row(name: str, figures: Figures, most: Sequence[float], more: str = "") -> Row:
    """Median and 95th percentile of reply times; ``most``: what they may be, or nothing."""
    replies = figures.replies_ms()
    found = (percentile(replies, 50), percentile(replies, 95))
    wanted = f"<= {most[0]:.0f} / {most[1]:,.0f} ms" if most else ""
    return Row(
        f"end of speech -> first reply audio, {name}: p50 / p95",
        f"{found[0]:.0f} / {found[1]:,.0f} ms",
        wanted,
        "; ".join(filter(None, (told(figures), more))),
        within(zip(found, most, strict=True)) if most else None,
    )


def told(figures: Figures) -> str:
    """How many turns, and what went wrong with some."""
    heard = percentile(figures.replies_ms(heard=True), 50)
    parts = [f"{len(figures.turns)} turns, audible at p50 {heard:.0f} ms", f"{figures.early} early cut-offs"]
    if figures.missing:
        parts.append(f"{figures.missing} unanswered")
    if broken := [call.ended for call in figures.calls if call.ended.startswith("not ")]:
        parts.append(f"{len(broken)} calls {broken[0]}")
    if figures.late_share > 0.01:
        parts.append(f"{figures.late_share:.0%} of frames sent late by the measuring program")
    return ", ".join(parts)
