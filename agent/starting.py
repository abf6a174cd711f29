"""A part that cannot start says so: a plain line with its fix, and an exit code that its supervisor knows."""

from __future__ import annotations

import contextlib
import resource
import sys
from collections.abc import Callable, Iterator

from models.errors import FirstringError

CANNOT_START = 3  # starting it again will not help until somebody changes something
CANNOT_START_YET = 4  # what is in its way may pass: a database that is starting up, a full disk
# Between tries of what waits for that: a database takes seconds to start, a disk hours to be given room.
YET_PAUSES_S = (1.0, 2.0, 3.0, 5.0, 10.0)


def without_core_files() -> None:
    """A crash of this process, or of one that it starts, writes no memory to a disk: patients are in it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextlib.contextmanager
def starting(part: str) -> Iterator[Callable[[], None]]:
    """Known errors within end the process without a traceback, and with `exit_code`.

    Gives what is called once the part has started: errors after that are no reason not to try again.
    """
    code: list[int] = []
    try:
        yield lambda: code.append(1)
    except FirstringError as problem:
        complain(part, problem)
        sys.exit(code[0] if code else exit_code(problem))


def exit_code(problem: FirstringError) -> int:
    """Of a part that this keeps from starting."""
    return CANNOT_START_YET if problem.may_pass else CANNOT_START


def yet_pause_s(tries: int) -> float:
    """After so many tries before this one."""
    return YET_PAUSES_S[min(tries, len(YET_PAUSES_S) - 1)]


def complain(part: str, problem: FirstringError) -> None:
    when = " yet" if problem.may_pass else ""
    print(f"{part}: cannot start{when}: {problem}\n{part}: fix: {problem.fix}", file=sys.stderr, flush=True)
