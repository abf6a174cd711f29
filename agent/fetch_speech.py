"""`firstring fetch-speech MODEL`: Whisper's weights onto this disk."""

from __future__ import annotations

from collections.abc import Callable

from models.errors import FirstringError


def run(name: str, mirror: str, show: Callable[[str], None]) -> None:
    """Raises FirstringError when the weights did not come."""
    try:
        from voice import whisper_fetch
        from voice.whisper_weights import load_network

        models = whisper_fetch.published()
    except ImportError as missing:
        raise FirstringError(f"{missing.name} is missing", fix="Run `make setup` again.") from missing
    path = whisper_fetch.fetch(name, whisper_fetch.from_mirror(models, mirror) if mirror else models)
    load_network(path)
    show(f"{name} is at {path} ({path.stat().st_size / 2**20:.0f} MiB), whole, and loads")
