"""More training sentences from the corpus: recogniser noise, openers, two wishes in one, bare values.

Every choice comes from a hash of the sentence, so that the same corpus makes the same set.
"""

from __future__ import annotations

import hashlib
import heapq
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from intents.corpus import Example
from intents.corpus.templates import default_lists, fillings
from models.domain import ExpectationKind, Intent
from words.phonetic import similarity
from words.tokens import words

Kind = ExpectationKind
_ANSWERS = (Intent.AFFIRM, Intent.DENY)
_ANSWER_KINDS = (Kind.YES_NO, Kind.YES_NO, Kind.CHOICE, Kind.OPEN)
_ASIDE_KINDS = (Kind.OPEN, Kind.OPEN, Kind.OPEN, Kind.YES_NO, Kind.CHOICE, Kind.DRUG, Kind.NAME, Kind.DOB)
_OPENERS = (
    "um", "yes hi", "hello", "hi there", "uh yeah", "good morning", "yeah so", "well", "okay so", "oh hi",
    "hi i'm calling because", "yes i was wondering", "excuse me", "hi this is susan miller",
    "my name is robert jones and",
)  # fmt: skip
_JOINTS = (
    "and", "and", "and also", "also", "oh and", "and i was wondering", "plus", "and while i have you", "then",
    "while i'm at it", "one more thing", "",
)  # fmt: skip
_VALUES = {
    "dob": Kind.DOB, "dob_numbers": Kind.DOB, "phone": Kind.PHONE, "zip": Kind.ZIP, "day": Kind.OPEN,
    "time": Kind.CHOICE, "name": Kind.NAME, "drug": Kind.DRUG, "pharmacy": Kind.OPEN, "strength": Kind.DRUG,
    "provider": Kind.CHOICE, "spelling": Kind.SPELLING, "number": Kind.NUMBER,
}  # fmt: skip
_TOPICS = {  # of families that name a value
    "names": Kind.NAME, "name": Kind.NAME, "who": Kind.NAME, "births": Kind.DOB, "birth": Kind.DOB,
    "numbers": Kind.NUMBER, "digits": Kind.NUMBER, "drugs": Kind.DRUG, "drug": Kind.DRUG,
    "times": Kind.CHOICE, "time": Kind.CHOICE, "choices": Kind.CHOICE, "pick": Kind.CHOICE,
    "providers": Kind.CHOICE, "doctor": Kind.CHOICE,
}  # fmt: skip
_VALUE_LEADS = ("", "", "it's ", "uh ", "that's ", "the ")
_NOISE_RATE = 0.18  # of words changed in a noisy copy
EPOCH_NOISE = (0.1, 0.18, 0.28)  # the same for what an epoch shows: the network is to be ready for worse
_MISHEARD, _BEHIND_OPENER = 0.25, 0.2  # of an epoch's sentences; of the latter half are misheard as well
_PAIRED = 3  # every third wish comes with another
_COMPARED = 300  # words that a misheard one is compared with
_NEAR = 3  # of them it may be taken for


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence and the kind of question that it answers."""

    text: str
    kind: Kind
    intents: tuple[Intent, ...]
    family: str


def epoch_rows(corpus: Sequence[Example], epoch: int) -> list[Row]:
    """Each sentence once, as this epoch's dice will have it: plain, misheard or behind an opener. Beside
    them second wishes and bare values."""
    vocabulary = vocabulary_of(corpus)
    dice = f"epoch {epoch}"
    rows = [_met(example, vocabulary, dice) for example in corpus]
    return [*rows, *_pairs(corpus, dice), *_bare_values(dice)]


def vocabulary_of(corpus: Sequence[Example]) -> list[str]:
    """Words that a misheard one may become."""
    return sorted({word for example in corpus for word in words(example.text) if len(word) > 2})


def _met(example: Example, vocabulary: Sequence[str], dice: str) -> Row:
    chance = random.Random(dice_of(dice, example.text))
    text, form = example.text, chance.random()
    if form > 1 - _BEHIND_OPENER and _is_wish(example):
        text = f"{chance.choice(_OPENERS)} {text}"
    if form < _MISHEARD or form > 1 - _BEHIND_OPENER / 2:
        text = noisy(text, vocabulary, chance.choice(EPOCH_NOISE), dice) if len(words(text)) > 2 else text
    return Row(text, chance.choice(_may_be_asked(example)), example.intents, example.family)


def test_row(example: Example) -> Row:
    """A held-out sentence with the kind of question it would answer."""
    return Row(example.text, _may_be_asked(example)[0], example.intents, example.family)


def noisy(text: str, vocabulary: Sequence[str], rate: float = _NOISE_RATE, dice: str = "noise") -> str:
    """As a recogniser might write it: words lost, doubled, or replaced by some that sound alike.

    The same ``dice`` make the same errors of the same text; other dice make others.
    """
    chance = random.Random(dice_of(dice, text))
    known = tuple(vocabulary)
    heard: list[str] = []
    for word in words(text):
        if chance.random() >= rate:
            heard.append(word)
        elif chance.random() < 0.6:
            heard.append(chance.choice(_sounding_like(word, known, dice)))
        elif chance.random() < 0.3:
            heard += [word, chance.choice(vocabulary)]
    return " ".join(heard) or text


@lru_cache(maxsize=16_384)
def _sounding_like(word: str, vocabulary: tuple[str, ...], dice: str) -> tuple[str, ...]:
    """The few most alike of some hundred words; the word itself where there is no other."""
    chance = random.Random(dice_of(f"{dice} near", word))
    sample = [other for other in chance.sample(vocabulary, min(_COMPARED, len(vocabulary))) if other != word]
    return tuple(heapq.nlargest(_NEAR, sample, key=lambda other: similarity(word, other))) or (word,)


def _may_be_asked(example: Example) -> tuple[Kind, ...]:
    """The likeliest first: answers follow questions, wishes come any time."""
    if any(intent in _ANSWERS for intent in example.intents):
        return _ANSWER_KINDS
    if example.intents:
        return _ASIDE_KINDS
    return _value_kinds(re.split("[./-]", example.family))


def _value_kinds(topic: Sequence[str]) -> tuple[Kind, ...]:
    """By the words of a family's name."""
    return (next((_TOPICS[word] for word in topic if word in _TOPICS), Kind.OPEN), Kind.OPEN)


