"""Greedy decoding by CTranslate2, of the same requests and with the same results as `whisper_decoding`.

CTranslate2 decodes a batch from beginning to end, and only utterances whose windows and prompts are equally
long go together: those that wait and fit are decoded at once, the others after them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from voice.ct2_model import Ct2Model, shared
from voice.whisper_decoding import LONGER, NEARLY, Decoded, Request

_LONGEST: Final = 448  # tokens, prompt and all: what the network has places for


@dataclass(frozen=True)
class _Text:
    """A decoded text. ``logged``: natural logarithms, of the end too where it was reached.

    ``others``: before each token, the second-best one and its logarithm.
    """

    tokens: tuple[int, ...]
    logged: tuple[float, ...]
    others: tuple[tuple[int, float], ...]

    @property
    def average(self) -> float:
        """As openai-whisper takes it: the end counts as a token, also where none was reached."""
        return sum(self.logged) / (len(self.tokens) + 1)


@dataclass(eq=False)
class Job:
    """A request under way."""

    mel: NDArray[np.float32]
    before: list[int]
    limit: int
    decoded: Decoded | None = field(default=None)

    @property
    def done(self) -> bool:
        return self.decoded is not None

    def fits(self, other: Job) -> bool:
        return self.mel.shape == other.mel.shape and len(self.before) == len(other.before)


class Ct2Decoding:
    """Utterances being decoded together. Not for two threads."""

    def __init__(self, model: Ct2Model, alternatives: int = 0) -> None:
        self._model, self._alternatives = model, alternatives
        self._jobs: list[Job] = []

    def add(self, request: Request) -> Job:
        """Takes one more in; what goes wrong here concerns this one alone."""
        before = [*self._model.prompt_tokens(request.prompt), *self._model.start]
        mel = self._model.spectrogram(request.audio, request.context_s)
        job = Job(mel, before, max(1, min(request.limit, _LONGEST - len(before))))
        self._jobs.append(job)
        return job

    def advance(self) -> None:
        """Decodes the first that waits, and all others that fit beside it."""
        if not self._jobs:
            return
        group = [job for job in self._jobs if job.fits(self._jobs[0])]
        features = self._model.features(np.concatenate([job.mel for job in group]))
        results = self._generate(features, [job.before for job in group], max(job.limit for job in group))
        for at, (job, result) in enumerate(zip(group, results, strict=True)):
            best = _text(result, job.limit, self._model.end)
            others = self._branches(job, best, np.array(features)[at : at + 1])
            job.decoded = self._told(best, others, result.no_speech_prob)
            self._jobs.remove(job)

    def drop(self, job: Job) -> None:
        if job in self._jobs:
            self._jobs.remove(job)

    def result(self, job: Job) -> Decoded:
        """Of a job that is done."""
        assert job.decoded is not None
        return job.decoded

    def _generate(
        self, features: Any, before: Sequence[list[int]], limit: int, begun: Sequence[int] = ()
    ) -> list[Any]:
        """``begun``: the first tokens of the text, given; they stand in the result."""
        longest = len(before[0]) + limit
        results: list[Any] = self._model.network.generate(
            features,
            [[*each, *begun] for each in before],
            beam_size=1,
            max_length=max(longest, 2 * limit),  # it stops at half of it, too
            suppress_tokens=self._model.never,
            suppress_blank=not begun,
            return_logits_vocab=True,
            return_no_speech_prob=True,
        )
        return results

    def _branches(self, job: Job, best: _Text, features: NDArray[np.float32]) -> list[_Text]:
        """Where another word was nearly as likely as the best text's: how it goes on from there."""
        found: list[_Text] = []
        for at, (token, logged) in enumerate(best.others):
            if len(found) == self._alternatives:
                break
            chosen = best.tokens[at] if at < len(best.tokens) else self._model.end
            if best.logged[at] - logged < NEARLY and self._model.sound_different(chosen, token):
                found.append(self._branch(job, best, features, at))
        return found

    def _branch(self, job: Job, best: _Text, features: NDArray[np.float32], at: int) -> _Text:
        token, logged = best.others[at]
        limit = min(job.limit, len(best.tokens) + LONGER)
        begun = [*best.tokens[:at], token]
        found = _text(self._generate(shared(features), [job.before], limit, begun)[0], limit, self._model.end)
        return _Text(found.tokens, (*best.logged[:at], logged, *found.logged[at + 1 :]), found.others)

    def _told(self, best: _Text, others: list[_Text], no_speech: float) -> Decoded:
        model = self._model
        text = model.text_of(list(best.tokens))
        likely_first = sorted(others, key=lambda other: other.average, reverse=True)
        told = dict.fromkeys(model.text_of(list(other.tokens)) for other in likely_first)
        return Decoded(
            text,
            best.average,
            no_speech,
            best.tokens,
            best.logged[: len(best.tokens)],
            tuple(other for other in told if other and other != text),
        )


def _text(result: Any, limit: int, end: int) -> _Text:
    """What CTranslate2 decoded, cut where this utterance's own limit ends it."""
    tokens = tuple(result.sequences_ids[0][:limit])
    logits = np.array([np.array(step) for step in result.logits[0][:limit]], np.float32)
    steps, chosen = np.arange(len(logits)), [*tokens, end][: len(logits)]
    most = logits.max(-1, keepdims=True)
    total = most[:, 0] + np.log(np.exp(logits - most).sum(-1))
    logged = logits[steps, chosen] - total
    logits[steps, chosen] = -np.inf
    second = logits.argmax(-1)
    others = zip(second.tolist(), (logits[steps, second] - total).tolist(), strict=True)
    return _Text(tokens, tuple(logged.tolist()), tuple(others))
