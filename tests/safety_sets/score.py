"""What the danger screen makes of the frozen sentences, as README.md says it is scored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dialog.safety import Assessment, assess
from tests.safety_sets.sets import Danger, NoDanger

Sentence = TypeVar("Sentence", Danger, NoDanger)


@dataclass(frozen=True, slots=True)
class Scored(Generic[Sentence]):
    """A sentence and what the screen found in it, said alone with no question before it."""

    sentence: Sentence
    found: Assessment

    @property
    def fires(self) -> bool:
        return self.found.flag is not None

    @property
    def asks(self) -> bool:
        """One direct question, and no alarm."""
        return self.found.flag is None and self.found.doubt is not None

    def __str__(self) -> str:
        flag, doubt = self.found.flag, self.found.doubt
        if flag is not None:
            return f"{flag.red_flag_id} {flag.disposition}"
        return f"asks {doubt.id}" if doubt is not None else "silent"


def is_caught(one: Scored[Danger]) -> bool:
    """It fires, urgently enough; a question is enough where the caller is uncertain."""
    flag, danger = one.found.flag, one.sentence
    if flag is None:
        return one.asks and danger.assertion.polarity == "uncertain"
    return danger.least == "urgent" or flag.disposition == "emergency"


def has_right_flag(one: Scored[Danger]) -> bool:
    """The flag it was written for is among those that fire."""
    return any(flag.red_flag_id == one.sentence.flag for flag in one.found.raised)


def score(sentences: Iterable[Sentence]) -> tuple[Scored[Sentence], ...]:
    """The screen's answer to every sentence."""
    return tuple(Scored(one, assess([one.text])) for one in sentences)


def is_open(text: str) -> bool:
    """Whether the sentence is in the half that was read while the lexicon was first tuned to this set."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 0


def percent(right: int, of: int) -> float:
    return 100 * right / of if of else float("nan")


def missed(scored: Sequence[Scored[Danger]]) -> list[Scored[Danger]]:
    return [one for one in scored if not is_caught(one)]


def false_alarms(scored: Sequence[Scored[NoDanger]]) -> list[Scored[NoDanger]]:
    return [one for one in scored if one.fires]
