"""Lines of a file as an operator may send them: bounded, and never the end of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

LONGEST_BYTES = 200_000  # of a line; more than 30,000 words
_ENDS = b"\r\n"


@dataclass(frozen=True, slots=True)
class Line:
    """``text`` holds U+FFFD for bytes that are not UTF-8. ``problem`` is "" where nothing is wrong."""

    text: str
    problem: str = ""


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """Each line as it arrives. Of one that is too long the beginning is kept, and the rest passed over."""
    while raw := file.readline(LONGEST_BYTES):
        cut = not raw.endswith(b"\n") and _passed_over(file)
        yield _line(raw.rstrip(_ENDS), cut=cut)


def _passed_over(file: BinaryIO) -> bool:
    """Reads to the end of the line; whether there was more of it."""
    more = False
    while rest := file.readline(LONGEST_BYTES):
        more = more or bool(rest.strip(_ENDS))
        if rest.endswith(b"\n"):
            break
    return more


def _line(raw: bytes, *, cut: bool) -> Line:
    problems = [f"longer than {LONGEST_BYTES} bytes: the rest was not read"] if cut else []
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("utf-8", errors="replace")
        problems.append("not UTF-8: what could not be read stands as U+FFFD")
    return Line(text, "; ".join(problems))
