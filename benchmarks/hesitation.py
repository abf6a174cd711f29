"""Callers who pause where people do: between the parts of a date, before the time of day."""

from __future__ import annotations

import wave
from pathlib import Path

from benchmarks.turn_calls import BOOKING, NUMBERS, REFILL, ROOT, Script

# clip, where its own short pause lies, and how much longer it gets
REFILL_PAUSES = {"maria-dob": (900, 700)}
BOOKING_PAUSES = {"james-dob": (1_230, 1_000), "james-when": (1_230, 500)}
PAUSED = "-pauses-"  # in the names of such clips


def hesitating(folder: Path) -> tuple[Script, Script]:
    """The refill up to the birth date, the booking up to the time of day; clips are written to ``folder``."""
    return (
        Script(NUMBERS[0], _paused(REFILL[:3], REFILL_PAUSES, folder)),
        Script(NUMBERS[1], _paused(BOOKING[:5], BOOKING_PAUSES, folder)),
    )


def _paused(
    turns: tuple[tuple[str, str], ...], pauses: dict[str, tuple[int, int]], folder: Path
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (str(with_pause(clip, *pauses[clip], folder)) if clip in pauses else clip, kind)
        for clip, kind in turns
    )


def with_pause(clip: str, at_ms: int, pause_ms: int, folder: Path) -> Path:
    """A fixture with silence put into it; the path without its ending, as scripts name clips."""
    with wave.open(str(ROOT / "audio_fixtures" / f"{clip}.wav")) as source:
        settings, rate_hz = source.getparams(), source.getframerate()
        before = source.readframes(at_ms * rate_hz // 1_000)
        after = source.readframes(source.getnframes())
    path = folder / f"{clip}{PAUSED}{pause_ms}"
    with wave.open(f"{path}.wav", "wb") as file:
        file.setparams(settings)
        file.writeframes(before + bytes(settings.sampwidth * (pause_ms * rate_hz // 1_000)) + after)
    return path
