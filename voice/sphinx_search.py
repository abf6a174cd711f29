"""One pocketsphinx decoder: 16 kHz audio in, a Hearing out."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.domain import Word
from voice.language_model import ModelFiles

BYTES_PER_FRAME: Final = 320  # 10 ms at 16 kHz
_FRAME_MS: Final = 10
_GRAMMAR_SHIFT: Final = 1_024  # a grammar reports acoustic scores smaller by this
_ALTERNATIVES: Final = 4
_WINDOW_FRAMES: Final = 500  # the weight that live normalisation gives to what it was told
_MEMORY: Final = 0.7  # of what was learnt about a caller, from utterance to utterance
_CALLERS: Final = 64


@dataclass(frozen=True)
class Hearing:
    """One decoder's answer. ``score``: acoustic log-likelihood (natural) over the utterance."""

    text: str
    confidence: float
    score: float
    frames: int
    words: tuple[Word, ...] = ()
    alternatives: tuple[str, ...] = ()


NOTHING: Final = Hearing("", 0.0, -math.inf, 1)


def decoder(files: ModelFiles, *, general: bool) -> Any:
    """``general``: free speech by the language model; otherwise for grammars, which the caller adds."""
    import pocketsphinx

    pocketsphinx.set_loglevel("FATAL")
    return pocketsphinx.Decoder(
        hmm=pocketsphinx.get_model_path("en-us/en-us"),
        dict=str(files.dictionary),
        lm=str(files.language_model) if general else None,
        bestpath=general,  # a grammar's lattice is searched for seconds and gains nothing
        loglevel="FATAL",
    )


@dataclass(frozen=True)
class _Known:
    total: NDArray[np.float64]
    frames: float


class Levels:
    """Cepstral means: what the line and the voice of a caller add to every sound.

    With the stock starting value half of all words are lost on a telephone line. The mean of an
    utterance's first second, worked out before the search begins, gives most of them back; the
    caller's earlier utterances make it steadier.
    """

    def __init__(self) -> None:
        self._callers: OrderedDict[str, _Known] = OrderedDict()

    def learn(self, decoder: Any, stock: str, wide: bytes, caller: str) -> str:
        """The mean for this audio, in the form that ``set_cmn`` takes."""
        heard = _measure(decoder, stock, wide)
        before = self._callers.get(caller) if caller else None
        if before is not None:
            heard = _Known(heard.total + before.total, heard.frames + before.frames)
        if heard.frames < 10:
            return stock
        if caller:
            self._remember(caller, _Known(heard.total * _MEMORY, heard.frames * _MEMORY))
        return ",".join(f"{value:.4f}" for value in heard.total / heard.frames)

    def _remember(self, caller: str, known: _Known) -> None:
        self._callers[caller] = known
        self._callers.move_to_end(caller)
        while len(self._callers) > _CALLERS:
            self._callers.popitem(last=False)


def _measure(decoder: Any, stock: str, wide: bytes) -> _Known:
    """Sum of the cepstra: the decoder's live mean, solved for what this audio added to it."""
    frames = max(len(wide) // BYTES_PER_FRAME - 2, 0)
    told = _numbers(stock)
    decoder.set_cmn(stock)
    decoder.start_utt()
    decoder.process_raw(wide, True, False)
    updated = _numbers(decoder.get_cmn(True))
    decoder.end_utt()
    return _Known(updated * (_WINDOW_FRAMES + frames) - told * _WINDOW_FRAMES, float(frames))


def _numbers(text: str) -> NDArray[np.float64]:
    return np.array([float(value) for value in text.split(",")])


class Search:
    """Runs one utterance after another on a decoder."""

    def __init__(self, decoder: Any, *, general: bool) -> None:
        self._decoder, self._general = decoder, general
        self._running = False

    def begin(self, level: str) -> None:
        """Starts an utterance, at this level of the line."""
        self.stop()
        self._decoder.set_cmn(level)
        self._decoder.start_utt()
        self._running = True

    def stop(self) -> None:
        """Ends an utterance that nobody wants."""
        if self._running:
            self._decoder.end_utt()
        self._running = False

    def feed(self, wide: bytes) -> None:
        self._decoder.process_raw(wide, False, False)

    def partial(self) -> str:
        hypothesis = self._decoder.hyp() if self._running else None
        return _clean(hypothesis.hypstr.split()) if hypothesis else ""

    def finish(self) -> Hearing:
        self.stop()
        hypothesis = self._decoder.hyp()
        if hypothesis is None or not hypothesis.hypstr:
            return NOTHING
        segments = list(self._decoder.seg())
        scale = 1 if self._general else _GRAMMAR_SHIFT
        score = scale * sum(_log(segment.ascore) for segment in segments)
        words = tuple(_word(segment) for segment in segments if segment.word[0] not in "<[+")
        text = _clean(hypothesis.hypstr.split())
        confidence = min(1.0, hypothesis.prob ** (1 / max(len(words), 1))) if self._general else 0.0
        others = self._others(text) if self._general else ()
        return Hearing(text, confidence, score, max(self._decoder.n_frames(), 1), words, others)

    def _others(self, text: str) -> tuple[str, ...]:
        likely = islice(self._decoder.nbest(), 3 * _ALTERNATIVES)
        found = [_clean(other.hypstr.split()) for other in likely if other and other.hypstr]
        return tuple(dict.fromkeys(other for other in found if other and other != text))[:_ALTERNATIVES]


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -745.0  # the smallest that a double can hold


def _bare(word: str) -> str:
    return word.partition("(")[0]


def _clean(words: Iterable[str]) -> str:
    return " ".join(_bare(word) for word in words if word[0] not in "<[+")


def _word(segment: Any) -> Word:
    confidence = min(1.0, max(0.0, float(segment.prob)))
    start, end = segment.start_frame * _FRAME_MS, (segment.end_frame + 1) * _FRAME_MS
    return Word(_bare(segment.word), confidence, start, end)
