"""Renders the caller clips of clips.toml: `python -m audio_fixtures.render` (needs flite and festival).

The clips are committed, so nothing that plays them needs these programs. Each clip gets a JSON file beside
it with its words, voice, rate and licence; noise is made here from a seed, so a clip renders the same again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
import wave
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from audio_fixtures import sounds

FOLDER = Path(__file__).parent
PIECES = FOLDER / "pieces"  # no whole sentences: halves, sounds of agreement, a cough
RATE_HZ = 16_000
SPEECH_PEAK = 0.5
LEAD_S = 0.10  # a caller does not start on the first sample
LICENCES = {
    "flite": "Speech: Flite (Carnegie Mellon University, BSD-like licence). Words: this project, Apache-2.0",
    "festival": "Speech: Festival (University of Edinburgh, BSD-like). Words: this project, Apache-2.0",
}
Samples = npt.NDArray[np.float64]


def speak(engine: str, voice: str, words: str) -> Samples:
    """The words as mono samples at RATE_HZ, peak SPEECH_PEAK."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.wav"
        if engine == "flite":
            subprocess.run(["flite", "-voice", voice, "-t", words, "-o", str(path)], check=True)
        else:
            command = ["text2wave", "-eval", f"(voice_{voice})", "-o", str(path)]
            subprocess.run(command, input=words.encode(), check=True)
        samples, rate_hz = read(path)
    resampled = soxr.resample(samples, rate_hz, RATE_HZ)
    return np.asarray(resampled / max(1e-9, float(np.abs(resampled).max())) * SPEECH_PEAK)


def read(path: Path) -> tuple[Samples, int]:
    with wave.open(str(path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return data.astype(np.float64) / 32_768, file.getframerate()


def room_noise(length: int, seed: int) -> Samples:
    """Noise like a street through a phone: mostly low frequencies, slowly swelling."""
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(length))
    frequency_hz = np.fft.rfftfreq(length, 1 / RATE_HZ)
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(frequency_hz, 60)), length)
    swell = 1 + 0.4 * np.sin(2 * np.pi * 0.7 * np.arange(length) / RATE_HZ)
    return np.asarray(shaped * swell / np.sqrt(np.mean((shaped * swell) ** 2)))


def with_noise(speech: Samples, snr_db: float, seed: int) -> Samples:
    speech_power = float(np.sqrt(np.mean(speech**2)))
    return speech + room_noise(len(speech), seed) * speech_power / 10 ** (snr_db / 20)


def padded(samples: Samples) -> Samples:
    silence = np.zeros(int(LEAD_S * RATE_HZ))
    return np.concatenate([silence, samples, silence])


def write(path: Path, samples: Samples, rate_hz: int = RATE_HZ) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())


def render(clip: dict[str, Any]) -> None:
    engine, voice = clip["engine"], clip["voice"]
    samples = padded(speak(engine, voice, clip["words"]))
    if "snr_db" in clip:
        samples = with_noise(samples, clip["snr_db"], seed=len(clip["words"]))
    folder = PIECES if clip.get("piece") else FOLDER
    if at := int(clip.get("cut_s", 0) * RATE_HZ):  # for callers who pause in the middle
        write(PIECES / f"{clip['id']}-1.wav", samples[:at])
        write(PIECES / f"{clip['id']}-2.wav", samples[at:])
    write(folder / f"{clip['id']}.wav", samples)
    facts = {
        "words": clip["words"],
        "engine": engine,
        "voice": voice,
        "rate_hz": RATE_HZ,
        "licence": LICENCES[engine],
        "noise": f"made noise at {clip['snr_db']} dB below speech" if "snr_db" in clip else None,
    }
    (folder / f"{clip['id']}.json").write_text(json.dumps(facts, indent=1) + "\n")


def render_cough() -> None:
    """The one sound of `sounds` that scripts of calls name as a file."""
    write(PIECES / "cough.wav", sounds.cough() / 32_768, sounds.RATE_HZ)
    facts = {
        "words": "",
        "sound": "a cough, made from noise",
        "rate_hz": sounds.RATE_HZ,
        "licence": "Apache-2.0",
    }
    (PIECES / "cough.json").write_text(json.dumps(facts, indent=1) + "\n")


def main() -> None:
    clips = tomllib.loads((FOLDER / "clips.toml").read_text())["clip"]
    wanted = set(sys.argv[1:])
    for clip in clips:
        if not wanted or clip["id"] in wanted:
            render(clip)
            print(f"{clip['id']}.wav  {clip['engine']} {clip['voice']}  {clip['words']}")
    if not wanted or "cough" in wanted:
        render_cough()


if __name__ == "__main__":
    main()
