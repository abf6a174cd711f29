"""Greedy decoding of several utterances side by side; each result is as if it were alone.

With 30 s of context, no prompt and no alternatives it is the package's own greedy decoding without
timestamps (whisper/decoding.py): the same tokens may not be spoken, the same sums are taken.

Where the second-best word is nearly as likely as the best, the row is copied and goes on with that one:
these are the alternatives, found in the same passes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from voice.whisper_model import WhisperModel
from voice.whisper_rows import Rows

NEARLY: Final = 1.4  # natural log: the other word is at least a quarter as likely
LONGER: Final = 4  # tokens that an alternative may run on after the best text ended


@dataclass(frozen=True)
class Request:
    """One utterance to decode: 16 kHz audio, words to expect, seconds to look at, tokens at most."""

    audio: NDArray[np.float32]
    prompt: str
    context_s: float
    limit: int


@dataclass(frozen=True)
class Decoded:
    """What one utterance became. Logarithms are natural; ``logged`` has one for each token."""

    text: str
    average_log_probability: float
    no_speech: float  # probability
    tokens: tuple[int, ...] = ()
    logged: tuple[float, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass
class _Row:
    job: Job
    limit: int
    tokens: list[int] = field(default_factory=list)
    logged: list[float] = field(default_factory=list)
    ended: bool = False

    @property
    def average(self) -> float:
        """As the package: the end counts as a token, also where none was reached."""
        return sum(self.logged) / (len(self.tokens) + 1)

    def copy(self) -> _Row:
        return _Row(self.job, self.limit, self.tokens[:], self.logged[:])

    def take(self, token: int, logged: float, end: int) -> None:
        self.logged.append(logged)
        if token == end:
            self.ended = True
            return
        self.tokens.append(token)
        self.ended = len(self.tokens) >= self.limit


class Job:
    """A request under way."""

    def __init__(self, no_speech: float, limit: int) -> None:
        self.no_speech = no_speech
        self.best = _Row(self, limit)
        self.others: list[_Row] = []

    @property
    def done(self) -> bool:
        return self.best.ended and all(row.ended for row in self.others)

    def close_in(self) -> None:
        """Once the best text is whole, the others get little more time."""
        if self.best.ended:
            for row in self.others:
                row.limit = min(row.limit, len(self.best.tokens) + LONGER)
                row.ended = row.ended or len(row.tokens) >= row.limit


class Decoding:
    """Utterances being decoded together. Not for two threads."""

    def __init__(self, model: WhisperModel, alternatives: int = 0) -> None:
        self._model, self._alternatives = model, alternatives
        self._state, self._rows = Rows(), list[_Row]()

    @torch.inference_mode()
    def add(self, request: Request) -> Job:
        """Takes one more in; what goes wrong here concerns this one alone."""
        model = self._model
        prompt = model.prompt_tokens(request.prompt)
        prefix = model.decoder.read([*prompt, *model.start], model.encode(request.audio, request.context_s))
        room = model.decoder.longest - len(prompt) - len(model.start)
        logits = model.logits(prefix.hidden[[len(prompt), -1]])
        job = Job(float(logits[0].softmax(-1)[model.no_speech]), max(1, min(request.limit, room)))
        self._state.join(prefix)
        self._rows.append(job.best)
        self._go_on(logits[1:], [len(self._rows) - 1])
        return job

    @torch.inference_mode()
    def advance(self) -> None:
        """One more token for each row. Finished jobs leave: see ``Job.done``."""
        if self._rows:
            hidden = self._model.decoder.step([row.tokens[-1] for row in self._rows], self._state)
            self._go_on(self._model.logits(hidden), range(len(self._rows)))

    def drop(self, job: Job) -> None:
        self._keep([at for at, row in enumerate(self._rows) if row.job is not job])

    def _go_on(self, logits: torch.Tensor, places: range | list[int]) -> None:
        """Chooses the next token of the rows at ``places``; ended rows leave, alternatives come."""
        model = self._model
        logits[:, model.never] = -torch.inf
        for at, place in enumerate(places):
            if not self._rows[place].tokens:
                logits[at, model.never_first] = -torch.inf
        best, total = logits.max(-1), logits.logsumexp(-1)
        logged = (best.values - total).tolist()
        tokens = best.indices.tolist()
        copies = self._branches(logits, total, tokens, logged, places)
        for at, place in enumerate(places):
            self._rows[place].take(tokens[at], logged[at], model.end)
        self._branch(copies)
        for row in list(self._rows):
            row.job.close_in()
        if any(row.ended for row in self._rows):
            self._keep([at for at, row in enumerate(self._rows) if not row.ended])

    def _branches(
        self,
        logits: torch.Tensor,
        total: torch.Tensor,
        tokens: list[int],
        logged: list[float],
        places: range | list[int],
    ) -> list[tuple[int, _Row]]:
        """Copies of rows, each with the other word, and the places they were copied from."""
        if not self._alternatives:
            return []
        found = []
        logits.scatter_(1, torch.tensor(tokens)[:, None], -torch.inf)
        second = logits.max(-1)
        others = (second.values - total).tolist()
        for at, place in enumerate(places):
            row, token = self._rows[place], int(second.indices[at])
            if row is not row.job.best or len(row.job.others) >= self._alternatives:
                continue
            if logged[at] - others[at] < NEARLY and self._model.sound_different(tokens[at], token):
                copy = row.copy()
                copy.take(token, others[at], self._model.end)
                row.job.others.append(copy)
                found.append((place, copy))
        return found

    def _branch(self, copies: list[tuple[int, _Row]]) -> None:
        if copies:
            self._state.keep([*range(len(self._rows)), *(place for place, _ in copies)])
            self._rows += [row for _, row in copies]

    def _keep(self, which: list[int]) -> None:
        self._state.keep(which)
        self._rows = [self._rows[at] for at in which]

    def result(self, job: Job) -> Decoded:
        """Of a job that is done."""
        best, model = job.best, self._model
        text = model.text_of(best.tokens)
        likely_first = sorted(job.others, key=lambda row: row.average, reverse=True)
        others = dict.fromkeys(model.text_of(row.tokens) for row in likely_first)
        return Decoded(
            text,
            best.average,
            job.no_speech,
            tuple(best.tokens),
            tuple(best.logged[: len(best.tokens)]),
            tuple(other for other in others if other and other != text),
        )


def decode(model: WhisperModel, request: Request, alternatives: int = 0) -> Decoded:
    """One utterance, alone."""
    decoding = Decoding(model, alternatives)
    job = decoding.add(request)
    while not job.done:
        decoding.advance()
    return decoding.result(job)
