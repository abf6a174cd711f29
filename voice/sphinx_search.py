"""One pocketsphinx decoder: cepstra in, a Hearing out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from models.domain import Word
from voice.acoustic_model import CEPSTRA
from voice.cepstra import FRAME_MS
from voice.language_model import ModelFiles

_CLOSED: Final[dict[str, float]] = {"topn": 8, "lw": 2.5, "wip": 0.02, "silprob": 0.05}
_NO_MEAN: Final = ",".join(["0"] * CEPSTRA)  # what arrives is level already
_GRAMMAR_SHIFT: Final = 1_024  # a grammar reports acoustic scores smaller by this
_ALTERNATIVES: Final = 4


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
        **({} if general else _CLOSED),
    )


class Search:
    """Runs one utterance after another on a decoder."""

    def __init__(self, decoder: Any, *, general: bool) -> None:
        self._decoder, self._general = decoder, general
        self._running = False

    def begin(self) -> None:
        """Starts an utterance."""
        self.stop()
        self._decoder.set_cmn(_NO_MEAN)
        self._decoder.start_utt()
        self._running = True

    def stop(self) -> None:
        """Ends an utterance that nobody wants."""
        if self._running:
            self._decoder.end_utt()
        self._running = False

    def feed(self, cepstra: bytes) -> None:
        """More of it, as :func:`voice.cepstra.lifted` writes it."""
        if cepstra:
            self._decoder.process_cep(cepstra, False, False)

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
    start, end = segment.start_frame * FRAME_MS, (segment.end_frame + 1) * FRAME_MS
    return Word(_bare(segment.word), confidence, start, end)
