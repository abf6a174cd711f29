"""pyttsx3 made dependable: one engine, one job at a time, every result checked.

As shipped, ``runAndWait`` may return before the file is written, settings can be lost between
jobs, and several saves in one run leave only the last file. So each job sets voice and rate again,
waits for its own "finished" event, and reads the file back. Only for a process of its own: the
espeak driver keeps its state for the whole process.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import threading
import wave
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.errors import SynthesisError
from voice.g711 import Samples

_WAIT_S: Final = 3.0
_LEAST_S_PER_LETTER: Final = 0.02  # nobody speaks faster
_TRIES: Final = 2


class Pyttsx:
    """The engine. ``start`` it in the process and thread that will use it."""

    def __init__(self, voice: str, rate_wpm: int) -> None:
        self._voice, self._rate_wpm = voice, rate_wpm
        self._engine: Any = None
        self._finished = threading.Event()

    def start(self) -> None:
        """Raises SynthesisError when pyttsx3 or espeak-ng is missing."""
        try:
            import pyttsx3

            self._engine = pyttsx3.init("espeak")
        except (ImportError, OSError, RuntimeError, KeyError) as broken:
            raise SynthesisError("pyttsx3 does not start with espeak-ng") from broken
        self._engine.connect("finished-utterance", self._on_finished)

    def _on_finished(self, **_about: object) -> None:
        self._finished.set()

    def synthesize(self, text: str) -> tuple[Samples, int]:
        """Samples and their rate in Hz. Raises SynthesisError after a second failure."""
        if not any(letter.isalnum() for letter in text):
            raise SynthesisError("nothing to say")
        for _ in range(_TRIES):
            with tempfile.TemporaryDirectory() as folder:
                found = self._try(text, Path(folder) / "sentence.wav")
            if found is not None:
                return found
        raise SynthesisError("pyttsx3 wrote no complete audio")

    def _try(self, text: str, path: Path) -> tuple[Samples, int] | None:
        self._finished.clear()
        self._engine.setProperty("voice", self._voice)
        self._engine.setProperty("rate", self._rate_wpm)
        with contextlib.redirect_stdout(io.StringIO()):  # the driver announces every file
            self._engine.save_to_file(text, str(path))
            self._engine.runAndWait()
            finished = self._finished.wait(_WAIT_S)
        return read_whole(path, text) if finished else None


def read_whole(path: Path, text: str) -> tuple[Samples, int] | None:
    """The file's samples, or None when it is missing, cut short or silent."""
    try:
        with wave.open(str(path)) as clip:
            rate, frames = clip.getframerate(), clip.getnframes()
            samples = np.frombuffer(clip.readframes(frames), np.int16)
    except (OSError, EOFError, wave.Error):
        return None
    letters = sum(letter.isalnum() for letter in text)
    enough = samples.size == frames and frames >= letters * _LEAST_S_PER_LETTER * rate
    return (samples, rate) if enough and bool(samples.any()) else None
