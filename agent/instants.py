"""Instants within a process."""

from __future__ import annotations

import asyncio


def monotonic_ms() -> float:
    """The running loop's clock: time that passes, or audio time (`agent.audio_time`)."""
    return asyncio.get_running_loop().time() * 1_000
