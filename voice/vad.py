"""Is somebody speaking? Silero's voice activity model at 8 kHz, run straight on onnxruntime.

The package silero-vad carries the model (MIT, https://github.com/snakers4/silero-vad) but its Python
part wants torchaudio, so only the file is used. It hears 256 samples (32 ms) with the 32 before them,
and reports the end of speech about 130 ms late.
"""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import RecognitionError
from models.no_telemetry import forbid
from voice.g711 import Samples

WINDOW_SAMPLES: Final = 256
WINDOW_MS: Final = 32
_CONTEXT_SAMPLES: Final = 32
_RATE: Final = np.array(8_000, np.int64)

_lock = threading.Lock()
_session: Any = None


class SpeechMeter(Protocol):
    """Probability that one window of 256 samples holds speech; keeps its own memory of the call."""

    def probability(self, window: Samples) -> float: ...


def _model_path() -> Path:
    package = importlib.util.find_spec("silero_vad")  # finds, does not import
    if package is None or package.origin is None:
        raise RecognitionError("the package silero-vad is not installed", fix="pip install silero-vad")
    return Path(package.origin).parent / "data" / "silero_vad.onnx"


def load() -> Any:
    """The model, shared by all calls of this process."""
    global _session
    with _lock:
        if _session is None:
            forbid()
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3
            _session = onnxruntime.InferenceSession(
                str(_model_path()), options, providers=["CPUExecutionProvider"]
            )
    return _session


class SileroVad:
    """The model's state for one call."""

    def __init__(self) -> None:
        self._model = load()
        self._state: NDArray[np.float32] = np.zeros((2, 1, 128), np.float32)
        self._context: NDArray[np.float32] = np.zeros(_CONTEXT_SAMPLES, np.float32)

    def probability(self, window: Samples) -> float:
        """Of speech in the next 256 samples; about 0.1 ms."""
        heard = np.concatenate((self._context, window.astype(np.float32) / 32_768.0))
        self._context = heard[-_CONTEXT_SAMPLES:]
        inputs = {"input": heard[np.newaxis], "state": self._state, "sr": _RATE}
        found, self._state = self._model.run(None, inputs)
        return float(found[0, 0])
