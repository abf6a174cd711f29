"""What a speech-to-text worker needs to know; plain and picklable."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EarConfig:
    """``engine``: "auto" (Whisper when its weights lie on this disk, else pocketsphinx), "whisper",
    "ctranslate2" (Whisper's weights, decoded by that extra), "pocketsphinx" or "stand-in".

    ``sentences``, ``names``, ``drugs`` and ``dangers`` shape pocketsphinx's language model, which is kept
    under ``model_dir``. ``clips``: for the stand-in only, JSON lines of digest and words.
    """

    engine: str = "auto"
    whisper_model: str = ""  # a name such as "base.en", or the path of a .pt file
    model_dir: str = "data/speech"
    sentences: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    dangers: tuple[str, ...] = ()
    clips: str = ""
    decoders: int = 8  # utterances decoded as they are spoken; more are decoded at their end
    session_limit_s: float = 120.0
    threads: int = 1  # of Whisper
    precision: str = "fp32"  # of Whisper: fp32, bf16 or int8; CTranslate2 has no bf16
