"""Whisper as a recogniser: openai-whisper's weights and tokenizer, decoded by PyTorch or CTranslate2.

The package's ``decode`` always pays for 30 s of audio; here the encoder sees the speech and a second
more, never under 5 s. A doubtful text is decoded once more at the full 30 s and without the prompt that
may have misled it; a text that stays doubtful is no words. Accuracy depends on the weights used.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from models.domain import Expectation, Transcript
from models.errors import RecognitionError
from voice.resample import for_whisper
from voice.vad import WINDOW_MS, WINDOW_SAMPLES, SileroVad, SpeechMeter
from voice.whisper_batching import TIME_LIMIT_S, Batcher, Decoder, NotDecoded
from voice.whisper_bias import prompt_for
from voice.whisper_decoding import Decoded, Decoding, Request
from voice.whisper_encoding import RATE_HZ, WHOLE_CONTEXT_S, context_for
from voice.whisper_gates import doubt, nothing_said
from voice.whisper_model import WhisperModel
from voice.whisper_weights import find_weights
from voice.whisper_words import words_of

__all__ = ["CTRANSLATE2", "ENGINE", "UNSURE", "WhisperEar", "find_weights", "maker"]

ENGINE: Final = "whisper"
CTRANSLATE2: Final = "ctranslate2"  # the same, decoded by the extra
UNSURE: Final = "recogniser-unsure"  # somebody spoke, and no text can be believed
_ALTERNATIVES: Final = 2
_TOKENS_PER_S: Final = 8
_TOKENS_EXTRA: Final = 10
_VOICE_FROM: Final = 0.35  # of the meter's probability
_LEAST_VOICE_MS: Final = 2 * WINDOW_MS
_SPOKEN_MS: Final = 600  # so much voice is not a cough
_DOUBTED_CONFIDENCE: Final = 0.1


class Vocabulary(Protocol):
    def count(self, text: str) -> int: ...

    def piece(self, token: int) -> bytes: ...


def maker(
    weights: Path, threads: int = 1, precision: str = "fp32", engine: str = ENGINE
) -> Callable[[], WhisperEar]:
    """Loads the weights; what it returns makes ears over them that are decoded side by side.

    Raises RecognitionError (weights, a missing extra) or SettingsError (precision).
    """
    vocabulary, make = _decoder(weights, threads, precision, engine)
    batcher = Batcher(make)
    first = np.random.default_rng(0).normal(0, 0.01, RATE_HZ).astype(np.float32)
    batcher.submit(Request(first, "", 5.0, 3), batcher.now_s() + 60.0).result()  # the first decode is slow
    return lambda: WhisperEar(vocabulary, batcher, engine=engine)


def _decoder(
    weights: Path, threads: int, precision: str, engine: str
) -> tuple[Vocabulary, Callable[[], Decoder]]:
    if engine == CTRANSLATE2:
        from voice.ct2_decoding import Ct2Decoding
        from voice.ct2_model import Ct2Model

        converted = Ct2Model(weights, threads, precision)
        return converted, lambda: Ct2Decoding(converted, _ALTERNATIVES)
    model = WhisperModel(weights, threads, precision)
    return model, lambda: Decoding(model, _ALTERNATIVES)


@dataclass(frozen=True)
class Voice:
    """Where a voice was heard in an utterance's audio, in ms."""

    total_ms: int = 0
    first_ms: int = 0
    last_ms: int = 0

    def and_window(self, number: int) -> Voice:
        start_ms = number * WINDOW_MS
        first_ms = self.first_ms if self.total_ms else start_ms
        return Voice(self.total_ms + WINDOW_MS, first_ms, start_ms + WINDOW_MS)


