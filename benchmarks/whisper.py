"""Whisper's speed, and with real weights its word error, by decoder, arithmetic and window.

    make bench-whisper                    # speed only, on random weights of tiny.en's and base.en's size
    make bench-whisper MODEL=base.en      # with the weights on this disk: word errors too

Random weights hear nothing, so their texts are forced to the length of speech: 3 tokens a second and 3.
Gates and retry are off in the speed table; what a retry adds is the row of the 30 s window. Word errors are
of single utterances through the telephone's codec, without prompts and gates: those of the recordings that
come with the project (synthetic voices) and, where it lies beside it, of ../shared/evaldata (people).
PyTorch decodes in fp32, bf16 and int8; CTranslate2, where it is installed, the same weights in fp32 and int8.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
import whisper
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from agent.transcribe import telephone
from benchmarks.recogniser import word_errors
from tests.voice.whisper_checkpoints import Shape, checkpoint
from voice.ct2_decoding import Ct2Decoding
from voice.ct2_model import TYPES, Ct2Model
from voice.resample import for_whisper
from voice.spoken_text import words_of
from voice.whisper_batching import Decoder
from voice.whisper_decoding import Decoded, Decoding, Request
from voice.whisper_encoding import RATE_HZ, WHOLE_CONTEXT_S, context_for
from voice.whisper_model import WhisperModel
from voice.whisper_precision import PRECISIONS
from voice.whisper_tokens import WhisperTokens
from voice.whisper_weights import find_weights

ROOT = Path(__file__).resolve().parent.parent
EVALDATA = ROOT.parent / "shared" / "evaldata" / "audio"
SIZES = {
    "tiny.en": Shape(width=384, heads=6, layers=4, text_layers=4),
    "base.en": Shape(width=512, heads=8, layers=6, text_layers=6),
}
SPEECH_S = 3.0
TOGETHER = (1, 2, 4, 8)
_PLAIN_WIDTH = 130  # of tables in a file
Audio = NDArray[np.float32]


@dataclass(frozen=True)
class Speed:
    """How speed is measured: PyTorch's threads, the median of how many, by which clock in seconds."""

    threads: int
    repeats: int
    clock: Callable[[], float]

    def median_ms(self, work: Callable[[], object], repeats: int | None = None) -> float:
        work()
        times = []
        for _ in range(repeats or self.repeats):
            started = self.clock()
            work()
            times.append(1_000 * (self.clock() - started))
        return statistics.median(times)


@dataclass(frozen=True)
class Clip:
    kind: str
    audio: Audio
    said: tuple[str, ...]


@dataclass(frozen=True)
class Engine:
    """Loaded weights: their tokens, the way into the decoder, and a decoder over them."""

    tokens: WhisperTokens
    encode: Callable[[Audio, float], object]
    decoder: Callable[[], Decoder]


def by_pytorch(precision: str, weights: Path, threads: int) -> Engine:
    model = WhisperModel(weights, threads, precision)
    return Engine(model, model.encode, lambda: Decoding(model))


def by_ctranslate2(precision: str, weights: Path, threads: int) -> Engine:
    model = Ct2Model(weights, threads, precision)
    return Engine(model, lambda *of: model.features(model.spectrogram(*of)), lambda: Ct2Decoding(model))


def loaders() -> dict[str, Callable[[Path, int], Engine]]:
    """By the name of the row."""
    found: dict[str, Callable[[Path, int], Engine]] = {
        precision: partial(by_pytorch, precision) for precision in PRECISIONS
    }
    if find_spec("ctranslate2"):
        found |= {f"CTranslate2 {precision}": partial(by_ctranslate2, precision) for precision in TYPES}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Whisper's speed and word error")
    parser.add_argument(
        "--model", default="", help="a name such as base.en, or a .pt file; '' is random weights"
    )
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch; the server's workers use one")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--processor", action="store_true", help="count processor time, not time passed: for a busy machine"
    )
    parser.add_argument("--clips", type=int, default=60, help="at most so many recordings of each kind")
    options = parser.parse_args()
    clock = time.process_time if options.processor else time.perf_counter
    speed = Speed(options.threads, options.repeats, clock)
    out = Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    weights = find_weights(options.model) if options.model else None
    if options.model and weights is None:
        parser.exit(1, f"no weights for {options.model!r} here: `firstring fetch-speech {options.model}`\n")
    if weights:
        out.print(speed_table(weights.name, weights, speed))
        out.print(error_table(weights, options.threads, list(clips(options.clips))))
        return
    out.print("No weights named: random ones. Speed only; nothing here says how well Whisper hears.")
    with tempfile.TemporaryDirectory() as folder:
        for name, shape in SIZES.items():
            path = checkpoint(Path(folder) / f"{name}.pt", shape)
            out.print(speed_table(f"{name}, random weights", path, speed))


# --------------------------------------------------------------------------- speed


