"""pyttsx3 made dependable: one engine, one job at a time, every result checked.

As shipped, ``runAndWait`` may return before the file is written, settings can be lost between
jobs, and several saves in one run leave only the last file. So each job checks voice and sets its rate,
waits for its own "finished" event, and reads the file back. Only for a process of its own: the
espeak driver keeps its state for the whole process.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import threading
import time
import wave
from pathlib import Path
from typing import Any, Final

import numpy as np

from models.errors import SynthesisError
from voice.g711 import Samples

_WAIT_S: Final = 3.0
_LEAST_S_PER_LETTER: Final = 0.02  # nobody speaks faster
_TRIES: Final = 2
_SETTING_LOOK_S: Final = 0.001
_SETTING_LOOKS: Final = 100


class Pyttsx:
    """The engine. ``start`` it in the process and thread that will use it."""

    def __init__(self, voice: str, rate_wpm: int) -> None:
        self._voice, self._rate_wpm = voice, rate_wpm
        self._engine: Any = None
        self._finished = threading.Event()
        self._voice_id = ""  # the library's own name for the voice, known after the first job

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

    def synthesize(self, text: str, rate_wpm: int = 0) -> tuple[Samples, int]:
        """Samples and their rate in Hz; ``rate_wpm`` 0 is the engine's usual.

        Raises SynthesisError after a second failure.
        """
        if not any(letter.isalnum() for letter in text):
            raise SynthesisError("nothing to say")
        for _ in range(_TRIES):
            with tempfile.TemporaryDirectory() as folder:
                found = self._try(text, Path(folder) / "sentence.wav", rate_wpm or self._rate_wpm)
            if found is not None:
                return found
        raise SynthesisError("pyttsx3 wrote no complete audio")

    def _try(self, text: str, path: Path, rate_wpm: int) -> tuple[Samples, int] | None:
        self._finished.clear()
        self._set(rate_wpm)
        with contextlib.redirect_stdout(io.StringIO()):  # the driver announces every file
            self._engine.save_to_file(text, str(path))
            self._engine.runAndWait()
            finished = self._finished.wait(_WAIT_S)
        self._voice_id = self._voice_id or self._engine.getProperty("voice")
        return read_whole(path, text) if finished else None

    def _set(self, rate_wpm: int) -> None:
        """Voice and rate. Setting the voice loses a rate set right after it, so it is set when it must be.

        The library takes a rate over in a thread of its own: waited for, or the sentence has the old one.
        """
        if not self._voice_id or self._engine.getProperty("voice") != self._voice_id:
            self._engine.setProperty("voice", self._voice)
        self._engine.setProperty("rate", rate_wpm)
        if not self._voice_id:
            return  # the first job's settings lie queued until it runs
        for _ in range(_SETTING_LOOKS):
            if self._engine.getProperty("rate") == rate_wpm:
                return
            time.sleep(_SETTING_LOOK_S)


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