class WhisperEar:
    """Recogniser of one utterance after another; it decodes when the utterance is over."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        batcher: Batcher,
        meter: Callable[[], SpeechMeter] = SileroVad,
        engine: str = ENGINE,
    ) -> None:
        self._vocabulary, self._batcher, self._make_meter = vocabulary, batcher, meter
        self._engine = engine
        self.begin(Expectation())

    def begin(self, expectation: Expectation, caller: str = "") -> None:
        del caller
        self._pcm = bytearray()
        self._prompt = prompt_for(expectation, self._vocabulary.count)
        self._meter, self._windows, self._voice = self._make_meter(), 0, Voice()

    def feed(self, pcm: bytes) -> None:
        self._pcm += pcm
        size = 2 * WINDOW_SAMPLES
        while len(self._pcm) >= size * (self._windows + 1):
            window = np.frombuffer(self._pcm[size * self._windows : size * (self._windows + 1)], np.int16)
            if self._meter.probability(window) >= _VOICE_FROM:
                self._voice = self._voice.and_window(self._windows)
            self._windows += 1

    def partial(self) -> str:
        return ""

    def finish(self) -> Transcript:
        return self.finish_later().result()

    def finish_later(self) -> Future[Transcript]:
        """The transcript to come; cancelling it spares the work. The ear may begin anew at once."""
        audio = for_whisper(bytes(self._pcm))[: int(WHOLE_CONTEXT_S * RATE_HZ)]
        if self._voice.total_ms < _LEAST_VOICE_MS:
            nothing: Future[Transcript] = Future()
            nothing.set_result(Transcript("", engine=self._engine))
            return nothing
        limit = int(_TOKENS_PER_S * audio.size / RATE_HZ) + _TOKENS_EXTRA
        request = Request(audio, self._prompt, context_for(audio), limit)
        return _Utterance(self._vocabulary, self._batcher, self._voice, self._engine).understand(request)


class _Utterance:
    """One utterance's way from request to transcript; at most two decodes within one time limit."""

    def __init__(self, vocabulary: Vocabulary, batcher: Batcher, voice: Voice, engine: str) -> None:
        self._vocabulary, self._batcher, self._voice, self._engine = vocabulary, batcher, voice, engine
        self._deadline_s = batcher.now_s() + TIME_LIMIT_S
        self._transcript: Future[Transcript] = Future()

    def understand(self, request: Request) -> Future[Transcript]:
        self._decode(request, self._first)
        return self._transcript

    def _decode(self, request: Request, then: Callable[[Request, Decoded], None]) -> None:
        decoding = self._batcher.submit(request, self._deadline_s)
        self._transcript.add_done_callback(lambda given: given.cancelled() and decoding.cancel())
        decoding.add_done_callback(lambda done: self._after(done, request, then))

    def _after(
        self, done: Future[Decoded], request: Request, then: Callable[[Request, Decoded], None]
    ) -> None:
        problem = None if done.cancelled() else done.exception()
        if done.cancelled() or self._transcript.cancelled():
            return
        if isinstance(problem, NotDecoded):
            self._give(Transcript("", engine=self._engine, failure=problem.failure))
        elif problem is not None:
            self._fail(RecognitionError(f"Whisper failed: {type(problem).__name__}"))
        else:
            then(request, done.result())

    def _first(self, request: Request, decoded: Decoded) -> None:
        whole = replace(request, prompt="", context_s=WHOLE_CONTEXT_S)
        if self._doubted(request, decoded) and whole != request:
            self._decode(whole, self._last)
        else:
            self._last(request, decoded)

    def _last(self, request: Request, decoded: Decoded) -> None:
        confidence = min(float(np.nan_to_num(np.exp(decoded.average_log_probability))), 1.0)
        if nothing_said(decoded) or self._doubted(request, decoded):
            spoken = self._voice.total_ms >= _SPOKEN_MS and not nothing_said(decoded)
            failure = UNSURE if spoken else ""
            unsure = min(confidence, _DOUBTED_CONFIDENCE)
            self._give(Transcript("", unsure, engine=self._engine, failure=failure))
            return
        words = words_of(self._vocabulary.piece, decoded, self._voice.first_ms, self._voice.last_ms)
        self._give(Transcript(decoded.text, confidence, decoded.alternatives, words, self._engine))

    def _doubted(self, request: Request, decoded: Decoded) -> bool:
        return doubt(decoded, request.prompt, self._voice.total_ms / 1_000) is not None

    def _fail(self, problem: RecognitionError) -> None:
        if self._transcript.set_running_or_notify_cancel():
            self._transcript.set_exception(problem)

    def _give(self, transcript: Transcript) -> None:
        if self._transcript.set_running_or_notify_cancel():
            self._transcript.set_result(transcript)
