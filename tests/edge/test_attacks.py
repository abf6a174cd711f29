"""All attacks at once on a real server, short and small: no call is lost, memory stays, strangers go.

No times here: what calls notice is measured by ``python -m benchmarks.attack``.
"""

from __future__ import annotations

import asyncio
import tempfile

import pytest

from benchmarks.attackers import KINDS, Attacker
from benchmarks.line_load import Figures, speak
from benchmarks.transport import begin_calls, end_calls, served

pytestmark = pytest.mark.slow(about_s=10)

CALLS = 3
GROWTH_LIMIT_BYTES = 200 * 2**20
SECONDS = 3.0
ANSWERED = {
    "frames": {"shown out"},
    "loris": {"connections"},
    "bodies": {"413", "cut off"},
    "messages": {"shown out"},
    "flood": {"403"},
}


async def test_attacks_of_every_kind_cost_no_call() -> None:
    with tempfile.TemporaryFile() as log, served("firstring", None, log) as (url, process):
        figures = Figures()
        callers = await begin_calls(url, "firstring", CALLS, figures)
        before = process.memory_info().rss
        attackers = {kind: Attacker(url, SECONDS, seed=1, sockets=100) for kind in KINDS}
        attacking = asyncio.gather(*(attackers[kind].attack(kind) for kind in KINDS))
        await asyncio.gather(attacking, speak(callers, Figures(), SECONDS))
        assert process.is_running()
        assert figures.lost_calls == 0
        assert process.memory_info().rss - before < GROWTH_LIMIT_BYTES
        for kind, attacker in attackers.items():
            assert ANSWERED[kind] & attacker.counts.keys(), (kind, attacker.counts)
        await end_calls([*callers, *await begin_calls(url, "firstring", 1, figures)])
        log.seek(0)
        assert b"Exception in ASGI application" not in log.read()
