"""Names of medicines as a recogniser may write them, and the patients who say them; the same every run.

The noise works on the sounds that letters stand for. Each sound is kept, or with the given chance replaced by
one a telephone takes for it, lost, or followed by another; then everything is spelled by ear ("ph" as "f",
"x" as "cks") and often cut into words ("met for min"). Stressed beginnings are spared no more than ends.

Groups of trials, each patient with five medicines of the formulary's common ones:

- *no look-alikes*: every common drug said by patients who take it
- *look-alike, one taken*: of a pair of drugs taken for one another, the one that the patient takes
- *look-alike, the other said*: the one the patient does not take: it must not become the other
- *look-alikes, both taken*

The ten pairs of common drugs whose names sound most alike go in with the first group; the other pairs of the
formulary are counted apart.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from models.domain import Medicine
from words import formulary
from words.drug_table import Drug
from words.phonetic import similarity

PLAIN, OWN, OTHER, BOTH = (
    "no look-alikes",
    "look-alike, one taken",
    "look-alike, the other said",
    "look-alikes, both taken",
)
GROUPS: Final = (PLAIN, OWN, OTHER, BOTH)
_DRAWS: Final = {PLAIN: 6, OWN: 3, OTHER: 1, BOTH: 1}  # per drug, or per member of a pair
_LISTED: Final = 5
INCLUDED_PAIRS: Final = 10
_SENTENCES: Final = ("i need a refill of my {}", "{}", "the {} please", "it's {}", "can i get more {}")
# Sounds by their usual letters, longest first, and what a telephone takes each for.
_SOUNDS: Final = re.compile(r"ph|th|sh|ch|qu|ck|cy|ce|ci|ee|oo|ou|au|ai|ea|ie|oi|ue|yl|[a-z]", re.IGNORECASE)
_CONFUSED: Final = {
    "p": "b t k", "b": "p d v", "t": "d k p", "d": "t b g", "k": "t g", "c": "k t g", "g": "k d",
    "f": "th s v", "v": "b f th", "s": "f z th sh", "z": "s v", "th": "f s", "sh": "s ch", "ch": "sh j",
    "j": "ch g", "m": "n", "n": "m l", "l": "r n w", "r": "l w", "w": "r l", "x": "s k", "ph": "th s p",
    "a": "e o u", "e": "i a", "i": "e a", "o": "a u", "u": "o a", "y": "e i", "h": "",
}  # fmt: skip
_VOWELS: Final = "aeiou"
_BY_EAR: Final = (
    ("ph", "f"),
    ("x", "cks"),
    ("qu", "kw"),
    ("y", "i"),
    ("ck", "k"),
    ("ce", "se"),
    ("ci", "si"),
)
_RESPELLED, _CUT, _ADDED = 0.4, 0.35, 0.15


@dataclass(frozen=True, slots=True)
class Said:
    """``is_included``: it counts for the target; the pairs beyond the ten closest do not."""

    group: str
    is_included: bool
    text: str
    drug: str  # the generic
    medicines: tuple[Medicine, ...]


def trials(noise: float, *, quick: bool = False, seed: str = "drugs") -> Iterator[Said]:
    """All trials with this share of sounds misheard."""
    common = [drug for drug in formulary.all_drugs() if formulary.is_common(drug.generic)]
    chance = random.Random(f"{seed} {noise}")
    for drug in common[:: 8 if quick else 1]:
        for _ in range(_DRAWS[PLAIN]):
            yield _said(PLAIN, drug, [drug], _others(drug, common, chance), noise, chance)
    for rank, (one, other) in enumerate(pairs(common)):
        for said, second in ((one, other), (other, one)):
            for group, listed in ((OWN, [said]), (OTHER, [second]), (BOTH, [said, second])):
                for _ in range(_DRAWS[group]):
                    others = _others(said, common, chance)
                    yield _said(group, said, listed, others, noise, chance, is_included=rank < INCLUDED_PAIRS)


def pairs(common: Sequence[Drug]) -> list[tuple[Drug, Drug]]:
    """Common drugs that are taken for one another, those whose names sound most alike first."""
    by_name = {drug.generic: drug for drug in common}
    found = [
        (drug, by_name[other])
        for drug in common
        for other in sorted(formulary.confusables(drug.generic))
        if other in by_name and drug.generic < other
    ]
    return sorted(found, key=lambda pair: -similarity(pair[0].generic, pair[1].generic))


def _others(drug: Drug, common: Sequence[Drug], chance: random.Random) -> list[Drug]:
    """What else the patient takes: nothing that is taken for the drug, and no combination with it."""
    alike = {*formulary.confusables(drug.generic), drug.generic}
    words = set(drug.generic.split())
    fitting = [
        other for other in common if other.generic not in alike and not words & set(other.generic.split())
    ]
    return chance.sample(fitting, _LISTED)


def _said(
    group: str,
    drug: Drug,
    listed: Sequence[Drug],
    others: Sequence[Drug],
    noise: float,
    chance: random.Random,
    *,
    is_included: bool = True,
) -> Said:
    taken = [*listed, *others][:_LISTED]
    chance.shuffle(taken)
    name = drug.generic if not drug.brands or chance.random() < 0.5 else drug.brands[0].lower()
    text = chance.choice(_SENTENCES).format(misheard(name, noise, chance))
    medicines = tuple(Medicine(f"o{at}", one.generic, one.generic) for at, one in enumerate(taken))
    return Said(group, is_included, text, drug.generic, medicines)


def misheard(name: str, noise: float, chance: random.Random) -> str:
    """A name through a recogniser that gets this share of its sounds wrong."""
    words = [_word(word, noise, chance) for word in name.replace("-", " ").split()]
    return " ".join(word for word in words if word)


def _word(word: str, noise: float, chance: random.Random) -> str:
    sounds = _SOUNDS.findall(word)
    heard = "".join(_sound(sound, noise, chance) for sound in sounds)
    if chance.random() < _RESPELLED:
        for written, by_ear in _BY_EAR:
            heard = heard.replace(written, by_ear)
    return _cut(heard, chance) if chance.random() < _CUT and len(heard) >= 6 else heard


def _sound(sound: str, noise: float, chance: random.Random) -> str:
    if chance.random() >= noise:
        return sound
    if chance.random() < _ADDED:
        return sound + chance.choice(_VOWELS + "nrst")
    others = _CONFUSED.get(sound, _CONFUSED.get(sound[0], "")).split()
    is_lost = chance.random() < (0.35 if sound[0] in _VOWELS else 0.2)
    return "" if is_lost or not others else chance.choice(others)


def _cut(word: str, chance: random.Random) -> str:
    """Into two or three words, between a vowel and a consonant."""
    places = [at for at in range(2, len(word) - 2) if word[at - 1] in _VOWELS and word[at] not in _VOWELS]
    chosen = sorted(chance.sample(places, min(len(places), chance.choice((1, 1, 2)))))
    ends = [0, *chosen, len(word)]
    return " ".join(word[first:last] for first, last in pairwise(ends))
