"""One timer for many waits, and the limit is still each one's own."""

from __future__ import annotations

import asyncio

import pytest

from telephony.idle import IdleLimit

pytestmark = pytest.mark.audio_time

LIMIT_S = 0.1


async def later(delay_s: float) -> str:
    await asyncio.sleep(delay_s)
    return "came"


async def test_a_wait_that_takes_too_long_is_ended() -> None:
    with pytest.raises(TimeoutError):
        await IdleLimit(LIMIT_S).wait(asyncio.Event().wait())


async def test_many_waits_may_take_longer_together_than_one_may() -> None:
    limit = IdleLimit(LIMIT_S)
    for _ in range(20):
        assert await limit.wait(later(LIMIT_S / 10)) == "came"
    with pytest.raises(TimeoutError):
        await limit.wait(asyncio.Event().wait())


async def test_time_between_waits_does_not_count() -> None:
    limit = IdleLimit(LIMIT_S)
    assert await limit.wait(later(0)) == "came"
    await asyncio.sleep(LIMIT_S * 2)
    assert await limit.wait(later(LIMIT_S / 10)) == "came"


async def test_who_is_cancelled_by_others_is_cancelled() -> None:
    waiting = asyncio.create_task(IdleLimit(LIMIT_S * 100).wait(asyncio.Event().wait()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert waiting.cancelled()


async def test_what_goes_wrong_in_a_wait_is_told() -> None:
    async def fail() -> None:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        await IdleLimit(LIMIT_S).wait(fail())
