"""Engines, really tried: each in a process of its own, which may crash or hang without taking us along."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from agent.doctor.findings import Finding, Outcome, fail, ok, warn
from agent.settings import STAND_IN, Settings
from voice.ear_config import EarConfig
from voice.ear_service import choose_engine
from voice.espeak import VOICE as ESPEAK_VOICE
from voice.whisper_weights import find_weights

LIMIT_S = 90.0  # a cold disk and a busy machine
WHISPER_LIMIT_S = 300.0  # large weights from a slow disk
MODULE = "agent.engine_trials"  # beside this package, which would be loaded with it: seconds each time
_UNKNOWN = "Run `make setup` again."
INSTALL = "apt-get install espeak-ng libespeak-ng1."


def voice(chosen: Settings) -> Iterator[Finding]:
    """The voice that VOICE names; where that is flite's, espeak-ng too, which speaks when flite fails."""
    check = "text to speech"
    if chosen.voice.startswith("flite:"):
        name = chosen.voice.removeprefix("flite:")
        yield tried(check, "flite", name, fix='apt-get install flite, or set VOICE = "espeak".')
        yield tried("voice in reserve", "espeak", ESPEAK_VOICE, fix=INSTALL)
        return
    name = ESPEAK_VOICE if chosen.voice == "espeak" else chosen.voice
    other = 'Set VOICE = "espeak", or name a voice that `espeak-ng --voices` lists.'
    yield tried(check, "espeak", name, fix=INSTALL if name == ESPEAK_VOICE else other)


def pyttsx3(chosen: Settings) -> Iterator[Finding]:
    fix = "apt-get install espeak-ng libespeak-ng1, then `make setup` again."
    yield tried("text-to-speech worker", "pyttsx3", ESPEAK_VOICE, fix=fix)


def speech_to_text(chosen: Settings) -> Iterator[Finding]:
    """Whisper where its weights are; pocketsphinx otherwise, with a warning."""
    yield _ears(chosen)


def _ears(chosen: Settings) -> Finding:
    check = "speech to text"
    if chosen.stand_in_clips is not None and chosen.stt != STAND_IN:
        return warn(
            check,
            f"STAND_IN_CLIPS is set, and STT is {chosen.stt}",
            "Remove STAND_IN_CLIPS: it is for load tests.",
        )
    engine = choose_engine(EarConfig(engine=chosen.stt, whisper_model=chosen.whisper_model))
    if engine in ("whisper", "ctranslate2"):
        return _whisper(check, chosen, engine)
    if engine != "pocketsphinx":
        return fail(check, f"STT is {engine}, which hears no caller", 'Set STT = "auto".')
    found = tried(check, "pocketsphinx", "", fix="Run `make setup` again.")
    if found.outcome is Outcome.FAIL:
        return found
    detail = "pocketsphinx: for trying out only, not for patients"
    if chosen.stt == "auto":
        detail += f"; there are no Whisper weights {chosen.whisper_model!r} on this machine"
    return warn(
        check, detail, f'Put Whisper weights at {expected_weights(chosen)} and set STT = "auto" or "whisper".'
    )


def _whisper(check: str, chosen: Settings, engine: str) -> Finding:
    weights = find_weights(chosen.whisper_model)
    place = expected_weights(chosen)
    if weights is None:
        return fail(
            check, f"STT is {engine}, and {place} is not there", 'Put the weights there, or set STT = "auto".'
        )
    again = f"Fetch {place} again: it is damaged, cut short or something else."
    fix = again if engine == "whisper" else ""
    trial = f"{chosen.whisper_precision} {weights}"
    return tried(check, engine, trial, fix=fix, limit_s=WHISPER_LIMIT_S)


def expected_weights(chosen: Settings) -> Path:
    named = chosen.whisper_model
    if named.endswith(".pt"):
        return Path(named)
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return cache / "whisper" / f"{named or 'base.en'}.pt"


def voice_activity(chosen: Settings) -> Iterator[Finding]:
    yield tried(
        "voice activity", "vad", "", fix="Run `make setup` again: silero-vad or onnxruntime is broken."
    )


def intent_model(chosen: Settings) -> Iterator[Finding]:
    yield tried("intent model", "mind", "", fix="Run `make setup` again: the weights come with a package.")


def tried(check: str, engine: str, argument: str, *, fix: str, limit_s: float = LIMIT_S) -> Finding:
    """Runs one trial in a child process. ``fix``: "" where only the trial can know it."""
    command = [sys.executable, "-m", MODULE, engine, argument]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=limit_s, check=False, cwd=_root()
        )
    except subprocess.TimeoutExpired:
        return fail(check, f"{engine} gave no answer in {limit_s:.0f} s", fix or _UNKNOWN)
    good, detail, said = _answer(done)
    return ok(check, detail) if good else fail(check, detail, fix or said or _UNKNOWN)


def _answer(done: subprocess.CompletedProcess[str]) -> tuple[bool, str, str]:
    last = done.stdout.strip().splitlines()[-1:] or [""]
    try:
        answer = json.loads(last[0])
        return bool(answer["good"]), str(answer["detail"]), str(answer.get("fix", ""))
    except (ValueError, KeyError, TypeError):
        end = f"signal {-done.returncode}" if done.returncode < 0 else f"code {done.returncode}"
        return False, f"the trial ended with {end} and no answer", ""


def _root() -> Path:
    return Path(__file__).resolve().parents[2]
