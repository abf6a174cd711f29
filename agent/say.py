"""`firstring say`: a sentence as a caller would hear it, into a WAV file."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path

from agent.services import mouth_service
from agent.settings import Settings
from agent.workers import local
from models.domain import SAMPLE_RATE_HZ
from models.errors import SettingsError
from telephony import g711
from voice.mouth import Mouth


def run(chosen: Settings, text: str, output: Path) -> None:
    """Writes 16-bit mono at 8 kHz. Raises SynthesisError; SettingsError for an unwritable file."""
    service = mouth_service(chosen)
    service.load()
    mulaw = asyncio.run(Mouth(local(service)).render(text))
    try:
        with wave.open(str(output), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(g711.decode(mulaw))
    except OSError as problem:
        raise SettingsError(f"{output} cannot be written: {problem.strerror}") from problem
