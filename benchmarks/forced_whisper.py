"""Whisper's work without Whisper's hearing: for the speed of a whole call where no weights are at hand.

An ear that decodes the caller's audio with random weights of a real model's size, forced to as many tokens as
speech has: 3 a second of voice, and 3. Gates, retry and alternatives are off, for noise would trip them all.
The words it gives are the clip's own, known by its beginning, as many as were spoken by then, so that the
dialog goes its way and a pause is judged as with right words.
This module is also the server that has such ears: ``serve`` as the command line does, ``ear-N`` as a worker.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent import supervisor, worker_process
from agent.settings import Settings
from agent.worker_services import worker_service
from agent.workers import Service
from models.domain import Transcript
from voice import g711
from voice.ear_config import EarConfig
from voice.ear_service import Ear, EarService
from voice.resample import for_whisper
from voice.stand_in import UNKNOWN_CLIP, audible, digest
from voice.whisper_batching import Batcher
from voice.whisper_decoding import Decoded, Decoding, Request
from voice.whisper_ear import WhisperEar
from voice.whisper_encoding import RATE_HZ, context_for
from voice.whisper_model import WhisperModel

ENGINE = "whisper, random weights"
TOKENS_PER_S, TOKENS_EXTRA = 3, 3
BEGINNING = 2_000  # samples by which a clip is known: a quarter of a second
WHOLE_FROM = 0.93  # of a clip's sound: what is left fades away
Audio = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clip:
    words: str
    samples: int  # from its first to its last audible one

    def spoken(self, samples: int) -> str:
        """The words said when so many samples were heard."""
        words, share = self.words.split(), samples / self.samples
        return " ".join(words if share >= WHOLE_FROM else words[: int(share * len(words))])


Clips = Mapping[str, Clip]


def words_in(pcm: bytes, clips: Clips) -> str | None:
    """None: a clip that is not known."""
    heard = audible(pcm)
    clip = clips.get(digest(heard[:BEGINNING]))
    return None if clip is None else clip.spoken(heard.size)


class ForcedEar(WhisperEar):
    """Decodes as many tokens as speech would have, and knows the words already."""

    def __init__(self, model: WhisperModel, batcher: Batcher, clips: Clips) -> None:
        super().__init__(model, batcher)
        self._clips = clips

    def finish_later(self) -> Future[Transcript]:
        pcm = bytes(self._pcm)
        decoding = self._batcher.submit(forced(for_whisper(pcm), self._voice.total_ms / 1_000))
        given: Future[Transcript] = Future()
        given.add_done_callback(lambda done: done.cancelled() and decoding.cancel())
        decoding.add_done_callback(lambda done: _answer(given, done, words_in(pcm, self._clips)))
        return given


def forced(audio: Audio, voice_s: float, context_s: float | None = None) -> Request:
    limit = round(TOKENS_PER_S * voice_s) + TOKENS_EXTRA
    return Request(audio, "", context_s or context_for(audio), limit)


def _answer(given: Future[Transcript], done: Future[Decoded], words: str | None) -> None:
    if done.cancelled() or not given.set_running_or_notify_cancel():
        return
    failed = done.exception() is not None or words is None
    failure = UNKNOWN_CLIP if failed else ""
    given.set_result(Transcript("" if failed else words or "", 0.9, engine=ENGINE, failure=failure))


def read_clips(path: Path) -> Clips:
    """What ``write_clips`` has written."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {row["begins"]: Clip(row["text"], row["samples"]) for row in rows}


def never_ending(weights: Path, threads: int = 1) -> WhisperModel:
    """The weights, with the end of text forbidden: a text is as long as it is asked for."""
    model = WhisperModel(weights, threads)
    model.never = [*model.never, model.end]
    return model


class ForcedService(EarService):
    def __init__(self, config: EarConfig) -> None:
        super().__init__(config)
        self._settings = config

    def load(self) -> str:
        model = never_ending(Path(self._settings.whisper_model), self._settings.threads)
        batcher = Batcher(lambda: Decoding(model))
        clips = read_clips(Path(self._settings.clips))
        quiet = np.random.default_rng(0).normal(0, 0.01, RATE_HZ).astype(np.float32)
        batcher.submit(forced(quiet, 1.0), batcher.now_s() + 60.0).result()  # the first decode is slow
        self._make = lambda: _ear(model, batcher, clips)
        return ENGINE


def _ear(model: WhisperModel, batcher: Batcher, clips: Clips) -> Ear:
    return ForcedEar(model, batcher, clips)


def write_clips(fixtures: Path, target: Path) -> Path:
    """Beginning, length and words of every fixture, as a call's audio has them."""
    from telephony.double.sound import read_wav, to_mulaw

    lines = []
    for wav in sorted(fixtures.glob("*.wav")):
        heard = g711.decode(to_mulaw(read_wav(wav)))
        words = json.loads(wav.with_suffix(".json").read_text())["words"]
        plain = "".join(letter for letter in words.lower() if letter.isalnum() or letter in " '")
        sound = audible(heard.astype("<i2").tobytes())
        known = {"digest": digest(sound), "begins": digest(sound[:BEGINNING])}  # the first: of the stand-in
        lines.append(json.dumps({**known, "samples": sound.size, "text": plain}))
    target.write_text("\n".join(lines) + "\n")
    return target


def service_of(kind: str, chosen: Settings) -> Service:
    """An ear of ours, or any other worker as it is."""
    if not kind.startswith("ear-"):
        return worker_service(kind, chosen)
    return ForcedService(
        EarConfig("whisper", whisper_model=chosen.whisper_model, clips=str(chosen.stand_in_clips))
    )


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        from agent.cli import app

        supervisor.WORKER_PROGRAM = "benchmarks.forced_whisper"
        app()
    else:
        worker_process.main(service_of=service_of)


if __name__ == "__main__":
    main()
