"""The double's own ears and voice: mu-law by nearest value, wav files, loudness.

Written apart from the server's tables, from ITU-T G.711's list of segments.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soxr
from numpy.typing import NDArray

from telephony.double.errors import ScriptError

RATE_HZ = 8_000
FRAME_MS = 20
FRAME_BYTES = RATE_HZ * FRAME_MS // 1_000
SILENT_FRAME = b"\xff" * FRAME_BYTES
AUDIBLE_RMS = 64.0  # of 32,768: about -54 dBFS, above mu-law's idle noise

Samples = NDArray[np.int16]

_SEGMENT_STARTS = (0, 132, 396, 924, 1_980, 4_092, 8_316, 16_764)


def _values() -> Samples:
    table = np.zeros(256, dtype=np.int16)
    for code in range(256):
        bits = code ^ 0xFF
        segment, step = (bits >> 4) & 7, bits & 15
        magnitude = _SEGMENT_STARTS[segment] + (step << (segment + 3))
        table[code] = -magnitude if bits & 0x80 else magnitude
    return table


_VALUES = _values()
_ORDER = np.argsort(_VALUES, kind="stable")
_SORTED = _VALUES[_ORDER].astype(np.int32)
_MIDDLES = (_SORTED[1:] + _SORTED[:-1]) / 2


def to_samples(mulaw: bytes) -> Samples:
    samples: Samples = _VALUES[np.frombuffer(mulaw, dtype=np.uint8)]
    return samples


def to_mulaw(samples: Samples) -> bytes:
    """Each sample to the code whose value is nearest."""
    return _ORDER[np.searchsorted(_MIDDLES, samples)].astype(np.uint8).tobytes()


def mixed(frames: Sequence[bytes]) -> bytes:
    """Mu-law frames heard at once; a single one is left as it is."""
    if len(frames) < 2:
        return frames[0] if frames else b""
    total = sum(to_samples(frame.ljust(FRAME_BYTES, b"\xff")).astype(np.int32) for frame in frames)
    return to_mulaw(np.clip(total, -32_768, 32_767).astype(np.int16))


def is_audible(mulaw: bytes) -> bool:
    """Is any 20 ms of it louder than a line's idle noise?"""
    return any(_rms(frame) >= AUDIBLE_RMS for frame in frames_of(to_samples(mulaw)))


def frames_of(samples: Samples) -> list[Samples]:
    return [samples[at : at + FRAME_BYTES] for at in range(0, len(samples), FRAME_BYTES)]


def _rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64))))) if len(samples) else 0.0


@dataclass(frozen=True, slots=True)
class Speech:
    """What the caller says, in 20 ms frames; ``last_spoken`` indexes the last one with speech in it."""

    label: str
    frames: tuple[bytes, ...]
    last_spoken: int


def speech(label: str, samples: Samples) -> Speech:
    """8 kHz samples as frames. The end of speech is the last energetic frame, not the end of the file."""
    mulaw = to_mulaw(samples)
    mulaw += b"\xff" * (-len(mulaw) % FRAME_BYTES)
    frames = tuple(mulaw[at : at + FRAME_BYTES] for at in range(0, len(mulaw), FRAME_BYTES))
    return Speech(label, frames or (SILENT_FRAME,), _last_spoken(samples))


def _last_spoken(samples: Samples) -> int:
    """The last frame within 26 dB of the loudest one and clearly above the recording's own noise."""
    levels = np.array([_rms(frame) for frame in frames_of(samples)] or [0.0])
    threshold = max(float(levels.max()) * 0.05, float(np.percentile(levels, 10)) * 2.0, AUDIBLE_RMS)
    spoken = np.flatnonzero(levels >= min(threshold, float(levels.max())))
    return int(spoken[-1]) if len(spoken) and levels.max() > 0 else len(levels) - 1


def read_wav(path: Path) -> Samples:
    """Any PCM wav as 8 kHz mono. Raises ``ScriptError`` naming the file."""
    try:
        return wav_samples(path.read_bytes())
    except OSError as failure:
        raise ScriptError(f"cannot read {path}: {failure.strerror}") from None
    except (wave.Error, EOFError) as failure:
        raise ScriptError(f"{path} is not a PCM wav file: {failure}") from None


def wav_samples(content: bytes) -> Samples:
    """Raises ``wave.Error`` or ``EOFError`` for anything but PCM wav."""
    with wave.open(io.BytesIO(content)) as file:
        rate_hz, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
        raw = file.readframes(file.getnframes())
    mono = _floats(raw, width).reshape(-1, channels).mean(axis=1)
    at_line_rate = soxr.resample(mono, rate_hz, RATE_HZ) if rate_hz != RATE_HZ else mono
    samples: Samples = np.clip(np.rint(at_line_rate * 32_768.0), -32_768, 32_767).astype(np.int16)
    return samples


def _floats(raw: bytes, width: int) -> NDArray[np.float64]:
    """PCM of 1 (unsigned), 2, 3 or 4 bytes to -1 .. 1."""
    if width == 1:
        return (np.frombuffer(raw, dtype=np.uint8).astype(np.float64) - 128.0) / 128.0
    if width == 3:
        padded = np.zeros((len(raw) // 3, 4), dtype=np.uint8)
        padded[:, 1:] = np.frombuffer(raw, dtype=np.uint8).reshape(-1, 3)
        return padded.reshape(-1).view("<i4").astype(np.float64) / 2.0**31
    return np.frombuffer(raw, dtype=f"<i{width}").astype(np.float64) / 2.0 ** (8 * width - 1)


def write_wav(target: Path | BinaryIO, *tracks: bytes) -> None:
    """Mu-law tracks as the channels of one 16-bit wav, the shorter ones padded with silence."""
    length = max(len(track) for track in tracks)
    samples = [to_samples(track.ljust(length, b"\xff")) for track in tracks]
    with wave.open(str(target) if isinstance(target, Path) else target, "wb") as file:
        file.setnchannels(len(tracks))
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.stack(samples, axis=1).astype("<i2").tobytes())