def speed_table(name: str, weights: Path, speed: Speed) -> Table:
    tokens = round(3 * SPEECH_S) + 3
    title = f"{name}: {SPEECH_S:.0f} s of speech, {tokens} tokens forced, {speed.threads} thread(s), "
    title += "processor time" if speed.clock is time.process_time else "time passed"
    table = Table(title=title)
    for column in ("arithmetic", "window s", "encode ms", "ms a token", "utterance ms"):
        table.add_column(column, justify="right")
    for together in TOGETHER[1:]:
        table.add_column(f"each of {together} ms", justify="right")
    audio = noise(SPEECH_S)
    stock_model = WhisperModel(weights, speed.threads)
    stock = speed.median_ms(partial(by_the_package, stock_model, audio, tokens))
    table.add_row("package's decode", "30", "", "", f"{stock:.0f}", *([""] * (len(TOGETHER) - 1)))
    for name, load in loaders().items():
        engine = load(weights, speed.threads)
        engine.tokens.never = [*engine.tokens.never, engine.tokens.end]  # forced length
        for window_s in (WHOLE_CONTEXT_S, context_for(audio)):
            table.add_row(name, f"{window_s:.0f}", *speeds(engine, audio, window_s, tokens, speed))
    table.caption = "A retry costs the 5 s row and the 30 s row together."
    return table


def speeds(engine: Engine, audio: Audio, window_s: float, tokens: int, speed: Speed) -> Iterator[str]:
    request = Request(audio, "", window_s, tokens)
    with torch.inference_mode():
        encode = speed.median_ms(lambda: engine.encode(audio, window_s))
    whole = speed.median_ms(lambda: decoded(engine, [request]))
    yield f"{encode:.0f}"
    yield f"{(whole - encode) / tokens:.1f}"
    yield f"{whole:.0f}"
    for together in TOGETHER[1:] if window_s < WHOLE_CONTEXT_S else ():
        all_ms = speed.median_ms(
            partial(decoded, engine, [request] * together), max(1, speed.repeats // 2 - 1)
        )
        yield f"{all_ms / together:.0f}"


def decoded(engine: Engine, requests: list[Request]) -> list[Decoded]:
    """Side by side, without alternatives."""
    decoding = engine.decoder()
    jobs = [decoding.add(request) for request in requests]
    while not all(job.done for job in jobs):
        decoding.advance()
    return [decoding.result(job) for job in jobs]


def by_the_package(model: WhisperModel, audio: Audio, tokens: int) -> None:
    """As openai-whisper decodes; random weights hardly ever end a text before ``tokens``."""
    mel = whisper.log_mel_spectrogram(whisper.pad_or_trim(torch.from_numpy(audio)), model.network.dims.n_mels)
    options = whisper.DecodingOptions(language="en", without_timestamps=True, fp16=False, sample_len=tokens)
    whisper.decode(model.network, mel, options)


def noise(seconds: float) -> Audio:
    return np.asarray(np.random.default_rng(1).normal(0, 0.05, int(RATE_HZ * seconds)), np.float32)


# --------------------------------------------------------------------------- word errors


def error_table(weights: Path, threads: int, heard: list[Clip]) -> Table:
    kinds = sorted({clip.kind for clip in heard})
    table = Table(
        title=f"{weights.name}: word error %, {len(heard)} clips by telephone, no prompts, no gates"
    )
    for column in ("arithmetic", "window", "ms a clip", *kinds):
        table.add_column(column, justify="right")
    for name, load in loaders().items():
        engine = load(weights, threads)
        for window in ("30 s", "short"):
            started = time.perf_counter()
            errors = dict.fromkeys(kinds, 0)
            for clip in heard:
                errors[clip.kind] += word_errors(clip.said, transcribed(engine, clip.audio, window))
            each_ms = 1_000 * (time.perf_counter() - started) / max(1, len(heard))
            words = {kind: sum(len(clip.said) for clip in heard if clip.kind == kind) for kind in kinds}
            shown = [f"{100 * errors[kind] / max(1, words[kind]):.1f}" for kind in kinds]
            table.add_row(name, window, f"{each_ms:.0f}", *shown)
    return table


def transcribed(engine: Engine, audio: Audio, window: str) -> list[str]:
    window_s = WHOLE_CONTEXT_S if window == "30 s" else context_for(audio)
    limit = int(8 * audio.size / RATE_HZ) + 10
    return list(words_of(decoded(engine, [Request(audio, "", window_s, limit)])[0].text))


def clips(most: int) -> Iterator[Clip]:
    """Recordings with their words; at most ``most`` of a kind."""
    yield from own_clips(most)
    if not EVALDATA.is_dir():
        print(f"{EVALDATA} is not there: no recordings of people")
        return
    taken: dict[str, int] = {}
    for line in (EVALDATA / "manifest.jsonl").read_text().splitlines():
        row = json.loads(line)
        kind = row["path"].split("/")[0]
        if row["text"] and row["duration"] < WHOLE_CONTEXT_S and taken.setdefault(kind, 0) < most:
            taken[kind] += 1
            yield clip_of(kind, EVALDATA / row["path"], row["text"])


def own_clips(most: int) -> Iterator[Clip]:
    for path in sorted((ROOT / "audio_fixtures").glob("*.wav"))[:most]:
        yield clip_of("fixtures", path, json.loads(path.with_suffix(".json").read_text())["words"])


def clip_of(kind: str, path: Path, text: str) -> Clip:
    return Clip(kind, for_whisper(telephone(path, wideband=False)), words_of(text))


if __name__ == "__main__":
    main()
