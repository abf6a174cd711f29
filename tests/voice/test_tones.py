"""Machines are known by their tones; people, music and keys are not taken for machines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_fixtures import sounds
from audio_fixtures.sounds import RATE_HZ, Samples
from models.domain import ToneKind
from telephony.double.sound import read_wav
from voice import g711
from voice.tones import Tones

FIXTURES = Path(__file__).resolve().parents[2] / "audio_fixtures"


def kinds(samples: Samples, step: int = 160) -> list[ToneKind]:
    mulaw, tones = g711.encode(np.asarray(samples, np.int16)), Tones()
    found = (tones.hear(mulaw[at : at + step]) for at in range(0, len(mulaw), step))
    return [kind for kind in found if kind]


def noisy(samples: Samples, level: float = 100.0) -> Samples:
    return (samples + np.random.default_rng(3).normal(0, level, len(samples))).astype(np.int16)


def tone(frequency_hz: float, length_s: float) -> Samples:
    at_s = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    return (3_000 * np.sin(2 * np.pi * frequency_hz * at_s)).astype(np.int16)


def cng(frequency_hz: float, on_s: float, off_s: float, times: int) -> Samples:
    silence = np.zeros(int(off_s * RATE_HZ), np.int16)
    return np.concatenate([np.concatenate((tone(frequency_hz, on_s), silence)) for _ in range(times)])


def test_a_fax_is_known_at_its_second_tone_and_told_once() -> None:
    assert kinds(noisy(sounds.fax(30))) == [ToneKind.FAX]
    assert kinds(sounds.fax(3.0)) == [], "one tone may be anything, and a call is ended for two"


@pytest.mark.parametrize("frequency_hz", [1_062, 1_100, 1_138])
@pytest.mark.parametrize("on_s", [0.425, 0.575])
def test_a_fax_may_be_as_inexact_as_its_standard_allows(frequency_hz: float, on_s: float) -> None:
    assert kinds(cng(frequency_hz, on_s, 3.0, 3)) == [ToneKind.FAX]


def test_a_text_telephone_is_known_while_it_types() -> None:
    assert kinds(noisy(sounds.tty())) == [ToneKind.TTY]
    assert kinds(tone(1_400, 3.0)) == [], "its carrier alone may be a whistle"


@pytest.mark.parametrize(
    "samples",
    [
        tone(1_100, 5.0),
        cng(1_100, 0.2, 3.0, 4),
        cng(1_100, 0.5, 1.0, 6),
        cng(1_000, 0.5, 3.0, 4),
        tone(440, 3.0) + tone(480, 3.0),
        tone(697, 2.0) + tone(1_209, 2.0),
        sounds.music(20),
        sounds.noise(20),
        sounds.cough(),
        np.zeros(80_000, np.int16),
    ],
    ids=["1100 on and on", "short", "quick", "1000", "ringback", "key", "music", "noise", "cough", "silence"],
)
def test_other_sounds_are_no_machines(samples: Samples) -> None:
    assert kinds(samples) == []


def test_no_caller_is_taken_for_a_machine() -> None:
    everybody = [read_wav(path) for path in sorted(FIXTURES.glob("*.wav"))]
    assert len(everybody) > 20
    assert kinds(np.concatenate(everybody)) == []


@settings(max_examples=20)
@given(st.integers(1, 700))
def test_it_does_not_matter_how_the_audio_is_cut(step: int) -> None:
    assert kinds(sounds.tty("HI GA HI GA HI GA"), step) == [ToneKind.TTY]
