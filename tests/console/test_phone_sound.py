"""The sound of the browser's telephone, run by Node, against the codec of the server's side."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from telephony import g711

HERE = Path(__file__).parent
SCRIPT = HERE.parents[1] / "console/static/phone_sound.js"
NODE = shutil.which("node")
RATES = (44_100, 48_000, 16_000, 8_000)

pytestmark = pytest.mark.skipif(NODE is None, reason="Node runs the telephone's sound")


def run(test: str, **asked: Any) -> Any:
    command = [str(NODE), str(HERE / "phone_sound.mjs"), str(SCRIPT)]
    given = json.dumps({"test": test, "rate_hz": 48_000, **asked})
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def tone(pitch_hz: float, rate_hz: int, length_s: float = 0.5) -> NDArray[np.float64]:
    return 0.5 * np.sin(2 * np.pi * pitch_hz * np.arange(int(length_s * rate_hz)) / rate_hz)


def level(samples: NDArray[np.float64]) -> float:
    """Of the middle, in dB: filters begin and end with silence."""
    middle = np.asarray(samples)[len(samples) // 4 : -len(samples) // 4]
    return float(20 * np.log10(np.sqrt(np.mean(np.square(middle))) + 1e-9))


def test_every_sample_becomes_the_code_that_the_server_would_make() -> None:
    every = np.arange(-32_768, 32_768).astype(np.int16)
    assert run("codes") == g711.encode_array(every).tolist()


def test_every_code_becomes_the_sample_that_the_server_meant() -> None:
    assert run("samples") == g711.decode_array(np.arange(256, dtype=np.uint8)).tolist()


@pytest.mark.parametrize("rate_hz", RATES)
@pytest.mark.parametrize("pitch_hz", [300, 1_000, 3_000])
def test_speech_comes_through_either_way(rate_hz: int, pitch_hz: int) -> None:
    for from_hz, to_hz in ((rate_hz, 8_000), (8_000, rate_hz)):
        sound = tone(pitch_hz, from_hz)
        came = np.array(run("resampled", from_hz=from_hz, to_hz=to_hz, samples=sound.tolist()))
        assert len(came) == pytest.approx(len(sound) * to_hz / from_hz, abs=250)
        assert level(came) == pytest.approx(level(sound), abs=0.3)
        pure = tone(pitch_hz, to_hz, len(came) / to_hz)
        assert np.corrcoef(came[500:-500], pure[500 : len(came) - 500])[0, 1] > 0.999, (
            "no clicks between blocks"
        )


@pytest.mark.parametrize("pitch_hz", [4_300, 5_000, 7_500, 12_000])
def test_what_a_telephone_cannot_carry_does_not_come_back_as_another_tone(pitch_hz: int) -> None:
    came = np.array(run("resampled", from_hz=48_000, to_hz=8_000, samples=tone(pitch_hz, 48_000).tolist()))
    assert level(came) < level(tone(pitch_hz, 48_000)) - 50


def test_the_line_gets_frames_of_20_ms_and_silence_while_muted() -> None:
    sound = tone(440, 48_000, 1.0).tolist()
    spoken, muted = (run("spoken", samples=sound, muted=silent) for silent in (False, True))
    assert len(spoken) == len(muted) == 49, "a second, less what the filter holds back"
    assert {len(frame["frame"]) for frame in spoken} == {160}
    line = g711.decode_array(np.array([frame["frame"] for frame in spoken], dtype=np.uint8).ravel())
    assert level(line / 32_768) == pytest.approx(level(np.array(sound)), abs=0.3)
    assert {code for frame in muted for code in frame["frame"]} == {0xFF}
    assert spoken[25]["level"] == pytest.approx(0.5 / np.sqrt(2), abs=0.02)
    assert muted[25]["level"] == pytest.approx(spoken[25]["level"]), (
        "the meter shows that one is heard by oneself"
    )


# --------------------------------------------------------------------------- playing; times in 8 kHz samples

LEAD, BEYOND = 480, 8_000
LOUD = [0x80] * 800  # 100 ms of the loudest
QUEUED = [["media", LOUD], ["mark", "one"], ["media", LOUD], ["mark", "two"]]


def played(steps: list[Any], lag: int = 0) -> tuple[list[Any], NDArray[np.float64]]:
    """At 8 kHz, so that a sample taken is one of the line."""
    found = run("played", rate_hz=8_000, lag=lag, steps=steps)
    return found["happened"], np.array(found["heard"])


def loud(heard: NDArray[np.float64]) -> int:
    return int(np.sum(np.abs(heard) > 0.5))


def test_a_mark_comes_back_when_all_before_it_was_played_and_not_sooner() -> None:
    happened, heard = played([*QUEUED, ["take", BEYOND]])
    assert loud(heard) == pytest.approx(1_600, abs=4)
    assert [name for name, _ in happened] == ["one", "two"]
    for (_, at), least in zip(happened, (LEAD + 800, LEAD + 1_600), strict=True):
        assert least <= at <= least + 256


def test_a_mark_waits_for_what_is_still_on_its_way_to_the_ear() -> None:
    [(_, sooner), _], _ = played([*QUEUED, ["take", BEYOND]])
    [(_, later), _], _ = played([*QUEUED, ["take", BEYOND]], lag=1_600)
    assert later - sooner == pytest.approx(1_600, abs=256)


def test_clear_empties_the_line_and_sends_its_marks_back_at_once() -> None:
    happened, heard = played([*QUEUED, ["take", LEAD + 400], ["clear"], ["take", BEYOND]])
    assert loud(heard) == pytest.approx(400, abs=150)
    assert happened == [["one", LEAD + 400], ["two", LEAD + 400]]


def test_after_a_clear_what_is_said_next_is_played() -> None:
    steps = [*QUEUED, ["take", LEAD + 400], ["clear"], ["media", LOUD], ["mark", "three"], ["take", BEYOND]]
    happened, heard = played(steps)
    assert [name for name, _ in happened] == ["one", "two", "three"]
    assert loud(heard) == pytest.approx(1_200, abs=150)


def test_a_mark_with_nothing_before_it_comes_back_at_once() -> None:
    happened, _ = played([["mark", "alone"], ["take", 256]])
    assert happened[0][0] == "alone"
    assert happened[0][1] <= 256


def test_a_late_piece_is_played_whole_after_a_new_lead() -> None:
    _, heard = played([["media", LOUD], ["take", BEYOND], ["media", LOUD], ["take", BEYOND]])
    assert loud(heard) == pytest.approx(1_600, abs=8)


def test_pieces_that_come_unevenly_within_the_lead_make_no_gap() -> None:
    piece = [0x80] * 160
    steps: list[Any] = [["media", piece], ["take", 320]]
    for _ in range(20):
        steps += [["media", piece], ["media", piece], ["take", 320]]
    _, heard = played([*steps, ["take", BEYOND]])
    sounding = np.flatnonzero(np.abs(heard) > 0.5)
    assert len(sounding) == pytest.approx(41 * 160, abs=4)
    assert sounding[-1] - sounding[0] == pytest.approx(41 * 160, abs=4)


@pytest.mark.parametrize("rate_hz", RATES)
def test_the_processor_plays_listens_and_goes_on_without_a_microphone(rate_hz: int) -> None:
    found = run("worklet", rate_hz=rate_hz)
    assert found["loudest"] > 0.5 or rate_hz > 16_000
    lasts_s = 100 * 128 / rate_hz
    assert found["frames"] == pytest.approx(lasts_s / 0.02, abs=1)
    assert found["marks"] == (1 if lasts_s > 0.13 else 0)
