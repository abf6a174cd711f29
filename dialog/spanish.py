"""Signed Spanish wordings in the place of prescribed English ones, for callers who speak Spanish.

We do not understand Spanish: no question of a flow is in the wordings, and who presses 2 gets a person. The
dialog itself goes on in English sentences; only what is spoken changes. Section 1557 (45 CFR 92.201) asks
for a qualified person's review of critical translations, so without a signature nothing changes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from dialog import wording
from dialog.safety import spanish as signs
from dialog.sentences import sentence
from dialog.turn import Turn
from models.domain import Language, Sentence, SpanishPrompts

_WORD = re.compile(r"[a-z]+")
_GROUP = re.compile(r"\{\w+\}")  # the name of a word group
# Small words that say in which language a sentence is.
_SMALL = frozenset(
    "el la los las un una unos unas de del que mi su se le lo al esta estoy estan tengo tiene por para con"
    " muy mucho mucha mis sus yo ella nos si y en es ya pero como cuando donde hace voy va creo sigue"
    " ni".split()
)

_ENGLISH_TOO = frozenset(
    "a al abdomen con doctor ex favor hernia hi irregular late me no once pie pus rifle sale sepsis sin son"
    " terrible un ver vision vomit".split()
)


def spoken(turn: Turn, text: str) -> Sentence:
    """The sentence as it goes to the voice."""
    prompts = turn.practice.spanish
    offers = text == wording.SPANISH  # the one Spanish sentence of the English greeting
    wanted = offers or turn.known("language") == Language.SPANISH
    found = _said(prompts).get(text) if prompts and wanted else None
    if found:
        return Sentence(found, fixed=True, pace=turn.state.pace, language=Language.SPANISH)
    return sentence(text, turn.practice, turn.state.pace)


@lru_cache(maxsize=8)
def _said(prompts: SpanishPrompts) -> dict[str, str]:
    return dict(prompts.said)


def is_spanish(text: str) -> bool:
    """Whether more than half of the words are Spanish ones of the danger lexicon, or small words."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    words = _WORD.findall(plain)
    return 2 * sum(word in _words() for word in words) > len(words)


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    lists = (*signs.PHRASES.values(), *signs.GROUPS.values())
    texts = (_GROUP.sub(" ", text) for texts in lists for text in texts)
    return (frozenset(word for text in texts for word in _WORD.findall(text)) | _SMALL) - _ENGLISH_TOO
