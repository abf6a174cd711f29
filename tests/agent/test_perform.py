"""Whatever a backend does, the dialog gets an outcome. On audio time."""

from __future__ import annotations

import asyncio
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from agent import perform
from agent.perform import Performer
from models.domain import (
    ActionFailed,
    CallTransferred,
    HangUp,
    IdentityVerified,
    TransferCall,
    VerifyIdentity,
)
from models.domain import IdentityLevel as Level
from models.errors import BackendError, FirstringError

pytestmark = pytest.mark.audio_time

CLAIM = VerifyIdentity("a1", ("Maria Lopez",), date(1981, 3, 5))


class Directory:
    def __init__(self, error: BaseException | None = None, wait_s: float = 0.0) -> None:
        self._error, self._wait_s = error, wait_s

    async def verify(self, claim: VerifyIdentity, **_: object) -> IdentityVerified:
        await asyncio.sleep(self._wait_s)
        if self._error:
            raise self._error
        return IdentityVerified("p1", Level.L1)


def performer(directory: Directory, **changes: Any) -> Performer:
    backends: Any = SimpleNamespace(directory=directory, scheduling=None, pharmacy=None, desk=None)
    return Performer(backends, "CA1", "+16175550123", **changes)


async def test_an_action_gives_its_result() -> None:
    assert await performer(Directory()).perform(CLAIM) == IdentityVerified("p1", Level.L1)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BackendError("down"), "backend"),
        (FirstringError("odd"), "error"),
        (ZeroDivisionError(), "defect-ZeroDivisionError"),
    ],
)
async def test_a_failing_backend_is_an_outcome(error: Exception, code: str) -> None:
    assert await performer(Directory(error)).perform(CLAIM) == ActionFailed(code)


async def test_a_slow_backend_is_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perform, "LIMIT_S", 0.05)
    assert await performer(Directory(wait_s=1)).perform(CLAIM) == ActionFailed("backend-timeout")


async def test_a_transfer_is_the_lines_to_grant() -> None:
    async def refused() -> bool:
        return False

    assert await performer(Directory(), transfer=refused).perform(
        TransferCall("a2", "asked")
    ) == ActionFailed("transfer-refused")
    assert await performer(Directory()).perform(TransferCall("a2", "asked")) == CallTransferred()


async def test_hanging_up_has_no_result() -> None:
    assert await performer(Directory()).perform(HangUp("a3")) is None


async def test_a_transfer_may_wait_for_long_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perform, "LIMIT_S", 0.05)

    async def after_a_while() -> bool:
        await asyncio.sleep(0.2)
        return True

    action = TransferCall("a2", "danger")
    assert await performer(Directory(), transfer=after_a_while).perform(action) == CallTransferred()