def _is_wish(example: Example) -> bool:
    courtesies = (*_ANSWERS, Intent.GREETING, Intent.GOODBYE)
    return bool(example.intents) and example.intents[0] not in courtesies


def _pairs(corpus: Sequence[Example], dice: str = "") -> Iterator[Row]:
    """Two wishes in one breath."""
    wishes = [
        e for e in corpus if len(e.intents) == 1 and e.intents[0] not in (*_ANSWERS, Intent.OUT_OF_SCOPE)
    ]
    wishes = [e for e in wishes if 3 <= len(words(e.text)) <= 14]
    chance = random.Random(dice_of(f"pairs{dice}", str(len(wishes))))
    for first in wishes[::_PAIRED]:
        second = chance.choice(wishes)
        if second.intents != first.intents:
            text = " ".join(f"{first.text} {chance.choice(_JOINTS)} {second.text}".split())
            yield Row(text, Kind.OPEN, (*first.intents, *second.intents), first.family)


def _bare_values(dice: str = "") -> Iterator[Row]:
    """Answers that ask for nothing: dates, names, numbers, drugs."""
    filled = fillings(default_lists())
    for name, kind in _VALUES.items():
        chance = random.Random(dice_of(f"values{dice}", name))
        for value in chance.sample(filled[name], min(30, len(filled[name]))):
            for asked in (kind, Kind.OPEN):
                yield Row((chance.choice(_VALUE_LEADS) + value).lower(), asked, (), f"values/{name}")


def dice_of(purpose: str, text: str) -> int:
    """A seed that depends on nothing but these words."""
    return int.from_bytes(hashlib.sha256(f"{purpose}:{text}".encode()).digest()[:8], "big")
