"""Cepstra for an acoustic model of wideband speech, from a telephone's 4 kHz.

The model describes a sound by 25 mel bands up to 6.8 kHz, of which a telephone carries the lower 19.
What the other six would have held is worked out from the model itself: its Gaussians say which
cepstra go together, and so which full spectrum most likely belongs to the half that was heard
(Raj, Seltzer and Stern, "Reconstruction of missing features for robust speech recognition",
Speech Communication 43, 2004). Each phone's Gaussians give one estimate; they are weighed by how well
the phone explains the bands that were heard.

A short vocal tract moves everything upwards. The model knows mostly long ones, so that the bands are
stretched for a high voice (Lee and Rose, "A frequency warping approach to speaker normalization",
IEEE Trans. Speech and Audio Processing 6(1), 1998).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from voice.acoustic_model import CEPSTRA, LIFT, Numbers, gaussians

FRAME_MS: Final = 10
_LINE_HZ: Final = 8_000
_MODEL_HZ: Final = 16_000
_WINDOW: Final = 205  # samples at 8 kHz: the model's 25.6 ms
STEP: Final = 80
_FFT: Final = 256
_BIN_HZ: Final = _LINE_HZ / _FFT
_BANDS: Final = 25
_LOWEST_HZ: Final = 130.0
_HIGHEST_HZ: Final = 6_800.0
_LINE_ENDS_HZ: Final = 3_950.0
_PRE_EMPHASIS: Final = 0.97
_QUIET: Final = 100.0  # added to a band's power: the coding noise of a silent line says nothing
_QUIETEST: Final = 0.15  # of the frames are the line's noise
_TAKEN_OFF: Final = 1.5  # times the noise
_LEFT: Final = 0.3
_ROUGHNESS: Final = 0.1  # variance of a band that 13 cepstra do not describe

_MELS: Final = 2_595.0
_DCT: Final[Numbers] = np.array(
    [
        [
            np.sqrt((2 if k else 1) / _BANDS) * np.cos(np.pi * k * (band + 0.5) / _BANDS)
            for band in range(_BANDS)
        ]
        for k in range(CEPSTRA)
    ]
)


def _edges_hz() -> Numbers:
    low, high = (_MELS * np.log10(1 + hz / 700) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    edges: Numbers = 700 * (10 ** (np.linspace(low, high, _BANDS + 2) / _MELS) - 1)
    return edges


def _emphasis() -> Numbers:
    """What the model's pre-emphasis, at its own rate, does to the power of each bin."""
    turn = 2j * np.pi * np.arange(_FFT // 2 + 1) * _BIN_HZ / _MODEL_HZ
    gain: Numbers = 4 * np.abs(1 - _PRE_EMPHASIS * np.exp(-turn)) ** 2
    return gain


_EMPHASIS: Final = _emphasis()
_HAMMING: Final = np.hamming(_WINDOW)


@lru_cache(maxsize=8)
def bank(warp: float) -> Numbers:
    """[bins, bands]: the triangular filters that lie below the line's end, stretched by ``warp``."""
    edges = (_edges_hz() * warp).tolist()
    hz: Numbers = np.arange(_FFT // 2 + 1, dtype=np.float64) * _BIN_HZ
    triples = zip(edges, edges[1:], edges[2:], strict=False)
    bands = [_triangle(hz, *triple) for triple in triples if triple[2] <= _LINE_ENDS_HZ]
    return np.array(bands).T


def _triangle(hz: Numbers, left: float, top: float, right: float) -> Numbers:
    """Of area one."""
    sides = np.minimum((hz - left) / (top - left), (right - hz) / (right - top))
    weights: Numbers = np.maximum(0, sides) * 2 / (right - left)
    return weights


class Spectra:
    """Streaming: 8 kHz PCM in, power spectra out, a frame each 10 ms. Any split gives the same frames."""

    def __init__(self) -> None:
        self._kept = np.zeros(0)

    def push(self, pcm: bytes) -> Numbers:
        """[frames, bins] of what is whole by now."""
        line = np.concatenate((self._kept, np.frombuffer(pcm, np.int16).astype(np.float64)))
        count = max((len(line) - _WINDOW) // STEP + 1, 0)
        self._kept = line[count * STEP :]
        if not count:
            return np.zeros((0, _FFT // 2 + 1))
        windows = np.lib.stride_tricks.sliding_window_view(line, _WINDOW)[::STEP][:count]
        power: Numbers = np.abs(np.fft.rfft(windows * _HAMMING, _FFT)) ** 2 * _EMPHASIS
        return power


def noise_of(spectra: Numbers, warp: float) -> Numbers:
    """[bands]: the power that the line has in each while nobody speaks."""
    quiet: Numbers = np.quantile(spectra @ bank(warp), _QUIETEST, axis=0)
    return quiet


def bands_of(spectra: Numbers, warp: float, noise: Numbers | float = 0.0) -> Numbers:
    """[frames, bands]: natural logarithm of the power in each, with the line's noise taken off.

    Spectral subtraction with a floor (Boll, IEEE Trans. ASSP 27(2), 1979; Berouti and others, ICASSP 1979).
    """
    power = spectra @ bank(warp)
    logged: Numbers = np.log(np.maximum(power - _TAKEN_OFF * noise, _LEFT * noise) + _QUIET)
    return logged


class Restorer:
    """From the bands of a line to the cepstra of the whole spectrum."""

    def __init__(self, bands: int) -> None:
        known = gaussians()
        basis = _DCT[:, :bands].T  # cepstra -> these bands
        self._phones = known.means.mean(axis=1)
        spread = [
            np.cov(means.T) + np.diag(variances.mean(axis=0))
            for means, variances in zip(known.means, known.variances, strict=True)
        ]
        seen = [basis @ own @ basis.T + _ROUGHNESS * np.eye(bands) for own in spread]
        inverse = [np.linalg.inv(own) for own in seen]
        # a phone's whitened distance is one product: |(x - mean) @ root|^2
        roots = [np.linalg.cholesky(own) for own in inverse]
        self._root = np.concatenate(roots, axis=1)
        centres = [mean @ basis.T @ root for mean, root in zip(self._phones, roots, strict=True)]
        self._centre = np.concatenate(centres)
        self._size = -0.5 * np.array([np.linalg.slogdet(own)[1] for own in seen])
        self._gain = np.array([own @ basis @ each for own, each in zip(inverse, spread, strict=True)])
        self._rest = self._phones - np.einsum("pi,pij->pj", self._phones @ basis.T, self._gain)

    def cepstra(self, bands: Numbers) -> Numbers:
        """[frames, 13] for [frames, bands] from which the line's mean has been taken."""
        away = (bands @ self._root - self._centre).reshape(len(bands), len(self._phones), -1)
        fit = self._size - 0.5 * np.einsum("tpi,tpi->tp", away, away)
        share = np.exp(fit - fit.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        each = np.einsum("ti,pij->tpj", bands, self._gain, optimize=True) + self._rest
        found: Numbers = np.einsum("tp,tpj->tj", share, each)
        return found

    def fit(self, bands: Numbers) -> Numbers:
        """Of each frame: log-likelihood of its cepstra under the whole model."""
        return likelihood(self.cepstra(bands))


@lru_cache(maxsize=2)
def restorer(bands: int) -> Restorer:
    return Restorer(bands)


@lru_cache(maxsize=1)
def _flat() -> tuple[Numbers, Numbers, Numbers]:
    """All Gaussians as the three parts of a quadratic form."""
    known = gaussians()
    means = known.means.reshape(-1, CEPSTRA)
    narrow = 1 / known.variances.reshape(-1, CEPSTRA)
    constant = 0.5 * (np.log(narrow) - means * means * narrow).sum(axis=1)
    return -0.5 * narrow.T, (means * narrow).T, constant


def likelihood(cepstra: Numbers) -> Numbers:
    """[frames], natural logarithm, all phones alike."""
    squared, linear, constant = _flat()
    each = cepstra**2 @ squared + cepstra @ linear + constant
    best = each.max(axis=1, keepdims=True)
    summed: Numbers = best[:, 0] + np.log(np.exp(each - best).sum(axis=1))
    return summed


def lifted(cepstra: Numbers) -> bytes:
    """As ``process_cep`` takes them."""
    return (cepstra * LIFT).astype(np.float32).tobytes()
