"""Whether an answer to a direct danger question is a clear no. Everything else counts as present."""

from __future__ import annotations

from collections.abc import Sequence

from dialog.safety.text import spoken

_NO = frozenset({"no", "nope", "nah", "negative", "never", "neither", "none", "not"})
_NO_WORDINGS = (
    ("of", "course", "not"),
    ("absolutely", "not"),
    ("definitely", "not"),
    ("i", "do", "not"),
    ("i", "am", "not"),
    ("i", "have", "not"),
    ("he", "is", "not"),
    ("she", "is", "not"),
    ("it", "is", "not"),
    ("that", "is", "not"),
)
_OPENERS = frozenset({"well", "okay", "ok", "so", "thank", "goodness", "god", "thankfully", "oh"})
# A "no" with one of these is not clear.
_DOUBTFUL = frozenset(
    "really think sure exactly but little kind sort guess maybe yes yeah yep sometimes know necessarily "
    "quite yet perhaps except just only always bit some suppose understand hear hearing".split()
)
_YES = frozenset("yes yeah yep yup uh-huh sure si right correct".split())


def is_clear_no(texts: Sequence[str]) -> bool:
    """The best alternative says a plain no, and no other alternative says yes."""
    spoken_texts = [words for text in texts if (words := spoken(text).words)]
    if not spoken_texts or not _plain_no(spoken_texts[0]):
        return False
    return not any(words[0] in _YES for words in spoken_texts)


def _plain_no(words: Sequence[str]) -> bool:
    said = list(words)
    while said and said[0] in _OPENERS:
        said.pop(0)
    if not said or _DOUBTFUL.intersection(said):
        return False
    return said[0] in _NO or tuple(said[:3]) in _NO_WORDINGS or tuple(said[:2]) in _NO_WORDINGS
