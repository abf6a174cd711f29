"""Time that passes only when everybody waits."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from agent import audio_time
from agent.audio_time import STARTS_S, NothingToWaitFor, clock_from

HOUR_S = 3_600.0


def test_an_hour_of_waiting_takes_no_time_and_happens_in_order() -> None:
    happened: list[tuple[float, str]] = []

    async def wait(seconds: float, name: str) -> None:
        await asyncio.sleep(seconds)
        happened.append((asyncio.get_running_loop().time() - STARTS_S, name))

    async def main() -> None:
        await asyncio.gather(wait(HOUR_S, "hour"), wait(0.02, "frame"), wait(60.0, "minute"))

    audio_time.run(main())
    assert [name for _, name in happened] == ["frame", "minute", "hour"]
    assert [at_s for at_s, _ in happened] == pytest.approx([0.02, 60.0, HOUR_S])


def test_what_a_thread_would_do_takes_no_audio_time() -> None:
    def slow() -> int:
        time.sleep(0.05)
        return 42

    async def main() -> tuple[int, float]:
        loop = asyncio.get_running_loop()
        alarm = asyncio.create_task(asyncio.sleep(0.001))
        answer = await asyncio.to_thread(slow)
        assert not alarm.done(), "the work was slow, the call's clock stood still"
        await alarm
        return answer, loop.time() - STARTS_S

    answer, passed_s = audio_time.run(main())
    assert answer == 42
    assert passed_s == pytest.approx(0.001)


def test_work_that_fails_fails_where_it_is_awaited() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    async def main() -> None:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(broken)

    audio_time.run(main())


def test_limits_hold_in_audio_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(90.0):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time() - STARTS_S

    assert audio_time.run(main()) == pytest.approx(90.0)


def test_the_wall_clock_of_a_call_goes_with_it() -> None:
    began = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)

    async def main() -> datetime:
        clock = clock_from(began)
        await asyncio.sleep(90)
        return clock()

    assert abs(audio_time.run(main()) - began - timedelta(seconds=90)) < timedelta(milliseconds=1)


def test_a_call_that_waits_for_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_time, "OUTSIDE_LIMIT_S", 0.01)

    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingToWaitFor):
        audio_time.run(main())
