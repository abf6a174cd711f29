"""A part that cannot start says so: a plain line with its fix, and an exit code that its supervisor knows."""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Callable, Iterator

from models.errors import FirstringError

CANNOT_START = 3  # starting it again will not help until somebody changes something


def without_core_files() -> None:
    """A crash of this process, or of one that it starts, writes no memory to a disk: patients are in it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextlib.contextmanager
def starting(part: str) -> Iterator[Callable[[], None]]:
    """Known errors within end the process without a traceback, and with ``CANNOT_START``.

    Gives what is called once the part has started: errors after that are no reason not to try again.
    """
    code = [CANNOT_START]
    try:
        yield lambda: code.__setitem__(0, 1)
    except FirstringError as problem:
        complain(part, problem)
        sys.exit(code[0])


def complain(part: str, problem: FirstringError) -> None:
    print(f"{part}: cannot start: {problem}\n{part}: fix: {problem.fix}", file=sys.stderr, flush=True)
