"""Which process leads a call, as its row says: ``host:pid:random``."""

from __future__ import annotations

import os
import secrets
import socket


def new_owner() -> str:
    """A name for this process that no other has, before or after it."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def lives_elsewhere(owner: str, own: str) -> bool:
    """Whether another process leads the call, as far as can be seen from here.

    One of this machine that has ended does not; of another machine's it cannot be known.
    """
    if not owner or owner == own:
        return False
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    return host != socket.gethostname() or not rest.isdigit() or _is_alive(int(rest))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
