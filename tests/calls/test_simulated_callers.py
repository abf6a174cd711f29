"""A simulated caller by voice, on audio time. `make check-long` plays all of them, some in real time."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from agent.in_process import Engines
from agent.rehearsal.audio_calls import AudioStage, play
from agent.rehearsal.judge import judge
from agent.rehearsal.scenario import default_folder, read_folder
from agent.rehearsal.stage import Stage

ALL = {scenario.name: scenario for scenario in read_folder(default_folder())}
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
IN_REAL_TIME = (
    *("cancel-a-visit", "person-at-once", "opening-hours", "chest-pain-at-once", "look-up-a-visit"),
    *("refill-due", "book-plain", "zero-while-identifying"),
)


@pytest.fixture(scope="module")
def audio(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AudioStage:
    return AudioStage(Stage(tmp_path_factory.mktemp("callers"), engines.mind), engines)


@pytest.mark.parametrize("name", ["cancel-a-visit", "opening-hours"] if IS_LONG else ["opening-hours"])
def test_a_spoken_call_leaves_the_right_state(audio: AudioStage, name: str, tmp_path: Path) -> None:
    played = play(audio, ALL[name], 1, keep=tmp_path)
    verdict = judge(ALL[name], played)
    assert verdict.passed, "\n".join([*verdict.failures, *played.transcript()])
    assert (tmp_path / f"{name}-1.wav").stat().st_size > 100_000


@pytest.mark.skipif(not IS_LONG, reason="a minute each: make check-long plays them")
@pytest.mark.parametrize("name", IN_REAL_TIME)
def test_the_same_in_real_time(audio: AudioStage, name: str) -> None:
    played = play(replace(audio, real_time=True), ALL[name], 1)
    assert not played.failure
    assert not judge(ALL[name], played).wrong


@pytest.mark.skipif(not IS_LONG, reason="ten seconds each: make check-long plays them")
@pytest.mark.parametrize("snr_db", [None, 15.0])
def test_nothing_wrong_is_done_by_voice(audio: AudioStage, snr_db: float | None) -> None:
    """How many succeed is measured, not asserted; that none does what it must not, is."""
    wrong = []
    for scenario in [one for one in ALL.values() if one.audio]:
        played = play(audio, scenario, 1, snr_db)
        wrong += [(scenario.name, failure) for failure in judge(scenario, played).wrong]
    assert wrong == []
