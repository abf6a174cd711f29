"""A click taken for a word: nobody said anything. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from models.domain import Expectation, ExpectationKind, Screen, Transcript

_CLICK_MS: Final = 160  # no longer than the least that counts as speech, and a window
_SHORT_MS: Final = 1_000  # whoever spoke for longer said something: they are asked again, not ignored
_GUESSED: Final = 0.05  # of the recogniser's confidence; the shortest real words have more
_SHORT_ANSWERS: Final = frozenset({ExpectationKind.YES_NO, ExpectationKind.CHOICE})
_TOLD: Final = frozenset({ExpectationKind.OPEN, ExpectationKind.NAME, ExpectationKind.DRUG})
# Alone they say nothing. Where letters or digits are dictated "a" and "to" may be some, badly heard.
_FILLING: Final = frozenset("a the and in of to it is i for that".split())


def without_phantom(
    transcript: Transcript, expectation: Expectation, screen: Screen, *, speech_ms: int
) -> Transcript:
    """The same, or no words where a knock or a plate was heard as words that nobody would vouch for.

    A short answer that is waited for is never dropped, and danger neither.
    """
    words = transcript.text.split()
    if transcript.confidence >= _GUESSED or expectation.kind in _SHORT_ANSWERS:
        return transcript
    click = speech_ms <= _CLICK_MS and len(words) == 1
    filling = speech_ms <= _SHORT_MS and expectation.kind in _TOLD and _FILLING.issuperset(words)
    if not (click or filling) or screen([transcript.text, *transcript.alternatives]):
        return transcript
    return replace(transcript, text="", alternatives=(), words=())
