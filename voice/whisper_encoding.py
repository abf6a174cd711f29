"""From 16 kHz audio to what Whisper's decoder attends to, in a window as long as is needed.

The package's encoder insists on 30 s. Its layers do not: here they see ``context_s`` of audio, with the
positions that those seconds have in the long window. With 30 s the result is the package's own.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

RATE_HZ: Final = 16_000
LEAST_CONTEXT_S: Final = 5.0
MARGIN_S: Final = 1.0
WHOLE_CONTEXT_S: Final = 30.0


def context_for(audio: NDArray[np.float32]) -> float:
    """Seconds to look at: the audio and a margin. Whisper repeats and drops words in very short windows."""
    return min(max(audio.size / RATE_HZ + MARGIN_S, LEAST_CONTEXT_S), WHOLE_CONTEXT_S)


def spectrogram(audio: NDArray[np.float32], context_s: float, mels: int) -> torch.Tensor:
    """The package's log-mel spectrogram (1, mels, 100 a second) of ``context_s``."""
    import whisper

    window = whisper.pad_or_trim(torch.from_numpy(audio), int(context_s * RATE_HZ))
    mel: torch.Tensor = whisper.log_mel_spectrogram(window, n_mels=mels)[None]
    return mel


def encode(
    network: Any, audio: NDArray[np.float32], context_s: float, working_type: torch.dtype
) -> torch.Tensor:
    """Features (1, 50 a second, width) of the audio, cut or padded with silence to ``context_s``."""
    mel = spectrogram(audio, context_s, network.dims.n_mels).to(working_type)
    encoder = network.encoder
    hidden = functional.gelu(encoder.conv1(mel))
    hidden = functional.gelu(encoder.conv2(hidden)).permute(0, 2, 1)
    hidden = (hidden + encoder.positional_embedding[: hidden.shape[1]]).to(working_type)
    for block in encoder.blocks:
        hidden = block(hidden)
    features: torch.Tensor = encoder.ln_post(hidden)
    return features
