"""Only listed keys can be logged."""

from __future__ import annotations

from agent.logs import only_allowed


def test_a_name_cannot_slip_into_a_log() -> None:
    entry = only_allowed(None, "", {"event": "call.ended", "call_id": "CA1", "patient": "Maria Lopez"})
    assert entry == {"event": "call.ended", "call_id": "CA1", "count": 1}
