"""`make bench-whisper` measures every decoder and arithmetic in both windows, whatever the weights."""

from __future__ import annotations

from pathlib import Path

from benchmarks.whisper import Speed, error_table, loaders, own_clips, speed_table
from tests.voice.whisper_checkpoints import checkpoint

ENGINES = ["fp32", "bf16", "int8", "CTranslate2 fp32", "CTranslate2 int8"]


def test_word_errors_are_counted_for_each_decoder_and_window(tmp_path: Path) -> None:
    assert list(loaders()) == ENGINES
    clips = list(own_clips(2))
    table = error_table(checkpoint(tmp_path / "random.pt", ends=6.0), 1, clips)
    rows = [list(column.cells) for column in table.columns]
    assert list(zip(rows[0], rows[1], strict=True)) == [
        (engine, window) for engine in ENGINES for window in ("30 s", "short")
    ]
    assert all(float(str(error)) > 0 for error in rows[3]), "random weights cannot know the words"
    assert rows[3][:2] == rows[3][6:8], "the same weights, the same arithmetic, the same words"


def test_speed_is_measured_for_each_decoder_and_window(tmp_path: Path) -> None:
    ticks = iter(range(10_000))
    table = speed_table("random", checkpoint(tmp_path / "random.pt"), Speed(1, 1, lambda: float(next(ticks))))
    assert [str(cell) for cell in table.columns[0].cells] == [
        "package's decode",
        *(engine for engine in ENGINES for _ in range(2)),
    ]
    assert {str(cell) for cell in table.columns[4].cells} == {"1000"}, "a tick of the clock for each"
