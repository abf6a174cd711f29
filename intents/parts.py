"""Two wishes in one breath: a long sentence is also read part by part, cut where wishes are joined.

Over a whole sentence the louder wish drowns the other ("I'm out of my pills and I still have that cough").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from intents.head import Scored
from models.domain import Intent

MOST_PARTS = 4  # a bound on time: further ones are left to the whole sentence
LEAST_WORDS = 3  # of a part
SURE = 0.7  # least probability of a part's wish; chosen on the families held out
_JOINTS = re.compile(r"\b(?:and|also|plus|but)\b", re.IGNORECASE)
# A part alone is no evidence for these: cut short, much sounds like a courtesy or like nothing of ours.
_NOT_FROM_A_PART = frozenset(
    {
        Intent.OUT_OF_SCOPE,
        Intent.GREETING,
        Intent.GOODBYE,
        Intent.AFFIRM,
        Intent.DENY,
        Intent.DONT_KNOW,
        Intent.WAIT,
        Intent.REPEAT,
        Intent.HUMAN_AGENT,
    }
)


def parts(text: str) -> list[str]:
    """The parts that may hold a wish each; none where there is nothing to cut."""
    found = [part.strip() for part in _JOINTS.split(text)]
    long_enough = [part for part in found if len(part.split()) >= LEAST_WORDS]
    return long_enough[:MOST_PARTS] if len(long_enough) > 1 else []


def with_parts(whole: Scored, read: Sequence[Scored]) -> Scored:
    """The whole sentence's wishes, and those that a part is sure of. Nobody's caller stays nobody's."""
    if not whole.intents or whole.intents[0][0] is Intent.OUT_OF_SCOPE:
        return whole
    found = dict(whole.intents)
    for intent, probability in (part.intents[0] for part in read if part.intents):
        if probability >= SURE and intent not in _NOT_FROM_A_PART:
            found.setdefault(intent, probability)
    return replace(whole, intents=tuple(found.items()))
