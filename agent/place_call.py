"""`firstring call`: the double plays one caller, and the carrier, against a running server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import typer

import dialog
from agent import call_report
from agent import settings as settings_module
from agent.ear_services import ear_service
from agent.first_run import require_live
from agent.preparing import practice_of
from agent.settings import Settings
from agent.transcribe import hear, read_wav
from models.domain import Expectation
from models.errors import SettingsError
from telephony.double import (
    Account,
    Answer,
    Caller,
    CallResult,
    Double,
    Ending,
    Exchange,
    Manner,
    RestSide,
    Staff,
    parse_script,
    parse_steps,
)
from telephony.double.manner import dial_document

CALLED_NUMBER = "+16175550100"
VOICE = "rms"
STAFF_RINGING_S = 2.0
STAFF_STEPS = ("say:Front desk, how can I help you?", "wait:5", "hangup")
LOCAL = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What kind of call: who calls whom, and how the carrier and the practice's staff behave."""

    to: str
    from_number: str
    forwarded_from: str = ""
    staff: Answer = Answer.ANSWER
    fallback: str = ""  # an address, or a number to dial, for when the server cannot be had


async def place(chosen: Settings, lines: list[str], wish: Wish, save: Path | None, as_json: bool) -> int:
    """Places the call; 0 when it was served and every ``expect:`` was met."""
    require_live(chosen)
    steps = parse_script(lines)
    kinds = {step.kind.value for step in steps}
    caller = Caller(
        steps,
        synthesise=speak if "say" in kinds else None,
        listen=await asyncio.to_thread(_listener, chosen) if "expect" in kinds else None,
    )
    result = await _call(chosen, caller, wish, None if as_json else call_report.show)
    if save:
        result.save(save)
    if as_json:
        typer.echo(json.dumps(call_report.as_json(result)))
    else:
        call_report.summarise(result)
    return 0 if result.ended is not Ending.ERROR and not result.unmet else 1


async def _call(chosen: Settings, caller: Caller, wish: Wish, on_event: Any) -> CallResult:
    account = Account(wish.to, chosen.public_url, chosen.twilio_account_sid, chosen.twilio_auth_token)
    exchange = Exchange(account, Manner(staff=_staff(wish.staff), fallback=_fallback(wish.fallback)))
    double = Double(
        wish.to, chosen.public_url, account.auth_token, account.account_sid,
        wish.from_number, chosen.staff_number or CALLED_NUMBER, exchange=exchange, on_event=on_event,
    )  # fmt: skip
    async with _rest_side(exchange, chosen.twilio_api_base):
        return await double.place_call(caller, forwarded_from=wish.forwarded_from)


@contextlib.asynccontextmanager
async def _rest_side(exchange: Exchange, api_base: str) -> AsyncIterator[None]:
    """Where TWILIO_API_BASE names a port of this machine, the carrier's REST side is served there."""
    parts = urlsplit(api_base)
    if parts.hostname not in LOCAL or not parts.port:
        yield
        return
    rest = RestSide(exchange, parts.port)
    try:
        await rest.__aenter__()
    except OSError as problem:
        raise SettingsError(
            f"TWILIO_API_BASE names port {parts.port}, which cannot be served: {problem.strerror}",
            fix="End what listens there, or name another port for the server and this command.",
        ) from problem
    try:
        yield
    finally:
        await rest.__aexit__(None, None, None)


def answer_of(word: str) -> Answer:
    """Raises SettingsError for anything that staff cannot do."""
    try:
        return Answer(word)
    except ValueError:
        known = ", ".join(Answer)
        raise SettingsError(f"--staff {word!r} is not known", fix=f"It may be {known}.") from None


def _staff(answer: Answer) -> Staff:
    """Speaks where flite is installed, and is a silent person otherwise."""
    can_speak = shutil.which("flite") is not None
    steps = parse_steps(STAFF_STEPS if can_speak else STAFF_STEPS[1:])
    return Staff(answer, STAFF_RINGING_S, Caller(steps, synthesise=speak))


def _fallback(wanted: str) -> str:
    if re.fullmatch(r"\+[1-9][0-9]{6,14}", wanted):
        return dial_document(wanted)
    if wanted and not wanted.startswith(("http://", "https://")):
        raise SettingsError(
            f"--fallback {wanted!r} is neither a number nor an address", fix="For example +16175550100."
        )
    return wanted


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
