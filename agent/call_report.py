"""What `firstring call` tells of its call: while it happens, as a summary, and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer

from telephony.double import CallEvent, CallResult, Kind

SHOWN = frozenset(Kind) - {Kind.MARK, Kind.DOCUMENT, Kind.STEP}


def show(event: CallEvent) -> None:
    if event.kind in SHOWN:
        facts = "  ".join(f"{name}={value}" for name, value in event.detail.items())
        typer.echo(f"{event.at_ms / 1_000:8.2f} s  {event.kind.value:16} {facts}")


def summarise(result: CallResult) -> None:
    greeting = "-" if result.greeting_ms is None else f"{result.greeting_ms:.0f} ms"
    replies = ", ".join(f"{ms:.0f}" for ms in result.reply_times_ms) or "-"
    typer.echo(
        f"ended: {result.ended.value} {result.ended_detail}; greeting {greeting}; replies {replies} ms"
    )
    for leg in result.legs:
        typer.echo(f"dialled {leg.number}: {leg.status} ({leg.ended.value})")
    for text in result.texts:
        typer.echo(f"text message received: {text}")
    for recording in result.recordings:
        typer.echo(f"recorded: {recording}")
    for pattern in result.unmet:
        typer.echo(f"not heard: {pattern}", err=True)


def as_json(result: CallResult) -> dict[str, Any]:
    return {
        "call_sid": result.call_sid,
        "status": result.status,
        "ended": result.ended.value,
        "greeting_ms": result.greeting_ms,
        "reply_ms": result.reply_times_ms,
        "dialled": result.dialled,
        "legs": [
            {"number": leg.number, "call_sid": leg.call_sid, "status": leg.status, "ended": leg.ended.value}
            for leg in result.legs
        ],
        "texts": result.texts,
        "recordings": result.recordings,
        "unmet": result.unmet,
        "warnings": result.warnings,
        "utterances": [asdict(utterance) for utterance in result.utterances],
        "events": [event.to_json() for event in result.events],
    }
