"""Shared pieces: sentences as telephone audio, one loaded recogniser for all tests."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.voice.caller_sentences import DRUGS, NAMES, SAID
from voice import g711
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.g711 import Samples
from voice.resample import LINE_HZ, resample

Say = Callable[..., Samples]


@functools.lru_cache(maxsize=256)
def telephone_speech(text: str, voice: str = "rms") -> Samples:
    """The sentence by a flite voice, 8 kHz, through mu-law."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(path)], check=True)
        with wave.open(str(path)) as clip:
            samples = np.frombuffer(clip.readframes(clip.getnframes()), np.int16)
            rate = clip.getframerate()
    return g711.decode(g711.encode(resample(samples, rate, LINE_HZ)))


@pytest.fixture(scope="session")
def say() -> Say:
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed: no synthetic caller")
    return telephone_speech


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("speech")


@pytest.fixture(scope="session")
def ear_config(model_dir: Path) -> EarConfig:
    return EarConfig("pocketsphinx", model_dir=str(model_dir), sentences=SAID, names=NAMES, drugs=DRUGS)


@pytest.fixture(scope="session")
def ear(ear_config: EarConfig) -> EarService:
    service = EarService(ear_config)
    service.load()
    return service
