"""Older calls are made searchable beside those that are answered, and never at their cost."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session

from agent import keying
from models.keyring import KeyRing
from models.storage import Storage


async def test_a_call_that_cannot_be_read_ends_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = [ValueError("a row of another shape"), None]

    def key_older(session: Session, limit: int) -> int:
        if problem := left.pop(0):
            raise problem
        return 0

    monkeypatch.setattr(keying, "AGAIN_S", 0.0)
    monkeypatch.setattr(keying, "key_older_calls", key_older)
    storage = Storage.open(f"sqlite:///{tmp_path}/calls.db", KeyRing.load_or_create(tmp_path / "keys"))
    try:
        await keying.key_all(storage)
    finally:
        storage.close()
    assert left == []
