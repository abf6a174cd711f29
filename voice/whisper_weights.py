"""Whisper checkpoints on this disk: where they lie, and what is wrong with one that will not load."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from models.errors import RecognitionError

NAMES: Final = ("base.en", "small.en", "tiny.en", "base", "small", "tiny", "medium.en", "turbo")
# What the decode loop and the package's tokenizer and filter banks can serve (whisper/model.py, audio.py).
_MELS: Final = (80, 128)
_VOCABULARIES: Final = (51_864, 51_865, 51_866)  # English only; multilingual; with Cantonese
_AUDIO_CONTEXT: Final = 1_500
_TEXT_CONTEXT: Final = 448
_FETCH: Final = "Fetch it again with `firstring fetch-speech NAME`, or copy the file once more."
_OTHER: Final = "WHISPER_MODEL takes a checkpoint as openai-whisper publishes it, such as base.en.pt."


def cache_folder() -> Path:
    """Where openai-whisper keeps what it fetched."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "whisper"


def find_weights(wanted: str) -> Path | None:
    """Weights already on this disk: a path, a named model in Whisper's cache, or any when none is named."""
    if wanted.endswith(".pt") or "/" in wanted:
        path = Path(wanted).expanduser()
        return path if path.is_file() else None
    paths = (cache_folder() / f"{name}.pt" for name in ((wanted,) if wanted else NAMES))
    return next((path for path in paths if path.is_file()), None)


def load_network(weights: Path) -> Any:
    """The package's model, on the CPU in fp32. Raises RecognitionError that names file, fault and fix."""
    try:
        import whisper
    except ImportError as missing:
        raise RecognitionError(
            f"Whisper cannot be imported: {missing.name} is missing", fix="Run `make setup` again."
        ) from missing
    try:
        network = whisper.load_model(str(weights), device="cpu").float().eval()
    except Exception as broken:  # torch.load and load_state_dict raise many kinds for a bad file
        raise _fault_of(weights, broken) from broken
    _check_dimensions(weights, network.dims)
    _check_numbers(weights, network)
    return network


def _fault_of(weights: Path, broken: Exception) -> RecognitionError:
    if isinstance(broken, OSError) and broken.errno:
        return RecognitionError(
            f"{weights.name} cannot be read: {broken.strerror}", fix=f"Check that {weights} may be read."
        )
    if isinstance(broken, MemoryError):
        return RecognitionError(f"{weights.name} does not fit into memory", fix="Name a smaller model.")
    content = _content_of(weights)
    if content is None:
        return RecognitionError(
            f"{weights.name} is not a Whisper checkpoint: it is damaged, cut short, or another kind of file",
            fix=_FETCH,
        )
    missing = [key for key in ("dims", "model_state_dict") if key not in content]
    if missing:
        return RecognitionError(
            f"{weights.name} is a PyTorch file but not a Whisper checkpoint: it has no {missing[0]!r}",
            fix=_OTHER,
        )
    return RecognitionError(
        f"{weights.name} is not a Whisper checkpoint: its weights do not fit its dimensions", fix=_OTHER
    )


def _content_of(weights: Path) -> dict[str, Any] | None:
    """What PyTorch finds in the file; {} for anything but a dictionary, None when it is unreadable."""
    import torch

    try:
        content = torch.load(weights, map_location="cpu", weights_only=True)
    except Exception:  # garbage can break its reader at any point
        return None
    return content if isinstance(content, dict) else {}


def _check_dimensions(weights: Path, dims: Any) -> None:
    wrong = [
        f"{name}={getattr(dims, name)}"
        for name, right in (
            ("n_mels", _MELS),
            ("n_vocab", _VOCABULARIES),
            ("n_audio_ctx", (_AUDIO_CONTEXT,)),
            ("n_text_ctx", (_TEXT_CONTEXT,)),
        )
        if getattr(dims, name) not in right
    ]
    if wrong:
        raise RecognitionError(
            f"{weights.name} has dimensions that no Whisper model has: {', '.join(wrong)}", fix=_OTHER
        )


def _check_numbers(weights: Path, network: Any) -> None:
    import torch

    if not all(bool(torch.isfinite(values).all()) for values in network.state_dict().values()):
        raise RecognitionError(f"{weights.name} holds weights that are not numbers", fix=_FETCH)
