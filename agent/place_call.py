"""`firstring call`: the double plays one caller against a running server."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import typer

import dialog
from agent import settings as settings_module
from agent.first_run import require_live
from agent.preparing import practice_of
from agent.services import ear_service
from agent.settings import Settings
from agent.transcribe import hear, read_wav
from models.domain import Expectation
from models.errors import SettingsError
from telephony.double import Caller, CallEvent, CallResult, Double, parse_script
from telephony.double.result import Ending, Kind

SHOWN = frozenset(Kind) - {Kind.MARK, Kind.DOCUMENT, Kind.STEP}
CALLED_NUMBER = "+16175550100"
VOICE = "rms"


async def place(
    chosen: Settings, lines: list[str], to: str, from_number: str, save: Path | None, as_json: bool
) -> int:
    """Places the call; 0 when it was served and every ``expect:`` was met."""
    require_live(chosen)
    steps = parse_script(lines)
    kinds = {step.kind.value for step in steps}
    caller = Caller(
        steps,
        synthesise=speak if "say" in kinds else None,
        listen=await asyncio.to_thread(_listener, chosen) if "expect" in kinds else None,
    )
    double = Double(
        to,
        chosen.public_url,
        chosen.twilio_auth_token,
        chosen.twilio_account_sid,
        from_number,
        chosen.staff_number or CALLED_NUMBER,
        on_event=None if as_json else _show,
    )
    result = await double.place_call(caller)
    if save:
        result.save(save)
    if as_json:
        typer.echo(json.dumps(_as_json(result)))
    else:
        _summarise(result)
    return 0 if result.ended is not Ending.ERROR and not result.unmet else 1


def _show(event: CallEvent) -> None:
    if event.kind in SHOWN:
        facts = "  ".join(f"{name}={value}" for name, value in event.detail.items())
        typer.echo(f"{event.at_ms / 1_000:8.2f} s  {event.kind.value:16} {facts}")


def _summarise(result: CallResult) -> None:
    greeting = "-" if result.greeting_ms is None else f"{result.greeting_ms:.0f} ms"
    replies = ", ".join(f"{ms:.0f}" for ms in result.reply_times_ms) or "-"
    typer.echo(
        f"ended: {result.ended.value} {result.ended_detail}; greeting {greeting}; replies {replies} ms"
    )
    for pattern in result.unmet:
        typer.echo(f"not heard: {pattern}", err=True)


def _as_json(result: CallResult) -> dict[str, Any]:
    return {
        "call_sid": result.call_sid,
        "ended": result.ended.value,
        "greeting_ms": result.greeting_ms,
        "reply_ms": result.reply_times_ms,
        "dialled": result.dialled,
        "unmet": result.unmet,
        "warnings": result.warnings,
        "utterances": [asdict(utterance) for utterance in result.utterances],
        "events": [event.to_json() for event in result.events],
    }


async def speak(words: str) -> bytes:
    """The words by flite's voice, 16-bit at 8 kHz. Raises SettingsError where flite is not installed."""
    program = shutil.which("flite")
    if program is None:
        raise SettingsError(
            "say: needs the program flite", fix="apt-get install flite, or use wav:FILE steps."
        )
    import soxr

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "words.wav"
        process = await asyncio.create_subprocess_exec(program, "-voice", VOICE, "-t", words, "-o", str(path))
        await process.wait()
        samples, rate_hz = read_wav(path)
    resampled = soxr.resample(samples, rate_hz, 8_000)
    pcm: bytes = (np.clip(resampled, -1, 1) * 32_767).astype("<i2").tobytes()
    return pcm


def _listener(chosen: Settings) -> Any:
    """Ears for what the agent says, tuned to the sentences it can say."""
    facts = practice_of(chosen).facts(settings_module.clock_of(chosen)())
    ears = ear_service(chosen, more_sentences=dialog.fixed_sentences(facts))
    ears.load()

    async def listen(pcm: bytes) -> str:
        transcript = await asyncio.to_thread(hear, ears, pcm, Expectation())
        return transcript.text

    return listen
