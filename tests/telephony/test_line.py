"""What the line calls one stretch of the agent's speech."""

from __future__ import annotations

import itertools

import pytest

from telephony.double.journal import Journal
from telephony.double.line import SEGMENT_GAP_MS, Line
from telephony.double.result import CallResult
from telephony.double.sound import FRAME_BYTES, FRAME_MS

LOUD = bytes([0x10]) * FRAME_BYTES


@pytest.fixture
def result() -> CallResult:
    return CallResult("CA1")


@pytest.fixture
def line(result: CallResult) -> Line:
    ticks = itertools.count(0, FRAME_MS)
    return Line(Journal(result, lambda: float(next(ticks)), None))


def plays(line: Line, frames: int) -> None:
    line.play(LOUD * frames)
    runs(line, frames)


def runs(line: Line, frames: int) -> None:
    for _ in range(frames):
        line.tick()


def test_a_short_pause_is_part_of_a_stretch(line: Line, result: CallResult) -> None:
    plays(line, 10)
    runs(line, SEGMENT_GAP_MS // FRAME_MS - 1)
    plays(line, 5)
    line.close()
    assert len(result.segments) == 1


def test_the_next_stream_is_a_stretch_of_its_own_however_soon_it_speaks(
    line: Line, result: CallResult
) -> None:
    """Else the silence after a stream that was lost would be measured to the words after these."""
    line.play(LOUD * 20)
    runs(line, 10)
    line.cut()
    runs(line, 3)
    plays(line, 5)
    line.close()
    assert [segment.end_ms - segment.start_ms for segment in result.segments] == [
        10 * FRAME_MS, 5 * FRAME_MS,
    ]  # fmt: skip
