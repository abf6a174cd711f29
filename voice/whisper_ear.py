"""openai-whisper as a recogniser: the package's model and tokenizer, a decode loop of our own.

The package's ``decode`` always pays for 30 s of audio; here the encoder sees the speech and a second
more. Too short a context is known to make Whisper repeat or drop words, so it is never under 5 s,
and a doubtful result is decoded once more at the full 30 s. Accuracy depends on the weights used.
"""

from __future__ import annotations

import os
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from models.domain import Expectation, Transcript
from models.errors import RecognitionError
from voice.resample import for_whisper

if TYPE_CHECKING:
    import torch

ENGINE: Final = "whisper"
_RATE_HZ: Final = 16_000
_LEAST_CONTEXT_S: Final = 5.0
_MARGIN_S: Final = 1.0
_WHOLE_CONTEXT_S: Final = 30.0
_TOKENS_PER_S: Final = 8
_TOKENS_EXTRA: Final = 10
_PROMPT_TOKENS: Final = 100
# gates as in whisper/transcribe.py (https://github.com/openai/whisper)
_MIN_LOG_PROBABILITY: Final = -1.0
_MAX_COMPRESSION: Final = 2.4
_NO_SPEECH: Final = 0.6
_NAMES: Final = ("base.en", "small.en", "tiny.en", "base", "small", "tiny", "medium.en", "turbo")


def find_weights(wanted: str) -> Path | None:
    """Weights already on this disk: a path, a named model in Whisper's cache, or any when none is named."""
    if wanted.endswith(".pt"):
        return Path(wanted) if Path(wanted).is_file() else None
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "whisper"
    paths = (cache / f"{name}.pt" for name in ((wanted,) if wanted else _NAMES))
    return next((path for path in paths if path.is_file()), None)


@dataclass(frozen=True)
class Decoded:
    text: str
    average_log_probability: float
    no_speech: float

    @property
    def doubtful(self) -> bool:
        packed = len(zlib.compress(self.text.encode())) or 1
        repetitive = len(self.text.encode()) / packed > _MAX_COMPRESSION
        sure = self.average_log_probability >= _MIN_LOG_PROBABILITY  # false for broken weights' NaN too
        return not sure or repetitive


class WhisperModel:
    """Loaded weights, shared by all sessions of a worker."""

    def __init__(self, weights: Path, threads: int = 1) -> None:
        """Raises RecognitionError when the package is missing or the file is no Whisper checkpoint."""
        try:
            import torch
            import whisper
            from whisper.tokenizer import get_tokenizer
        except ImportError as missing:
            raise RecognitionError(f"Whisper cannot be imported: {missing.name} is missing") from missing
        torch.set_num_threads(threads)
        try:
            self._model: Any = whisper.load_model(str(weights), device="cpu").float().eval()
        except Exception as broken:  # torch.load raises many kinds for a bad file
            raise RecognitionError(f"{weights.name} is not a Whisper checkpoint") from broken
        multilingual = self._model.is_multilingual
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the package leaves its word list open
            self._tokens: Any = get_tokenizer(
                multilingual, num_languages=self._model.num_languages, language="en", task="transcribe"
            )
        special = range(self._tokens.eot + 1, self._model.dims.n_vocab)
        self._never = [*self._tokens.non_speech_tokens, *special]
        self._start = [*self._tokens.sot_sequence, self._tokens.no_timestamps]

    def decode(self, audio: NDArray[np.float32], prompt: str, context_s: float) -> Decoded:
        """Greedy transcript of 16 kHz audio, seen in a window of ``context_s``."""
        import torch

        with torch.inference_mode():
            features = self._encode(audio, context_s)
            limit = int(_TOKENS_PER_S * audio.size / _RATE_HZ) + _TOKENS_EXTRA
            return self._greedy(features, self._prompt(prompt), limit)

    def _encode(self, audio: NDArray[np.float32], context_s: float) -> torch.Tensor:
        import torch
        import whisper
        from torch.nn import functional

        window = whisper.pad_or_trim(torch.from_numpy(audio), int(context_s * _RATE_HZ))
        mel = whisper.log_mel_spectrogram(window, n_mels=self._model.dims.n_mels)[None]
        encoder = self._model.encoder
        hidden = functional.gelu(encoder.conv1(mel))
        hidden = functional.gelu(encoder.conv2(hidden)).permute(0, 2, 1)
        hidden = hidden + encoder.positional_embedding[: hidden.shape[1]]
        for block in encoder.blocks:
            hidden = block(hidden)
        features: torch.Tensor = encoder.ln_post(hidden)
        return features

    def _prompt(self, prompt: str) -> list[int]:
        words = self._tokens.encode(" " + prompt.strip())[:_PROMPT_TOKENS] if prompt.strip() else []
        return [self._tokens.sot_prev, *words] if words else []

    def _greedy(self, features: torch.Tensor, prompt: list[int], limit: int) -> Decoded:
        import torch

        cache, hooks = self._model.install_kv_cache_hooks()
        given = torch.tensor([[*prompt, *self._start]])
        found: list[int] = []
        total, no_speech = 0.0, 0.0
        try:
            while len(found) < limit:
                logits = self._model.decoder(given, features, kv_cache=cache)
                if not found:
                    no_speech = self._no_speech(logits[0, len(prompt)])
                token, logged = self._best(logits[0, -1])
                total += logged
                if token == self._tokens.eot:
                    break
                found.append(token)
                given = torch.tensor([[token]])
        finally:
            for hook in hooks:
                hook.remove()
        return Decoded(self._tokens.decode(found).strip(), total / (len(found) + 1), no_speech)

    def _no_speech(self, logits: torch.Tensor) -> float:
        return float(logits.float().softmax(-1)[self._tokens.no_speech])

    def _best(self, logits: torch.Tensor) -> tuple[int, float]:
        import torch

        allowed = logits.float().clone()
        allowed[self._never] = -torch.inf
        logged = allowed.log_softmax(-1)
        token = int(logged.argmax())
        return token, float(logged[token])


class WhisperEar:
    """Recogniser of one utterance after another; it decodes when the utterance is over."""

    def __init__(self, model: WhisperModel) -> None:
        self._model = model
        self._pcm = bytearray()
        self._prompt = ""

    def begin(self, expectation: Expectation, caller: str = "") -> None:
        del caller
        self._pcm.clear()
        self._prompt = ", ".join(choice.spoken[0] for choice in expectation.choices if choice.spoken)

    def feed(self, pcm: bytes) -> None:
        self._pcm += pcm

    def partial(self) -> str:
        return ""

    def finish(self) -> Transcript:
        audio = for_whisper(bytes(self._pcm))[: int(_WHOLE_CONTEXT_S * _RATE_HZ)]
        if not audio.size:
            return Transcript("", engine=ENGINE)
        context_s = min(max(audio.size / _RATE_HZ + _MARGIN_S, _LEAST_CONTEXT_S), _WHOLE_CONTEXT_S)
        decoded = self._model.decode(audio, self._prompt, context_s)
        if decoded.doubtful:
            decoded = self._model.decode(audio, self._prompt, _WHOLE_CONTEXT_S)
        return _transcript(decoded)


def _transcript(decoded: Decoded) -> Transcript:
    confidence = float(np.nan_to_num(np.exp(decoded.average_log_probability)))
    nothing = decoded.no_speech > _NO_SPEECH and decoded.average_log_probability < _MIN_LOG_PROBABILITY
    text = "" if nothing or decoded.doubtful else decoded.text
    return Transcript(text, min(confidence, 1.0) if text else min(confidence, 0.1), engine=ENGINE)
