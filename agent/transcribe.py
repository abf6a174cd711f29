"""`firstring transcribe`: what a call would hear in a file, as JSON lines."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from agent import settings as settings_module
from agent.ear_services import ear_service
from agent.preparing import practice_of
from agent.settings import Settings
from agent.understand import kind_of
from agent.worker_services import mind_service
from dialog.identity import SURE_BIRTH
from dialog.reading import yes
from models.domain import (
    SAMPLE_RATE_HZ,
    SURE,
    Context,
    Expectation,
    ExpectationKind,
    Transcript,
    Understanding,
)
from models.errors import FirstringError
from telephony import g711

VALUE_OF = {
    ExpectationKind.DOB: "dob",
    ExpectationKind.PHONE: "phone",
    ExpectationKind.ZIP: "zip",
    ExpectationKind.NUMBER: "number",
    ExpectationKind.SPELLING: "letters",
    ExpectationKind.NAME: "name",
    ExpectationKind.YES_NO: "yes_no",
    ExpectationKind.CHOICE: "choice",
    ExpectationKind.DRUG: "drug",
}
PIECE_BYTES = 2 * SAMPLE_RATE_HZ // 5


class UnreadableAudio(FirstringError):
    """A file is not sound that can be read."""

    code = "unreadable-audio"
    fix = "Give it as a WAV file with 8, 16, 24 or 32 bits a sample."


def run(
    chosen: Settings, files: list[Path], expect: str | None, *, wideband: bool, words: bool = False
) -> Iterator[dict[str, Any]]:
    expectation = Expectation(kind_of(expect or "open"))
    ears = ear_service(chosen)
    ears.load()
    mind = mind_service(chosen) if expect else None
    if mind:
        mind.load()
    now = settings_module.clock_of(chosen)()
    context = Context(now=now, practice=practice_of(chosen).facts(now))
    for file in files:
        transcript = hear(ears, telephone(file, wideband=wideband), expectation)
        line: dict[str, Any] = {
            "file": str(file),
            "text": transcript.text,
            "confidence": round(transcript.confidence, 4),
        }
        if mind:
            line["value"] = value_of(mind.understand(transcript, expectation, context), expectation.kind)
        yield line | (details(transcript) if words else {})


def details(transcript: Transcript) -> dict[str, Any]:
    """Words with their times, and what else it may have been."""
    words = [
        {"word": word.text, "confidence": round(word.confidence, 3), "ms": [word.start_ms, word.end_ms]}
        for word in transcript.words
    ]
    told: dict[str, Any] = {"words": words, "alternatives": list(transcript.alternatives)}
    return told | ({"failure": transcript.failure} if transcript.failure else {})


def readable(line: dict[str, Any]) -> str:
    """The same for a person: the sentence, each word with its time and confidence, what else it may be."""
    said = [f'{line["file"]}: "{line["text"]}" ({line["confidence"]:.0%} sure)']
    if line.get("failure"):
        said.append(f"  not heard: {line['failure']}")
    if "value" in line:
        said.append(
            f"  taken as: {'nothing, it would ask again' if line['value'] is None else line['value']}"
        )
    for word in line["words"]:
        start, end = (ms / 1_000 for ms in word["ms"])
        said.append(f"  {start:6.2f} to {end:5.2f} s  {word['confidence']:5.0%}  {word['word']}")
    return "\n".join([*said, *(f"  or: {other}" for other in line["alternatives"])])


def hear(ears: Any, pcm: bytes, expectation: Expectation) -> Transcript:
    session = "file"
    ears.begin(session, expectation)
    for start in range(0, len(pcm), PIECE_BYTES):
        ears.feed(session, pcm[start : start + PIECE_BYTES])
    transcript: Transcript = ears.finish(session)
    return transcript


def value_of(understanding: Understanding, kind: ExpectationKind) -> object:
    """The value that the dialog would take as heard, or None where it would rather ask, or read it back."""
    if kind is ExpectationKind.YES_NO:
        return yes(understanding)
    entity = understanding.entities.get(VALUE_OF.get(kind, ""))
    least = SURE_BIRTH if kind is ExpectationKind.DOB else SURE
    return entity.value if entity and entity.certainty >= least else None


def telephone(path: Path, *, wideband: bool) -> bytes:
    """The file as 16-bit mono PCM at 8 kHz, through mu-law and back unless ``wideband``."""
    samples, rate_hz = read_wav(path)
    pcm = soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ)
    data: bytes = (np.clip(pcm, -1, 1) * 32_767).astype("<i2").tobytes()
    return data if wideband else g711.decode(g711.encode(data))


def read_wav(path: Path) -> tuple[np.ndarray[Any, np.dtype[np.float64]], int]:
    """Mono samples in -1..1 and their rate. Raises UnreadableAudio."""
    try:
        with wave.open(str(path)) as file:
            width, channels, rate_hz = file.getsampwidth(), file.getnchannels(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (OSError, wave.Error, EOFError) as problem:
        raise UnreadableAudio(f"{path} cannot be read as WAV: {problem}") from problem
    return samples_of(data, width).reshape(-1, channels).mean(axis=1), rate_hz


def samples_of(data: bytes, width: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    if width == 1:
        return (np.frombuffer(data, dtype=np.uint8).astype(np.float64) - 128) / 128
    if width == 3:
        whole = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3)
        padded = np.zeros((len(whole), 4), dtype=np.uint8)
        padded[:, 1:] = whole
        return padded.view("<i4").ravel().astype(np.float64) / 2**31
    return np.frombuffer(data, dtype=f"<i{width}").astype(np.float64) / 2.0 ** (8 * width - 1)
