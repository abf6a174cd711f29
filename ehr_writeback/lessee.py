"""Who leases a call: a process, by a name that another one on the same machine can ask the system about.

A name holds the boot of the machine, the process namespace (a container's), number and start of the process:
so a number that was given again is not mistaken for the one that had it. What cannot be told counts as alive.
https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
"""

from __future__ import annotations

import os
from pathlib import Path

NOBODY = ""
_STATE, _START = 0, 19  # in /proc/PID/stat, counted behind the program's name
_GONE = "ZX"  # ended, and only its number is kept for the parent


def own_name() -> str:
    """This process; `NOBODY` where the system has no /proc."""
    try:
        return f"{_place()}/{os.getpid()}/{_stat(os.getpid())[_START]}"
    except OSError:
        return NOBODY


def is_dead(name: str) -> bool:
    """True only when it ran here and does not any more."""
    place, _, process = name.partition("/")
    number, _, started = process.partition("/")
    try:
        if place != _place() or not number.isdecimal():
            return False
        os.kill(int(number), 0)
        found = _stat(int(number))
        return found[_START] != started or (found[_STATE] in _GONE and _threads(int(number)) <= 1)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # it is somebody else's, or this system does not tell


def _place() -> str:
    """This machine since it was started, and which processes are seen from here."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}-{Path('/proc/self/ns/pid').readlink()}"


def _stat(number: int) -> list[str]:
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()


def _threads(number: int) -> int:
    return len(list(Path(f"/proc/{number}/task").iterdir()))
