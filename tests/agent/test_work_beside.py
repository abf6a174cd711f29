"""The web process lives on when work beside the calls fails, and at its start it does not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from agent import background, web
from agent.local_server import demo_settings
from agent.services import Services
from models.keyfile import KeyRingError

LIMIT_S = 60.0


def failures() -> float:
    return REGISTRY.get_sample_value("firstring_loops_failed_total", {"loop": "practice"}) or 0.0


async def test_an_error_that_nobody_foresaw_ends_neither_the_process_nor_its_other_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: Services) -> None:
        raise KeyError("the fault")

    monkeypatch.setattr(background, "PAUSES_S", (0.01,))
    monkeypatch.setattr("agent.services.PRACTICE_EVERY_S", 0.01)
    before = failures()
    async with web.running(demo_settings(tmp_path)) as (services, answering):
        monkeypatch.setattr(Services, "refresh_practice", broken)
        async with asyncio.timeout(LIMIT_S):
            while failures() < before + 3:
                await asyncio.sleep(0.01)
        others = set(web.work_beside(services, answering)) - {"practice"}
        assert {loop for loop in others if _failed(loop)} == set()


def _failed(loop: str) -> float:
    return REGISTRY.get_sample_value("firstring_loops_failed_total", {"loop": loop}) or 0.0


async def test_a_wrong_set_up_is_still_seen_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "keys").write_text("{}")
    (tmp_path / "secrets" / "keys").chmod(0o600)
    with pytest.raises(KeyRingError, match="damaged"):
        async with web.running(demo_settings(tmp_path)):
            pytest.fail("it served")
