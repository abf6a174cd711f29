"""Prompts that lie beside the code as mu-law files: speech that needs no engine.

``python -m voice.recorded`` renders them again with espeak-ng.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from voice import espeak
from voice.loudness import for_the_line
from voice.normalise import for_the_ear

_FOLDER: Final = Path(__file__).parent / "prompts"


class Recorded(StrEnum):
    """The file's name; its words are in ``WORDS``."""

    ONE_MOMENT = "one_moment"
    CONNECTING = "connecting"
    SAY_AGAIN = "say_again"
    GOODBYE = "goodbye"


WORDS: Final = {
    Recorded.ONE_MOMENT: "One moment please.",
    # When no engine speaks: whatever the caller has told us, nobody has answered them.
    Recorded.CONNECTING: "I'm sorry, something went wrong. If this is an emergency, hang up and call 911."
    " I'm connecting you to our staff.",
    Recorded.SAY_AGAIN: "I'm sorry, I'm having trouble hearing you. Could you say that again?",
    Recorded.GOODBYE: "Thank you for calling. Goodbye.",
}


@lru_cache
def prompt(name: Recorded) -> bytes:
    """mu-law, 8 kHz."""
    return (_FOLDER / f"{name}.ulaw").read_bytes()


def render_all() -> None:
    for name, text in WORDS.items():
        (_FOLDER / f"{name}.ulaw").write_bytes(rendered(text))


def rendered(text: str) -> bytes:
    """mu-law, 8 kHz, with espeak-ng. Raises SynthesisError."""
    return for_the_line(espeak.synthesize(for_the_ear(text)), espeak.ESPEAK_HZ)


if __name__ == "__main__":
    render_all()
