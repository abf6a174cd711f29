"""Sound of a telephone as the acoustic model of wideband speech knows it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voice.conftest import Say
from voice import cepstra
from voice.acoustic_model import Numbers, gaussians
from voice.levels import Levels


def sound(seconds: float = 2.0) -> bytes:
    """Noise that comes and goes."""
    count = int(8_000 * seconds)
    swell = np.sin(2 * np.pi * 1.3 * np.arange(count) / 8_000)
    noise = np.random.default_rng(5).normal(0, 2_000, count) * swell
    return noise.astype(np.int16).tobytes()


def heard(pcm: bytes, cuts: list[int], caller: str = "") -> Numbers:
    """Cepstra of a sound that arrives in pieces, at the level of its first 1.2 s."""
    spectra, at, found = cepstra.Spectra(), 0, []
    for size in [*cuts, len(pcm)]:
        found.append(spectra.push(pcm[at : at + 2 * size]))
        at += 2 * size
    level = Levels().learn(np.concatenate(found)[:120], caller)
    return np.concatenate([level.cepstra(part) for part in found if len(part)])


@settings(max_examples=20)
@given(st.lists(st.integers(1, 3_000), max_size=6))
def test_the_cepstra_do_not_depend_on_the_cut(cuts: list[int]) -> None:
    assert heard(sound(), cuts) == pytest.approx(heard(sound(), []))


def test_a_louder_line_sounds_the_same() -> None:
    loud = np.frombuffer(sound(), np.int16) * 2
    assert heard(loud.tobytes(), []) == pytest.approx(heard(sound(), []), abs=0.3)


def test_silence_has_cepstra_too() -> None:
    quiet = heard(bytes(16_000), [])
    assert np.isfinite(quiet).all()
    assert len(cepstra.Spectra().push(b"")) == 0


def test_the_noise_of_a_line_is_taken_off() -> None:
    rng = np.random.default_rng(8)
    hiss = rng.normal(0, 200, 8_000)
    loud = hiss + 3_000 * np.sin(2 * np.pi * 700 * np.arange(8_000) / 8_000)
    pcm = np.concatenate((hiss, loud)).astype(np.int16).tobytes()
    spectra = cepstra.Spectra().push(pcm)
    noise = cepstra.noise_of(spectra, 1.0)
    before, after = cepstra.bands_of(spectra, 1.0), cepstra.bands_of(spectra, 1.0, noise)
    assert after[:90].mean() < before[:90].mean() - 0.5, "hiss alone is lower"
    assert after[110:].max() == pytest.approx(before[110:].max(), abs=0.01), "the tone stays"


def test_the_models_gaussians_are_read() -> None:
    known = gaussians()
    assert known.means.shape == known.variances.shape == (42, 128, 13)
    assert (known.variances > 0).all()


def test_a_high_voice_is_heard_with_stretched_bands(say: Say) -> None:
    """slt is a woman's voice, rms a man's."""
    sentence = "i need a refill of my blood pressure medicine"
    warps = {}
    for voice in ("rms", "slt"):
        spectra = cepstra.Spectra().push(say(sentence, voice).tobytes())
        warps[voice] = Levels().learn(spectra, "").warp
    assert warps["slt"] > warps["rms"] == 1.0
