"""Another voice, where Debian's ``flite`` program is installed: less robotic, some 50 ms a sentence."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from models.errors import SynthesisError
from voice.g711 import Samples
from voice.pyttsx import read_whole

_LIMIT_S: Final = 5.0


def installed() -> bool:
    return shutil.which("flite") is not None


def voices() -> tuple[str, ...]:
    """The names of its voices; empty where it is missing or does not tell."""
    try:
        done = subprocess.run(["flite", "-lv"], capture_output=True, text=True, timeout=_LIMIT_S, check=False)
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(done.stdout.partition(":")[2].split())


def check(voice: str) -> None:
    """Raises SynthesisError for a voice it does not have: it would speak with another, and not say so."""
    known = voices()
    if known and voice not in known:
        raise SynthesisError(
            f"flite has no voice {voice!r}; it has {', '.join(known)}", fix="Name one of them in VOICE."
        )


def synthesize(text: str, voice: str, stretch: float = 1.0) -> tuple[Samples, int]:
    """Samples and their rate in Hz; ``stretch`` 1.25 takes a quarter longer.

    Raises SynthesisError when flite is missing or fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentence.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}"]
        command += ["-t", text, "-o", str(path)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_LIMIT_S)
        except (OSError, subprocess.SubprocessError) as broken:
            raise SynthesisError(
                "flite could not speak", fix="apt-get install flite, or set the voice to espeak"
            ) from broken
        found = read_whole(path, text)
    if found is None:
        raise SynthesisError("flite wrote no complete audio")
    return found
