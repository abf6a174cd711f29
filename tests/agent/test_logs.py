"""Only listed keys can be logged."""

from __future__ import annotations

import logging

import pytest

from agent import logs
from agent.logs import only_allowed


def test_a_name_cannot_slip_into_a_log() -> None:
    entry = only_allowed(None, "", {"event": "call.ended", "call_id": "CA1", "patient": "Maria Lopez"})
    assert entry == {"event": "call.ended", "call_id": "CA1", "count": 1}


def test_what_a_library_logs_is_named_and_never_quoted(
    own_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    try:
        raise KeyError("Maria Lopez")
    except KeyError:
        logging.getLogger("asyncio").exception("no task for %s", "+16175550123")
    said = capsys.readouterr().err
    assert '"door": "asyncio"' in said
    assert '"kind": "KeyError"' in said
    assert "test_logs.py:" in said
    assert "Maria" not in said
    assert "555" not in said
