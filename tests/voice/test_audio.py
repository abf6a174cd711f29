"""Codes, rates and levels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog import wording
from voice import g711, recorded
from voice.g711 import Samples
from voice.loudness import SPEECH_DBFS, for_the_line, speech_level_dbfs
from voice.normalise import for_the_ear


def test_the_mu_law_table_is_that_of_g711() -> None:
    assert g711.decode(bytes([0xFF, 0x7F, 0x00, 0x80, 0xF0])).tolist() == [0, 0, -32_124, 32_124, 120]
    codes = bytes(code for code in range(256) if code != 0x7F)  # minus zero is sent as zero
    assert g711.encode(g711.decode(codes)) == codes


@given(st.integers(-32_768, 32_767))
def test_a_sample_comes_back_within_a_step(sample: int) -> None:
    back = int(g711.decode(g711.encode(np.array([sample], np.int16)))[0])
    assert abs(back - sample) <= max(abs(sample) * 0.065, 4) + (644 if abs(sample) > 32_100 else 0)


def tone(hz: int, ms: int = 500, rate: int = 8_000) -> Samples:
    wave = (8_000 * np.sin(2 * np.pi * hz * np.arange(ms * rate // 1_000) / rate)).astype(np.int16)
    return np.asarray(wave, np.int16)


def test_sentences_leave_at_one_level_trimmed_and_unclipped() -> None:
    quiet = np.concatenate((np.zeros(22_050), tone(300, 800, 22_050) * 0.05, np.zeros(22_050)))
    said = g711.decode(for_the_line(quiet.astype(np.int16), 22_050))
    assert speech_level_dbfs(said) == pytest.approx(SPEECH_DBFS, abs=0.5)
    assert 800 <= said.size / 8 <= 920
    assert np.abs(said.astype(np.int32)).max() < 32_000


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            "Dr. Chen on 5/3/2026 at 2:20 PM.",
            "Doctor Chen on May third, twenty twenty six at two twenty P M.",
        ),
        ("We open at 8 AM. Goodbye.", "We open at eight A M. Goodbye."),
        ("9:05 a.m. or 14:30", "nine oh five A M or two thirty P M"),
        ("Tuesday, May 12 at 10:00 AM", "Tuesday, May twelfth at ten A M"),
        ("born 1958-03-03", "born March third, nineteen fifty eight"),
        ("lisinopril 10 mg", "lisinopril ten milligrams"),
        ("0.5 mg or 1,000 mcg", "zero point five milligrams or one thousand micrograms"),
        ("call +15551234567", "call five five five, one two three, four five six seven"),
        ("(555) 123-4567", "five five five, one two three, four five six seven"),
        ("hang up and call 911", "hang up and call nine one one"),
        ("ZIP code 62704", "ZIP code six two seven zero four"),
        ("on 13/45", "on thirteen slash forty five"),
    ],
)
def test_text_is_written_for_the_ear(written: str, said: str) -> None:
    assert for_the_ear(written) == said


@pytest.mark.parametrize("name", list(recorded.Recorded))
def test_recorded_prompts_say_what_stands_beside_them(name: recorded.Recorded) -> None:
    """As long as their words take: another espeak-ng, or an altered sentence, would differ by more."""
    assert len(recorded.prompt(name)) == pytest.approx(len(recorded.rendered(recorded.WORDS[name])), rel=0.1)


def test_without_any_engine_a_caller_still_hears_where_to_turn_in_an_emergency() -> None:
    assert wording.EMERGENCY in recorded.WORDS[recorded.Recorded.CONNECTING]


@pytest.mark.parametrize("name", list(recorded.Recorded))
def test_recorded_prompts_are_speech_without_any_engine(name: recorded.Recorded) -> None:
    mulaw = recorded.prompt(name)
    assert 800 <= len(mulaw) / 8 <= 9_000
    assert speech_level_dbfs(g711.decode(mulaw)) == pytest.approx(SPEECH_DBFS, abs=1)
