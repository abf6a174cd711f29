"""Whisper's weights loaded by CTranslate2: the extra ``ctranslate2``, another decoder for the same ears."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.errors import RecognitionError, SettingsError
from voice.ct2_conversion import converted, languages_of
from voice.whisper_encoding import spectrogram
from voice.whisper_tokens import WhisperTokens

TYPES: Final = {"fp32": "float32", "int8": "int8"}  # WHISPER_PRECISION -> CTranslate2's name
_DAMAGED: Final = (RuntimeError, ValueError, KeyError, OSError)


class Ct2Model(WhisperTokens):
    """Loaded once in a worker; several utterances are decoded over it."""

    def __init__(self, weights: Path, threads: int = 1, precision: str = "fp32") -> None:
        """Raises RecognitionError (the extra or the weights) or SettingsError (precision)."""
        if precision not in TYPES:
            raise SettingsError(
                f"WHISPER_PRECISION is {precision!r}, which CTranslate2 does not compute in",
                fix=f'With STT = "ctranslate2" it may be {" or ".join(TYPES)}.',
            )
        _need_the_extra()
        self.network, languages = _loaded(weights, threads, TYPES[precision])
        super().__init__(*languages)
        self._mels: int = self.network.n_mels

    def spectrogram(self, audio: NDArray[np.float32], context_s: float) -> NDArray[np.float32]:
        """(1, mels, 100 a second)."""
        mel: NDArray[np.float32] = spectrogram(audio, context_s, self._mels).numpy()
        return mel

    def features(self, mel: NDArray[np.float32]) -> Any:
        """What the decoder attends to, one row for each spectrogram; in CTranslate2's own type."""
        return self.network.encode(shared(mel), to_cpu=True)


def shared(array: NDArray[np.float32]) -> Any:
    """The same numbers in CTranslate2's own type."""
    import ctranslate2

    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))


def _need_the_extra() -> None:
    try:
        import ctranslate2  # noqa: F401
    except ImportError as missing:
        raise RecognitionError(
            f"CTranslate2 cannot be imported: {missing.name} is missing",
            fix='pip install ctranslate2, or set STT = "whisper".',
        ) from missing


def _loaded(weights: Path, threads: int, compute_type: str) -> tuple[Any, tuple[bool, int]]:
    folder = converted(weights)
    try:
        return _read(folder, threads, compute_type)
    except _DAMAGED:  # a converted form that was damaged: the weights are still there
        shutil.rmtree(folder, ignore_errors=True)
    try:
        return _read(converted(weights), threads, compute_type)
    except _DAMAGED as broken:
        raise RecognitionError(
            f"CTranslate2 cannot load what was made of {weights.name}", fix='Set STT = "whisper".'
        ) from broken


def _read(folder: Path, threads: int, compute_type: str) -> tuple[Any, tuple[bool, int]]:
    """The network and `languages_of` it. Raises RuntimeError, ValueError or OSError for a damaged folder."""
    import ctranslate2

    network = ctranslate2.models.Whisper(
        str(folder), device="cpu", compute_type=compute_type, inter_threads=1, intra_threads=threads
    )
    return network, languages_of(folder)
