"""The words of a recogniser that only spends time: what was said by then, and no more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.forced_whisper import Clips, read_clips, words_in, write_clips
from telephony.double.sound import read_wav, to_mulaw
from voice import g711

FIXTURES = Path(__file__).resolve().parents[2] / "audio_fixtures"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return read_clips(write_clips(FIXTURES, tmp_path_factory.mktemp("clips") / "clips.jsonl"))


def heard(name: str) -> bytes:
    return g711.decode(to_mulaw(read_wav(FIXTURES / f"{name}.wav"))).tobytes()


def test_every_fixture_is_known_by_its_beginning(clips: Clips) -> None:
    names = [path.stem for path in FIXTURES.glob("*.wav")]
    assert len(clips) == len(names)
    assert all(words_in(heard(name), clips) for name in names)


def test_silence_around_a_clip_and_a_faded_end_change_nothing(clips: Clips) -> None:
    pcm, silence = heard("maria-dob"), bytes(8_000)
    whole = words_in(pcm, clips)
    assert words_in(silence + pcm + silence, clips) == whole
    assert words_in(pcm[: -len(pcm) // 50], clips) == whole


def test_half_a_clip_is_half_of_its_words(clips: Clips) -> None:
    pcm = heard("maria-wants-refill")
    whole, half = words_in(pcm, clips), words_in(pcm[: len(pcm) // 2], clips)
    assert whole
    assert half
    assert whole.startswith(half)
    assert 0.3 < len(half.split()) / len(whole.split()) < 0.7


def test_other_sound_is_not_known(clips: Clips) -> None:
    noise = np.random.default_rng(1).normal(0, 3_000, 8_000).astype(np.int16)
    assert words_in(noise.tobytes(), clips) is None
