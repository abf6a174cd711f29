"""Two ways of hearing one answer, free speech and a closed grammar: what was said, and how sure that is.

A grammar always finds something, so that its answer alone is no evidence. Dictated values (dates, digits,
letters) are sure only where both ways gave the same; on recordings of people that was the one sign
which wrong values do not share. Everything else about a dictated value is a doubt, and asked about.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from models.domain import Expectation, ExpectationKind, Transcript
from voice import carriers, completeness
from voice.endpointing import SoFar
from voice.sphinx_search import Hearing

ENGINE: Final = "pocketsphinx"
AGREED: Final = 0.9
DOUBTED: Final = 0.4  # of a dictated value that was heard in one way only
_LEAST_PROBABLE: Final = {False: 0.15, True: 0.5}  # free speech, for numbers and for letters: less is noise
_DATE_FROM: Final = 0.35  # per frame, natural log: how much better than free speech a date must fit
_LIST_FROM: Final = 0.6
_UNSURE: Final = 0.5
_CLOSED_CONFIDENCE: Final = 0.5
_DICTATED: Final = frozenset(
    {ExpectationKind.DOB, ExpectationKind.PHONE, ExpectationKind.ZIP, ExpectationKind.SPELLING}
)
_ZEROS: Final = dict.fromkeys(("oh", "o"), "zero")
_NUMBERS: Final = frozenset(
    word
    for form in (*map(carriers.cardinal, range(100)), *map(carriers.ordinal, range(1, 32)))
    for word in form.split()
) | {"hundred", "thousand", "zero", *carriers.MONTHS}
_LETTERS: Final = frozenset(carriers.LETTERS)
_LONG: Final = 6  # words; free speech of so many and hardly a number is a sentence, not a date
_HARDLY: Final = 0.2
_MOSTLY: Final = 0.6  # of the grammar's value: so many words of it make free speech a dictation too


def choose(general: Hearing, closed: Hearing, expectation: Expectation) -> Transcript:
    """The closed answer where it explains the sound, with free speech as alternative; or the reverse."""
    heard = transcript(general)
    if not closed.text:
        return doubted(heard, expectation)
    if expectation.kind in _DICTATED:
        return _dictated(general, closed, expectation)
    if closed.text == general.text:
        return replace(heard, confidence=max(heard.confidence, AGREED))
    gain = (closed.score - general.score) / closed.frames
    if general.text and (gain < _LIST_FROM or general.confidence >= _UNSURE):
        return replace(heard, alternatives=_distinct((*heard.alternatives, closed.text), heard.text))
    return _closed_first(general, closed, _CLOSED_CONFIDENCE)


def doubted(heard: Transcript, expectation: Expectation) -> Transcript:
    """A dictated value that nothing else bears out is never sure."""
    is_dictated = expectation.kind in _DICTATED
    return replace(heard, confidence=min(heard.confidence, DOUBTED)) if is_dictated else heard


def _dictated(general: Hearing, closed: Hearing, expectation: Expectation) -> Transcript:
    heard, spelled = transcript(general), expectation.kind is ExpectationKind.SPELLING
    free, fixed = value_words(general.text, spelled), value_words(closed.text, spelled)
    if free == fixed and general.confidence >= _LEAST_PROBABLE[spelled]:
        return replace(heard, confidence=max(heard.confidence, AGREED))
    if _closed_is_nearer(general, closed, expectation, len(free) / max(len(fixed), 1)):
        return _closed_first(general, closed, DOUBTED)
    is_date = expectation.kind is ExpectationKind.DOB  # then it is the second opinion, see intents
    if is_date and _is_other_speech(general, free):
        return doubted(heard, expectation)
    others = (closed.text, *heard.alternatives) if is_date else (*heard.alternatives, closed.text)
    return doubted(replace(heard, alternatives=_distinct(others, heard.text)), expectation)


def _closed_is_nearer(general: Hearing, closed: Hearing, expectation: Expectation, share: float) -> bool:
    """Of two that differ, whether the grammar's comes first: it does in digits, and in a half date."""
    if not general.text:
        return True
    if expectation.kind is ExpectationKind.DOB:
        if _is_other_speech(general, value_words(general.text, False)):
            return False
        found = completeness.so_far(general.text, expectation) is SoFar.COMPLETE
        return (closed.score - general.score) / closed.frames >= _DATE_FROM and not found
    return share >= _MOSTLY


def _is_other_speech(general: Hearing, values: tuple[str, ...]) -> bool:
    """ "Hang on, my wife's talking funny": no date is to be read from it, however well the grammar fits."""
    words = general.text.split()
    return len(words) >= _LONG and len(values) < _HARDLY * len(words)


def value_words(text: str, spelled: bool) -> tuple[str, ...]:
    """The words of a dictated value, without what callers say around it."""
    if spelled:
        return tuple(word for word in text.split() if word in _LETTERS)
    plain = (_ZEROS.get(word, word) for word in text.split())
    return tuple(word for word in plain if word in _NUMBERS)


def _closed_first(general: Hearing, closed: Hearing, confidence: float) -> Transcript:
    others = _distinct((general.text, *general.alternatives), closed.text)
    words = tuple(replace(word, confidence=confidence) for word in closed.words)
    return Transcript(closed.text, confidence, others, words, ENGINE)


def _distinct(texts: tuple[str, ...], but: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text and text != but))


def transcript(hearing: Hearing) -> Transcript:
    """One way of hearing, alone."""
    return Transcript(hearing.text, hearing.confidence, hearing.alternatives, hearing.words, ENGINE)
