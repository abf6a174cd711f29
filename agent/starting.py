"""A part that cannot start says so: a plain line with its fix, and an exit code that its supervisor knows."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from models.errors import FirstringError

CANNOT_START = 3  # starting it again will not help until somebody changes something


@contextlib.contextmanager
def starting(part: str) -> Iterator[None]:
    """Known errors within end the process with ``CANNOT_START``, without a traceback."""
    try:
        yield
    except FirstringError as problem:
        complain(part, problem)
        sys.exit(CANNOT_START)


def complain(part: str, problem: FirstringError) -> None:
    print(f"{part}: cannot start: {problem}\n{part}: fix: {problem.fix}", file=sys.stderr, flush=True)
