"""Does the caller's voice stop the agent? Pure; counts audio only.

In two steps, because words come later than voice. Voice for a fifth of a second stops us at once: waiting
longer would be talking over people. When it is over, its words say whether it was meant: a cough, "mm-hmm"
or talk in the room was not, and the agent goes on with the sentence that it broke off.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from models.domain import Expectation, ExpectationKind, Screen, Transcript

PAUSE_MS: Final = 160  # of speech within the window
ANSWER_MS: Final = 128  # the same when the question is out and an answer is due
SIDE_TALK_DB: Final = 10.0  # quieter than the caller's usual voice: not said to us
_WINDOW_MS: Final = 480
_BACKCHANNELS: Final = frozenset(
    "mm mmm hmm hm mhm uh huh um ah oh okay ok yeah yes yep right sure alright good great thanks i see got it"
    .split()
)  # fmt: skip
_ANSWERS: Final = frozenset("yes yeah yep no nope okay ok right sure correct neither".split())
_STOP: Final = frozenset(
    "no stop wait hold hello what sorry pardon help person human representative operator agent nope".split()
)
_EMPTY: Final = frozenset("a the and in of to it is i".split())  # what recognisers make of a cough
_ANSWERABLE: Final = frozenset({ExpectationKind.YES_NO, ExpectationKind.CHOICE})


class Verdict(Enum):
    KEEP_TALKING = auto()
    PAUSE = auto()  # stop at once; what was said decides whether to go on
    ANSWER = auto()  # the question is out: these words are its answer, stop and listen


@dataclass(slots=True)
class Interruption:
    """The caller's voice while the agent speaks one reply."""

    kind: ExpectationKind = ExpectationKind.OPEN
    _window: deque[tuple[int, bool]] = field(default_factory=deque)

    def process(self, duration_ms: int, *, is_speech: bool, question_heard: bool = False) -> Verdict:
        """What the next stretch of caller audio means.

        ``question_heard``: all of the question was played (what follows is a tail or politeness).
        """
        self._window.append((duration_ms, is_speech))
        while sum(ms for ms, _ in self._window) > max(_WINDOW_MS, duration_ms):
            self._window.popleft()
        speech_ms = sum(ms for ms, spoken in self._window if spoken)
        if question_heard and self.kind in _ANSWERABLE and speech_ms >= ANSWER_MS:
            return Verdict.ANSWER
        return Verdict.PAUSE if speech_ms >= PAUSE_MS else Verdict.KEEP_TALKING


def meant(
    transcript: Transcript, expectation: Expectation, screen: Screen, *, question_heard: bool, quiet: bool
) -> bool:
    """Whether words said over our voice take the floor.

    Danger always does. ``quiet``: clearly quieter than the caller speaks to us. A recogniser that failed
    heard nothing we could go by: then the caller is given the floor.
    """
    if screen([transcript.text, *transcript.alternatives]) or transcript.failure:
        return True
    words = transcript.text.lower().replace("-", " ").split()
    if quiet or all(word in _EMPTY for word in words):
        return False
    if expectation.kind in _ANSWERABLE and any(word in _ANSWERS for word in words):
        return question_heard or _decided(words)
    return any(word in _STOP for word in words) or not _agrees(words)


def _decided(words: Sequence[str]) -> bool:
    """Before the question is out "okay" and "yeah" are courtesy; "no" and "yes" are not."""
    return not _agrees(words) or "yes" in words


def _agrees(words: Sequence[str]) -> bool:
    return all(word in _BACKCHANNELS or word in _EMPTY for word in words)
