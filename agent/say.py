"""`firstring say`: a text as a caller would hear it, into a WAV file."""

from __future__ import annotations

import re
import wave
from collections.abc import Callable
from pathlib import Path

from agent.settings import Settings
from agent.worker_services import mouth_voice
from models.domain import SAMPLE_RATE_HZ
from models.errors import SettingsError
from telephony import g711
from voice import espeak, flite
from voice.loudness import for_the_line
from voice.mouth import MouthConfig, MouthService
from voice.normalise import for_the_ear

_BETWEEN_SENTENCES = re.compile(r"(?<=[.?!])\s+")


def run(chosen: Settings, text: str, output: Path) -> None:
    """Writes 16-bit mono at 8 kHz.

    Raises SynthesisError when the voice that VOICE names cannot speak: no other one steps in, as it would
    on a call. Raises SettingsError for an unwritable file and for a text without words.
    """
    sentences = [
        sentence
        for sentence in _BETWEEN_SENTENCES.split(for_the_ear(text))
        if any(map(str.isalnum, sentence))
    ]
    if not sentences:
        raise SettingsError("that text holds no words", fix="Give some: firstring say 'Hello.' -o hello.wav")
    render = speaker(MouthConfig(voice=mouth_voice(chosen)))
    _write(output, b"".join(map(render, sentences)))


def speaker(config: MouthConfig) -> Callable[[str], bytes]:
    """What renders one sentence, already written for the ear, to mu-law. Raises SynthesisError."""
    if config.flite_voice:
        flite.check(config.flite_voice)
    if config.flite_voice or config.piper_model:
        return MouthService(config).render
    return lambda said: for_the_line(
        espeak.synthesize(said, voice=config.espeak_voice, rate_wpm=config.rate_wpm), espeak.ESPEAK_HZ
    )


def _write(output: Path, mulaw: bytes) -> None:
    try:
        with output.open("wb") as file, wave.open(file, "wb") as clip:
            clip.setnchannels(1)
            clip.setsampwidth(2)
            clip.setframerate(SAMPLE_RATE_HZ)
            clip.writeframes(g711.decode(mulaw))
    except OSError as problem:
        raise SettingsError(
            f"{output} cannot be written: {problem.strerror}",
            fix="Name a file in a folder that exists and that you may write to.",
        ) from problem
