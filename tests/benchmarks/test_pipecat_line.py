"""What the rows say of two sides that were measured; the measuring itself is a benchmark."""

from __future__ import annotations

import wave
from pathlib import Path

from benchmarks.hesitation import BOOKING_PAUSES, PAUSED, hesitating
from benchmarks.pipecat_line import OUR_SILENCE, OURS, RECOMMENDED, Found, Load, most_carried, share
from benchmarks.spent import Spent
from benchmarks.turn_calls import ROOT, Figures
from benchmarks.turn_line import Answered, Called


def found(side: str, at_once: int, *replies_ms: float | None, others: float = 0.0) -> Found:
    turns = [Answered("clip", "open", 1_000.0, reply_ms) for reply_ms in replies_ms]
    return Found(side, Load(at_once), Figures([Called(turns=turns)]), Spent(1.0, others))


def test_our_share_is_of_the_better_of_two_settings_at_the_same_load() -> None:
    sides = [found(OURS, 1, 300.0), found(RECOMMENDED, 1, 600.0), found(OUR_SILENCE, 1, 400.0)]
    assert share([*sides, found(OUR_SILENCE, 10, 100.0)], 1, 50) == 0.75


def test_a_load_is_carried_when_all_is_answered_and_nearly_all_in_time() -> None:
    slow, silent = found(OURS, 10, 400.0, 1_600.0), found(OURS, 5, 400.0, None)
    assert most_carried([slow, silent, found(OURS, 1, 400.0)], OURS) == 1
    assert most_carried([slow], OURS) == 0


def test_a_row_says_when_others_used_the_processor() -> None:
    assert not found(OURS, 1, 400.0).doubts
    assert "30% of the machine" in found(OURS, 1, 400.0, others=0.3).doubts


def test_of_hesitating_callers_only_turns_with_a_pause_count() -> None:
    turns = [
        Answered("maria-name", "name", 900.0),
        Answered(f"maria-dob{PAUSED}700", "dob", 900.0, early=True),
    ]
    load = Load(2, hesitating=True)
    assert Found(OURS, load, Figures([Called(turns=turns)]), Spent(1.0, 0.0)).cut_off == (1, 1)


def test_a_hesitating_clip_is_longer_by_its_pause(tmp_path: Path) -> None:
    turn = next(turn for turn in hesitating(tmp_path)[1].played() if PAUSED in turn.clip.stem)
    pause_ms = BOOKING_PAUSES["james-dob"][1]
    assert length_ms(turn.clip) == length_ms(ROOT / "audio_fixtures" / "james-dob.wav") + pause_ms


def length_ms(path: Path) -> int:
    with wave.open(str(path)) as clip:
        return int(clip.getnframes() * 1_000 // clip.getframerate())
