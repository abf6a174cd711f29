"""The system's clock: stream tokens live a minute, and appointments are made by it."""

from __future__ import annotations

import ctypes
import errno
from collections.abc import Callable, Iterator

from agent.doctor.findings import Finding, not_checked, ok, warn

TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
TIMEX_BYTES = 512  # struct timex has 208 on x86-64; all zero asks and changes nothing


def system_clock(state: Callable[[], int] | None = None) -> Iterator[Finding]:
    """``state`` answers as adjtimex(2): 0 to 4 synchronised, 5 not, negative when it cannot be asked."""
    check, found = "system clock", (state or kernel_state)()
    if found < 0:
        yield not_checked(check, f"this system does not tell ({errno.errorcode.get(-found, 'unknown')})")
    elif found == TIME_ERROR:
        yield warn(
            check,
            "not synchronised with a time server",
            "Start one (`systemctl enable --now systemd-timesyncd`); in a container, on its host.",
        )
    else:
        yield ok(check, "synchronised")


def kernel_state() -> int:
    try:
        library = ctypes.CDLL(None, use_errno=True)
        found: int = library.adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        return -errno.ENOSYS
    return found if found >= 0 else -ctypes.get_errno()
