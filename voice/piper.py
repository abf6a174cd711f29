"""A neural voice, where the extra piper-tts and a voice file are installed: ``VOICE = "piper:FILE.onnx"``.

Untried with a real voice: none can be had without downloading one. The tests speak with a stand-in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from models.errors import SynthesisError
from models.no_telemetry import forbid
from voice.g711 import Samples


class Chunk(Protocol):
    """What piper gives for each sentence of a text."""

    @property
    def sample_rate(self) -> int: ...
    @property
    def audio_int16_bytes(self) -> bytes: ...


class NeuralVoice(Protocol):
    """The part of ``piper.PiperVoice`` (1.x) that is used. ``stretch`` 1.25 takes a quarter longer."""

    def say(self, text: str, stretch: float) -> Iterable[Chunk]: ...


class _Loaded:
    def __init__(self, voice: Any, config_type: Any) -> None:
        self._voice, self._config_type = voice, config_type

    def say(self, text: str, stretch: float) -> Iterable[Chunk]:
        scale = self._voice.config.length_scale * stretch
        chunks: Iterable[Chunk] = self._voice.synthesize(text, self._config_type(length_scale=scale))
        return chunks


def load(model: Path) -> NeuralVoice:
    """Raises SynthesisError when the extra or the file is missing."""
    forbid()  # it runs on onnxruntime
    try:
        from piper import PiperVoice, SynthesisConfig
    except ImportError as missing:
        raise SynthesisError(
            "piper is not installed", fix="pip install piper-tts, or set VOICE to espeak"
        ) from missing
    try:
        return _Loaded(PiperVoice.load(model), SynthesisConfig)
    except Exception as broken:  # whatever its readers make of a damaged file
        raise SynthesisError(
            f"the piper voice {model} cannot be loaded ({type(broken).__name__})",
            fix="VOICE names the .onnx file; its .onnx.json lies beside it",
        ) from broken


class Piper:
    """Loads its voice once, in the process that will use it."""

    def __init__(self, model: Path, load_voice: Callable[[Path], NeuralVoice] = load) -> None:
        self._model, self._load_voice = model, load_voice
        self._voice: NeuralVoice | None = None

    def synthesize(self, text: str, stretch: float = 1.0) -> tuple[Samples, int]:
        """Samples and their rate in Hz. Raises SynthesisError."""
        self._voice = self._voice or self._load_voice(self._model)
        try:
            chunks = list(self._voice.say(text, stretch))
        except Exception as broken:
            raise SynthesisError(f"piper could not speak ({type(broken).__name__})") from broken
        rates = {chunk.sample_rate for chunk in chunks}
        samples = np.frombuffer(b"".join(chunk.audio_int16_bytes for chunk in chunks), np.int16)
        if len(rates) != 1 or not samples.any():
            raise SynthesisError("piper produced no audio")
        return samples, rates.pop()
