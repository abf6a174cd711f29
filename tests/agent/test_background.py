"""Work beside the calls that fails is begun again; what it said is not told."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import REGISTRY

from agent import logs
from agent.background import PAUSES_S, STEADY_S, keep_going

pytestmark = pytest.mark.audio_time


class Fragile:
    """Fails so many times, each after it has gone on for ``lives_s``; then it has nothing more to do."""

    def __init__(self, failures: int, lives_s: float = 0.0) -> None:
        self._left, self._lives_s = failures, lives_s
        self.began_s: list[float] = []

    async def run(self) -> None:
        self.began_s.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self._lives_s)
        if self._left:
            self._left -= 1
            raise OSError("Maria Lopez, +16175550123")

    def pauses_s(self) -> list[float]:
        gaps = zip(self.began_s, self.began_s[1:], strict=False)
        return [after - before - self._lives_s for before, after in gaps]


def failed(name: str) -> float:
    return REGISTRY.get_sample_value("firstring_loops_failed_total", {"loop": name}) or 0.0


async def test_it_is_begun_again_after_ever_longer_pauses_until_it_has_done() -> None:
    fragile = Fragile(6)
    await keep_going("fragile-1", fragile.run)
    assert fragile.pauses_s() == pytest.approx([*PAUSES_S, PAUSES_S[-1], PAUSES_S[-1]])
    assert failed("fragile-1") == 6


async def test_what_went_well_for_long_begins_again_soon() -> None:
    fragile = Fragile(3, lives_s=STEADY_S + 1)
    await keep_going("fragile-2", fragile.run)
    assert fragile.pauses_s() == pytest.approx([PAUSES_S[0]] * 3)


async def test_kind_and_place_are_told_and_nothing_that_was_said(
    own_logging: None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    await keep_going("fragile-3", Fragile(1).run)
    said = capsys.readouterr().err
    assert '"event": "loop.failed"' in said
    assert '"worker": "fragile-3"' in said
    assert '"kind": "OSError"' in said
    assert "test_background.py:" in said
    assert "Maria" not in said
    assert "555" not in said


async def test_who_calls_it_off_is_obeyed_at_work_and_in_a_pause() -> None:
    for fragile in (Fragile(0, lives_s=1_000), Fragile(1)):
        going = asyncio.create_task(keep_going("fragile-4", fragile.run))
        await asyncio.sleep(0.5)
        going.cancel()
        with pytest.raises(asyncio.CancelledError):
            await going
        assert len(fragile.began_s) == 1


async def test_it_can_be_seen_that_nothing_has_failed_yet() -> None:
    """An alarm asks for a rise."""
    await keep_going("steady", Fragile(0).run)
    assert REGISTRY.get_sample_value("firstring_loops_failed_total", {"loop": "steady"}) == 0
