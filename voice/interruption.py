"""Does the caller's voice stop the agent? Pure; counts audio only.

In two steps, because words come later than voice. Voice for an eighth of a second stops us at once: waiting
longer would be talking over people. When it is over, its words say whether it was meant: a cough, "mm-hmm"
or talk in the room was not, and the agent goes on with the sentence that it broke off. Where a short sound
was not clearly understood, a second hearing by a closed list tells "wait" from "right" (`SHORT_WORDS`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from models.domain import Choice, Expectation, ExpectationKind, Screen, Transcript
from voice.level import Nearness
from voice.spoken_text import words_of

PAUSE_MS: Final = 128  # of speech within the window, about as much as begins an utterance
_WINDOW_MS: Final = 480
SHORT_MS: Final = 700  # longer speech is a sentence, and was meant
# Of the recogniser's confidence: what is heard so well needs no second hearing, which too easily takes a lone
# word for agreement that was well heard as another.
_SURE: Final = 0.45
_SURE_ALONE: Final = 0.3
_CLEAR: Final = 0.3  # faint words heard so well are said to us, by a soft voice
_WORD_SURE: Final = 0.2  # of one word's confidence
_AGREEING: Final = (
    "mhm", "uh huh", "mm", "hm", "mm hm", "hm mm", "okay", "okay thanks", "okay thank you", "oh okay", "yeah",
    "yeah okay", "yeah yeah", "yes", "yep", "right", "all right", "i see", "sure", "got it", "great", "good",
    "thanks", "thank you",
)  # fmt: skip
_STOPPING: Final = (
    "wait", "stop", "no", "no no", "no no no", "hello", "hold on", "hang on", "excuse me", "sorry",
    "i'm sorry", "pardon", "what", "help", "operator", "wait a minute", "wait a second", "one moment",
    "just a minute", "hello are you there", "question", "say that again", "repeat", "repeat that",
    "what did you say", "representative", "a person", "agent", "nurse", "nope", "go back", "listen",
    "stop it", "hey", "actually",
)  # fmt: skip
SHORT_WORDS: Final = Expectation(
    ExpectationKind.CHOICE, (Choice("agrees", _AGREEING), Choice("stops us", _STOPPING)), closed=True
)
_BACKCHANNELS: Final = frozenset(
    "mm mmm hmm hm mhm uh huh um ah okay ok yeah yes yep right sure alright good great thanks i see got it"
    .split()
)  # fmt: skip
_ANSWERS: Final = frozenset("yes yeah yep no nope okay ok right sure correct neither".split())
_STOP: Final = frozenset(
    "no stop wait hold hello what sorry pardon help person human representative operator agent nope".split()
)
_EMPTY: Final = frozenset("a the and in of to it is i".split())  # what recognisers make of a cough
_ANSWERABLE: Final = frozenset({ExpectationKind.YES_NO, ExpectationKind.CHOICE})


@dataclass(slots=True)
class Interruption:
    """The caller's voice while the agent speaks one reply."""

    _window: deque[tuple[int, bool]] = field(default_factory=deque)

    def process(self, duration_ms: int, *, is_speech: bool) -> bool:
        """Whether the next stretch of caller audio stops us; what was said decides whether we go on."""
        self._window.append((duration_ms, is_speech))
        while sum(ms for ms, _ in self._window) > max(_WINDOW_MS, duration_ms):
            self._window.popleft()
        return sum(ms for ms, spoken in self._window if spoken) >= PAUSE_MS


class Meaning(Enum):
    NOTHING = auto()  # we go on
    TAKES_FLOOR = auto()
    DOUBTFUL = auto()  # a short sound, badly understood: to be heard again as one of ``SHORT_WORDS``


def meaning(
    transcript: Transcript,
    expectation: Expectation,
    screen: Screen,
    *,
    question_heard: bool,
    nearness: Nearness = Nearness.NEAR,
    speech_ms: int = SHORT_MS + 1,
) -> Meaning:
    """What words said over our voice are.

    Danger always takes the floor. A recogniser that failed heard nothing we could go by: then the caller
    is given the floor. ``speech_ms``: from the first to the last sound of it.
    """
    if screen([transcript.text, *transcript.alternatives]) or transcript.failure:
        return Meaning.TAKES_FLOOR
    words = _words(transcript.text)
    if not words or _from_afar(nearness, transcript):
        return Meaning.NOTHING
    if expectation.kind in _ANSWERABLE and (taken := _as_answer(words, question_heard=question_heard)):
        return taken
    if any(word in _STOP for word in _sure_words(transcript)):
        return Meaning.TAKES_FLOOR
    if _agrees(words):
        return Meaning.NOTHING
    sure = transcript.confidence >= (_SURE_ALONE if len(words) == 1 else _SURE)
    return Meaning.TAKES_FLOOR if sure or speech_ms > SHORT_MS else Meaning.DOUBTFUL


def stops_us(second: Transcript) -> bool:
    """Whether the second hearing, by ``SHORT_WORDS``, was more than agreement."""
    return " ".join(words_of(second.text)) not in _AGREEING


def _from_afar(nearness: Nearness, transcript: Transcript) -> bool:
    if nearness is Nearness.PERHAPS_FAR:
        return transcript.confidence < _CLEAR
    return nearness is Nearness.FAR


def _as_answer(words: Sequence[str], *, question_heard: bool) -> Meaning | None:
    """Once the question is out anything said is its answer; before that only "yes" and "no" are."""
    if question_heard:
        return Meaning.TAKES_FLOOR
    if any(word in _ANSWERS for word in words):
        return Meaning.TAKES_FLOOR if not _agrees(words) or "yes" in words else Meaning.NOTHING
    return None


def _words(text: str) -> list[str]:
    joined = text.lower().replace("-", " ")
    for phrase, word in (("all right", "alright"), ("thank you", "thanks")):
        joined = joined.replace(phrase, word)
    return joined.split()


def _sure_words(transcript: Transcript) -> list[str]:
    """The words that were heard well enough to count one by one; all where the engine does not say."""
    if not transcript.words:
        return _words(transcript.text)
    return [word.text.lower() for word in transcript.words if word.confidence >= _WORD_SURE]


def _agrees(words: Sequence[str]) -> bool:
    return all(word in _BACKCHANNELS or word in _EMPTY for word in words)
