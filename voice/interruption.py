"""Does the caller's voice stop the agent? Pure; counts audio only.

A cough is short, "mm-hmm" is agreement to go on; anything longer wants the floor. Waiting for more
than a third of a second would make the agent talk over people.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from models.domain import ExpectationKind

INTERRUPT_MS: Final = 280  # of speech within the window
_WINDOW_MS: Final = 640
_BACKCHANNEL_MS: Final = 600  # longer than this it is no mere "uh huh"
_BACKCHANNELS: Final = frozenset(
    {"mm", "mmm", "hmm", "hm", "mhm", "uh", "huh", "um", "okay", "ok", "yeah", "right", "sure"}
)
_ANSWERABLE: Final = frozenset({ExpectationKind.YES_NO, ExpectationKind.CHOICE})


class Verdict(Enum):
    KEEP_TALKING = auto()
    INTERRUPT = auto()
    ANSWER = auto()  # the question is out: these words are its answer, stop and listen


@dataclass(slots=True)
class Interruption:
    """The caller's voice while the agent speaks one reply."""

    kind: ExpectationKind = ExpectationKind.OPEN
    _window: deque[tuple[int, bool]] = field(default_factory=deque)

    def process(
        self, duration_ms: int, *, is_speech: bool, question_heard: bool = False, partial: str = ""
    ) -> Verdict:
        """What the next stretch of caller audio means.

        ``question_heard``: all of the question was played (what follows is a tail or politeness).
        ``partial``: words recognised in this speech so far, when any are known.
        """
        self._window.append((duration_ms, is_speech))
        while sum(ms for ms, _ in self._window) > max(_WINDOW_MS, duration_ms):
            self._window.popleft()
        speech_ms = sum(ms for ms, spoken in self._window if spoken)
        return self._judge(speech_ms, question_heard, partial.lower().replace("-", " ").split())

    def _judge(self, speech_ms: int, question_heard: bool, words: list[str]) -> Verdict:
        if question_heard and self.kind in _ANSWERABLE and speech_ms >= INTERRUPT_MS // 2:
            return Verdict.ANSWER
        if speech_ms < INTERRUPT_MS:
            return Verdict.KEEP_TALKING
        agreeing = bool(words) and all(word in _BACKCHANNELS for word in words)
        if agreeing and speech_ms < _BACKCHANNEL_MS:
            return Verdict.KEEP_TALKING
        return Verdict.INTERRUPT
