"""Words as a note compares and quotes them: on one line, with one kind of quotation mark, cut or whole."""

from __future__ import annotations

CUT = "..."  # at the end of words that go on


def quoted(words: str) -> str:
    """As it stands between quotation marks."""
    return " ".join(words.split()).replace('"', "'")


def flat(words: str) -> str:
    """As it is compared: without case."""
    return quoted(words.casefold())


def uncut(words: str) -> str:
    """Flat, and without the sign that it goes on."""
    return flat(words).removesuffix(CUT).rstrip()
